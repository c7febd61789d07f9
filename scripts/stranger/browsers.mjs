/** @file Serves a folder, opens a page of it in a browser, and reads what its `<output>` says. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, root } from "../lib.mjs";

/** The Firefox of the tests; it may be missing. */
export const firefox = () => process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
const SECONDS = 60;

/** Sends what the page says to the server: Firefox is driven by nothing else. */
const REPORT = `
const timer = setInterval(() => {
  const text = document.querySelector("output")?.textContent;
  if (!text) return;
  clearInterval(timer);
  fetch("/said", { method: "POST", body: text });
}, 50);`;

/** Serves `folder`; `said` resolves to what a page reports. */
async function serve(folder, headers) {
  let tell;
  const said = new Promise((resolve) => (tell = resolve));
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (path === "/said") {
      let text = "";
      request.on("data", (more) => (text += more)).on("end", () => tell(text));
      return response.writeHead(204).end();
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const body = path === "/report.mjs" ? REPORT : existsSync(file) && readFileSync(file);
    if (body === false) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type, ...headers });
    const more = type === "text/html" ? '<script type="module" src="/report.mjs"></script>' : "";
    return response.end(more === "" ? body : `${body}${more}`);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { origin: `http://127.0.0.1:${server.address().port}`, said, server };
}

/** What a page says in Chromium, or the errors that it throws; and the browser's version. */
export async function sayInChromium(url) {
  const { chromium: driver } = await import("playwright");
  const { chromiumFlags } = await import(join(root, "packages/testkit/dist/chromium.js"));
  const browser = await driver.launch({ executablePath: chromium(), args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(url);
    const ready = () => document.querySelector("output")?.textContent;
    const found = await page
      .waitForFunction(ready, undefined, { timeout: SECONDS * 1000 })
      .then((handle) => handle.jsonValue())
      .catch(() => `nothing: ${errors.join("; ")}`);
    return { said: found, version: browser.version() };
  } finally {
    await browser.close();
  }
}

const PREFERENCES = {
  "app.normandy.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
};

async function sayInFirefox(url, said) {
  const profile = mkdtempSync(join(tmpdir(), "isograd-firefox-"));
  const lines = Object.entries(PREFERENCES).map((pair) => {
    return `user_pref(${pair.map((part) => JSON.stringify(part)).join(", ")});`;
  });
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile, url];
  const browser = spawn(firefox(), args, { stdio: "ignore" });
  const gone = new Promise((resolve) => browser.on("close", resolve));
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("nothing"), SECONDS * 1000);
  });
  try {
    return await Promise.race([said, late]);
  } finally {
    clearTimeout(timer);
    browser.kill();
    await gone;
    rmSync(profile, { recursive: true, force: true });
  }
}

/** What a page of a folder says in a browser: `{ said, version }`. */
export async function sayIn(browser, folder, { path = "/", headers = {} } = {}) {
  const { origin, said, server } = await serve(folder, headers);
  try {
    if (browser === "Chromium") return await sayInChromium(`${origin}${path}`);
    return { said: await sayInFirefox(`${origin}${path}`, said) };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
