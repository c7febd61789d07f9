/**
 * @file The program through every bundler, with nothing configured, run in a browser: without
 * GPU.js, which is the default install, then with it.
 */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { sayIn, sayInChromium } from "./browsers.mjs";
import { PROGRAM } from "./runtimes.mjs";
import { app, inApp, tool, versionOf } from "./tools.mjs";

const PAGE = "src/page.mjs";
const RESOLVE = "@rollup/plugin-node-resolve={browser:true}";

/** How a bundle is made; `page` is the script of its page. */
const builds = {
  esbuild: { args: (out) => [PAGE, "--bundle", "--splitting", "--format=esm", `--outdir=${out}`] },
  rollup: { args: (out) => [PAGE, "-p", RESOLVE, "-p", "@rollup/plugin-commonjs", "-d", out] },
  vite: { args: (out) => ["build", "--outDir", out], page: null },
  webpack: {
    args: (out) => ["--mode", "production", "--entry", `./${PAGE}`, "-o", out],
    page: "main.js",
  },
};

const html = (script) => `<!doctype html><body><script type="module" src="${script}"></script>`;

/** What the bundle says in Chromium. */
async function bundled(name, out) {
  const { args, page = "page.js" } = builds[name];
  rmSync(join(app, out), { recursive: true, force: true });
  const told = await inApp(name, tool(name), args(out));
  if (/circular/i.test(told)) return told;
  if (page !== null) writeFileSync(join(app, out, "index.html"), html(`/${page}`));
  return (await sayIn("Chromium", join(app, out))).said;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A page of Next's app router that shows what the program says here and on the server. */
function writeNext() {
  const files = {
    "app/layout.js": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}`,
    "app/page.js": `"use client";
import { useEffect, useState } from "react";
import { program } from "../src/program.mjs";
export default function Page() {
  const [text, setText] = useState("");
  useEffect(() => {
    const there = fetch("/run").then((response) => response.text());
    Promise.all([program(), there]).then(([a, b]) => setText(a + "; " + b), (e) => setText(String(e)));
  }, []);
  return <output>{text}</output>;
}`,
    "app/run/route.js": `import { program } from "../../src/program.mjs";
export const dynamic = "force-dynamic";
export async function GET() { return new Response(await program().catch(String)); }`,
  };
  mkdirSync(join(app, "app", "run"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
}

/** Builds with Next and asks its server. */
async function throughNext(flag) {
  rmSync(join(app, ".next"), { recursive: true, force: true });
  await inApp(`next ${flag}`, tool("next"), ["build", flag]);
  const port = await freePort();
  const args = [join(app, "node_modules/next/dist/bin/next"), "start", "-p", String(port)];
  const server = spawn(process.execPath, args, { cwd: app, stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise((resolve) => server.on("close", resolve));
  try {
    await new Promise((resolve) =>
      server.stdout.on("data", (text) => /Ready/.test(text) && resolve()),
    );
    return (await sayInChromium(`http://127.0.0.1:${port}/`)).said;
  } finally {
    server.kill();
    await gone;
  }
}

export async function* bundlers(addGpuJs) {
  writeFileSync(join(app, "index.html"), html("/src/page.mjs"));
  writeNext();
  const absent = "DeviceError: install GPU.js";
  const none = /^2 4, trains, DeviceError/;
  for (const present of [false, true]) {
    if (present) addGpuJs();
    else rmSync(join(app, "node_modules", "gpu.js"), { recursive: true, force: true });
    const ran = present ? "with GPU.js: a gradient on the GPU" : "without GPU.js: builds, runs";
    const wanted = `${PROGRAM}${present ? "webgpu agrees" : absent}`;
    for (const name of Object.keys(builds)) {
      const said = await bundled(name, `out/${name}`).catch(String);
      yield {
        environment: name,
        version: versionOf(name),
        ran,
        result: said === wanted ? "✓" : said,
      };
    }
    for (const flag of ["--webpack", "--turbopack"]) {
      const said = await throughNext(flag).catch(String);
      const [here, there = ""] = said.split("; ");
      const result = here === wanted && none.test(there) ? "✓" : said;
      yield { environment: `Next.js ${flag}`, version: versionOf("next"), ran, result };
    }
  }
}
