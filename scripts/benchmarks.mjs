/** @file `npm run benchmarks`: builds and runs the benchmarks of equivariant networks. */
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./lib.mjs";

await build("examples");
const main = join(root, "examples", "dist", "benchmarks", "main.js");
const { code } = await run(process.execPath, [main, ...process.argv.slice(2)], { show: true });
process.exitCode = code;
