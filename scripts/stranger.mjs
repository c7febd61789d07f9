/**
 * @file A user's project: installs the tarballs with npm into an empty folder, imports every entry
 * point in Node, compiles under strict types, defines its own ops, bundles through Vite, and runs
 * the bundle in Chromium if there is one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { bin, chromium, root, run } from "./lib.mjs";
import { onGpu } from "./strangerOnGpu.mjs";

const app = join(root, ".cache", "pack", "app");
const promised = "Tensor(float32, [2]) [2, 4]";

/** A program that touches every entry point and computes something. */
function program(entries, argument) {
  const imports = entries.map((entry, i) => `import * as m${i} from "${entry}";`);
  const names = entries.map((_, i) => `m${i}`).join(", ");
  return [
    ...imports,
    'import { grad } from "@isograd/autograd";',
    'import { square, sum, tensor } from "@isograd/tensor";',
    `if ([${names}].some((module) => Object.keys(module).length === 0)) throw new Error("empty");`,
    `const text = grad((${argument}) => sum(square(x)))(tensor([1, 2])).toString();`,
  ].join("\n");
}

function write(entries) {
  mkdirSync(join(app, "src"), { recursive: true });
  const manifest = { name: "app", version: "1.0.0", private: true, type: "module" };
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable", "DOM"],
    module: "ESNext",
    moduleResolution: "Bundler",
    types: [],
  };
  const files = {
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": JSON.stringify({ compilerOptions, include: ["src"] }),
    "index.html": '<!doctype html><script type="module" src="/src/main.ts"></script>',
    "src/ownOps.ts": readFileSync(join(root, "scripts", "stranger", "ownOps.ts"), "utf8"),
    "src/onGpu.ts": readFileSync(join(root, "scripts", "stranger", "onGpu.ts"), "utf8"),
    "src/main.ts": [
      'import type { Tensor } from "@isograd/tensor";',
      program(entries, "x: Tensor"),
      "document.title = text;\n",
    ].join("\n"),
    "run.mjs": `${program(entries, "x")}\nconsole.log(text);\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
}

/** Runs one check in the project. */
async function inApp(what, tool, args) {
  const { code, output } = await run(tool, args, { cwd: app, env: { NODE_ENV: "production" } });
  if (code !== 0) throw new Error(`${what}\n${output}`);
  return output;
}

/** From npm's cache if possible, else from the network. */
async function install(tarballs) {
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs];
  const cached = await run("npm", [...args, "--offline"], { cwd: app });
  if (cached.code !== 0) await inApp("npm install", "npm", args);
}

/** Gzipped size of the bundle, in kB. */
function bundleSize() {
  const assets = join(app, "dist", "assets");
  const files = readdirSync(assets).map((name) => readFileSync(join(assets, name)));
  return (files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1000).toFixed(0);
}

/** Opens the bundle of a folder in Chromium and returns the title that it sets. */
async function titleInBrowser(folder, flags) {
  const { chromium: driver } = await import("playwright");
  const server = createServer((request, response) => {
    const file = join(app, folder, request.url === "/" ? "index.html" : request.url);
    const type = extname(file) === ".js" ? "text/javascript" : "text/html";
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": type }).end(readFileSync(file));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const browser = await driver.launch({ executablePath: chromium(), args: flags });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction("document.title !== ''", { timeout: 20_000 }).catch(() => {});
    return errors.join("\n") || (await page.title());
  } finally {
    await browser.close();
    server.close();
  }
}

/** Uses the tarballs; returns the size of the bundle in kB, throws on any failure. */
export async function useAsStranger(tarballs, entries) {
  write(entries);
  await install(tarballs);
  const printed = (await inApp("import in Node", process.execPath, ["run.mjs"])).trim();
  if (printed !== promised) throw new Error(`in Node: ${printed} instead of ${promised}`);
  await inApp("types", bin("tsc"), ["-p", "."]);
  const ssr = ["build", "--ssr", "src/ownOps.ts", "--outDir", "own", "--logLevel", "warn"];
  await inApp("own ops", bin("vite"), ssr);
  const own = await inApp("own ops", process.execPath, [join("own", "ownOps.js")]);
  if (!/^own ops: \d+ checks$/m.test(own)) throw new Error(own);
  await inApp("vite build", bin("vite"), ["build", "--logLevel", "warn"]);
  if (existsSync(chromium())) {
    const title = await titleInBrowser("dist", ["--no-sandbox"]);
    if (title !== promised) throw new Error(`in Chromium: ${title} instead of ${promised}`);
  }
  const size = bundleSize();
  await onGpu(app, { inApp, vite: bin("vite"), titleOf: titleInBrowser });
  return size;
}
