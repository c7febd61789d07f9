/** @file Where the benchmarks' sources, data and results lie, whether run from source or compiled into dist. */
import { join, resolve } from "node:path";

const compiled = /[\\/]dist([\\/]benchmarks[\\/]harness)$/;

/** The folder of the benchmarks' sources. */
export const HERE = resolve(import.meta.dirname.replace(compiled, "$1"), "..");

/** The folder for what need not be kept. */
export const OUT = join(HERE, "..", "out", "benchmarks");
