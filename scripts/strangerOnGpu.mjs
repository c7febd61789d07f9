/**
 * @file The user's project adds GPU.js: only `init("gpu")` loads it, and a page with ops of one
 * kernel runs in both modes in Chromium.
 */
import { existsSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, root } from "./lib.mjs";

/** Prints a line for every module of GPU.js that Node loads. */
const trace = `
import { register } from "node:module";
const hooks = \`
import { writeSync } from "node:fs";
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (/[/]gpu[.]js[/]/.test(found.url)) writeSync(2, "loads GPU.js\\\\n");
  return found;
}\`;
register("data:text/javascript," + encodeURIComponent(hooks));`;

const started = `
import { init } from "@isograd/tensor";
await init("gpu").catch((error) => console.log(String(error)));`;

const promised = "webgl2 agrees, webgpu agrees; for the GPU more was fetched";

/** GPU.js as this repository has it: npm would also fetch 80 MB of drivers. */
function addGpuJs(app) {
  const link = join(app, "node_modules", "gpu.js");
  rmSync(link, { force: true });
  symlinkSync(realpathSync(join(root, "packages/tensor/node_modules/gpu.js")), link, "dir");
}

/** Training on the CPU does not load GPU.js although it is installed; starting the GPU does. */
async function whoLoads(app, inApp) {
  writeFileSync(join(app, "trace.mjs"), trace);
  writeFileSync(join(app, "start.mjs"), started);
  const node = (file) => inApp(file, process.execPath, ["--import", "./trace.mjs", file]);
  const [trained, asked] = [await node("run.mjs"), await node("start.mjs")];
  if (trained.includes("loads GPU.js")) throw new Error(`training on the CPU: ${trained}`);
  if (!asked.includes("loads GPU.js") || !asked.includes("no GPU mode can be started")) {
    throw new Error(`init("gpu") in Node: ${asked}`);
  }
}

/**
 * Runs the checks in the project; `inApp` runs a tool there, `titleOf` opens a page of a folder.
 */
export async function onGpu(app, { inApp, vite, titleOf }) {
  addGpuJs(app);
  await whoLoads(app, inApp);
  if (!existsSync(chromium())) return;
  const page = '<!doctype html><script type="module" src="/src/onGpu.ts"></script>';
  writeFileSync(join(app, "index.html"), page);
  const args = ["build", "--outDir", "gpu", "--target", "es2022", "--logLevel", "error"];
  await inApp("vite build with GPU.js", vite, args);
  const { chromiumFlags } = await import(join(root, "packages/testkit/dist/chromium.js"));
  const title = await titleOf("gpu", chromiumFlags);
  if (title !== promised) throw new Error(`on the GPU: ${title} instead of ${promised}`);
}
