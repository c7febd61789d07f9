/**
 * @file `npm run page`: serves the page of examples/browser; `-- build` writes it to examples/out.
 */
import { join } from "node:path";
import { root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

await setup();
const config = join(root, "examples/browser/vite.config.ts");
const vite = join(root, "examples/node_modules/.bin/vite");
const args = [...process.argv.slice(2), "--config", config];
const { code } = await run(vite, args, { cwd: join(root, "examples/browser"), show: true });
process.exitCode = code;
