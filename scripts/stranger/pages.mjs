/** @file Pages without a bundler, in Chromium and Firefox: one file, an import map, policies. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, run } from "../lib.mjs";
import { firefox, sayIn } from "./browsers.mjs";
import { app } from "./tools.mjs";

const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const policy = (script, more = "") => ({
  ...isolated,
  "content-security-policy": `default-src 'none'; connect-src 'self'; script-src ${script}; ${more}`,
});

/** Pages: what is shown, where, with which headers, and what the page has to say. */
const tried = [
  [
    '`<script type="module">`, one file',
    "/page/index.html",
    {},
    /^Tensor\(float32, \[1\]\) \[12\]$/,
  ],
  ["import map", "/page/importmap.html", {}, /^0\.0\d$/],
  [
    "strict policy, three threads",
    "/policy.html",
    policy("'self' 'wasm-unsafe-eval'", "worker-src blob:"),
    /^3 threads, 300, 2 4, 0 warnings$/,
  ],
  [
    "policy without `worker-src blob:`: one thread, one warning",
    "/policy.html",
    policy("'self' 'wasm-unsafe-eval'"),
    /^1 threads, 300, 2 4, 1 warnings$/,
  ],
  [
    "policy without `'wasm-unsafe-eval'`: an error that names it",
    "/policy.html",
    policy("'self'", "worker-src blob:"),
    /^DeviceError: cpu: .*\n {2}help: the page's policy needs script-src 'wasm-unsafe-eval'/s,
  ],
];

/** The version of the installed Firefox. */
async function firefoxVersion() {
  return (await run(firefox(), ["--version"])).output.match(/[\d.]+\w*/)?.[0] ?? "";
}

export async function* pages() {
  const html = '<!doctype html><body><script type="module" src="/policy.mjs"></script>';
  writeFileSync(join(app, "policy.html"), html);
  const found = { Chromium: existsSync(chromium()), Firefox: existsSync(firefox()) };
  for (const environment of Object.keys(found).filter((name) => found[name])) {
    for (const [ran, path, headers, wanted] of tried) {
      const { said, version = await firefoxVersion() } = await sayIn(environment, app, {
        path,
        headers,
      });
      yield { environment, version, ran, result: wanted.test(said) ? "✓" : said };
    }
  }
}
