/** @file Folders of sources, data and results, for programs run from source or from dist. */
import { join, resolve } from "node:path";

const compiled = /[\\/]dist([\\/]benchmarks[\\/]harness)$/;

/** The folder of the benchmarks' sources. */
export const HERE = resolve(import.meta.dirname.replace(compiled, "$1"), "..");

/** The folder for files that git ignores. */
export const OUT = join(HERE, "..", "out", "benchmarks");
