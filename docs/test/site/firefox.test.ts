/** @file What runs in Chromium runs in Firefox too: a lesson's first block, and the playground. By WebDriver BiDi. */
import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, serve } from "./server.js";
import { pages } from "./visit.js";

const executablePath = process.env["FIREFOX_PATH"] ?? "/usr/bin/firefox-esr";
const present = existsSync(executablePath);
if (!present) console.log(`skipped: no browser at ${executablePath} (install firefox-esr)`);

const own = ["learn/first-gradient.html", "playground.html"].filter((path) => pages.includes(path));

let browser: Browser;
let site: Served;

beforeAll(async () => {
  if (!present) return;
  site = await serve("/some deep/path/");
  browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

it("is there where it must be", () => {
  expect(present || process.env["ISOGRAD_BROWSER"] !== "required", executablePath).toBe(true);
});

it.skipIf(!present).each(own)("%s runs", async (path) => {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(site.url + path, { waitUntil: "load" });
  const wait = { timeout: 30_000 };
  const button = await page.waitForSelector("button.snippet-run", wait);
  await button?.click();
  const ended = "[data-state=done], [data-state=failed]";
  const block = await page.waitForSelector(ended, wait);
  const state = await block?.evaluate((x) => x.getAttribute("data-state"));
  const output = await page.$$eval(".snippet-output", (all) => all.map((x) => x.textContent));
  expect(problems.join("\n")).toBe("");
  expect(state, output.join("\n")).toBe("done");
  const marks = await page.$$eval(".promise", (all) => all.map((x) => x.className));
  expect(marks.length + output.join("").length).toBeGreaterThan(0);
  expect(marks.filter((name) => name.includes("broken"))).toEqual([]);
  await page.close();
});
