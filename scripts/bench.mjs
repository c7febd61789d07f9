/** @file `npm run bench`: builds and runs the benchmark, passing its arguments on. */
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./lib.mjs";

await build("bench");
const main = join(root, "bench", "dist", "main.js");
const { code } = await run(process.execPath, ["--expose-gc", main, ...process.argv.slice(2)], {
  show: true,
});
process.exitCode = code;
