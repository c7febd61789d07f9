/** @file `npm start`: builds and runs the tour, passing its arguments on. */
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./lib.mjs";

await build("examples");
const tour = join(root, "examples", "dist", "tour", "main.js");
const { code } = await run(process.execPath, [tour, ...process.argv.slice(2)], { show: true });
process.exitCode = code;
