/** @file `npm run experiments`: builds and runs the comparison of ways of fine-tuning. */
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./lib.mjs";

await build("examples");
const main = join(root, "examples", "dist", "experiments", "main.js");
const { code } = await run(process.execPath, [main, ...process.argv.slice(2)], { show: true });
process.exitCode = code;
