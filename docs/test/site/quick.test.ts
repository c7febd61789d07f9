/** @file A few pages of the built site, for every change: they open below any path, can be read by all, and run. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tooMuch } from "./budgets.js";
import { type Served, serve } from "./server.js";
import { barriers, launch, overflow, pages, runAll, visit } from "./visit.js";

let browser: Browser;
let site: Served;
let other: Served;

beforeAll(async () => {
  [browser, site, other] = await Promise.all([launch(), serve("/"), serve("/some deep/path/")]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([site?.close(), other?.close()]);
});

const few = [
  "index.html",
  "learn/first-gradient.html",
  "guide/memory.html",
  "playground.html",
  pages.find((path) => path.startsWith("api/") && path !== "api/index.html") ?? "api/index.html",
].filter((path) => pages.includes(path));

describe.concurrent("the built site", () => {
  it.each(few)("%s has no fault", async (path) => {
    const { page, problems, loaded, close } = await visit(browser, site, path);
    try {
      problems.push(...tooMuch(path, loaded));
      problems.push(...(await barriers(page, "light")), ...(await barriers(page, "dark")));
      problems.push(...(await overflow(page)).map((part) => `wider than a phone: ${part}`));
      problems.push(...(await runAll(page, path.startsWith("learn") ? 2 : 1)));
      expect(problems.join("\n")).toBe("");
    } finally {
      await close();
    }
  });

  it("works below a path of two folders: links, search, the way back", async () => {
    const { page, problems, close } = await visit(browser, other, "index.html");
    try {
      await page.click(".VPHero a >> text=Your first gradient");
      await page.waitForURL(`${other.url}learn/first-gradient.html`);
      await page.click("header a >> text=API");
      await page.waitForURL(`${other.url}api/`);
      await page.goBack();
      await page.waitForURL(`${other.url}learn/first-gradient.html`);
      await page.click("button.DocSearch");
      await page.fill("input.search-input", "backward");
      await page.locator("a.result").first().click();
      await page.waitForURL((url) => url.href.includes(other.url) && url.hash !== "");
      expect(await page.locator("h1").count()).toBe(1);
      await page.reload({ waitUntil: "networkidle" });
      expect(problems.join("\n")).toBe("");
    } finally {
      await close();
    }
  });

  it("has an icon and links that work without scripts", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${other.url}guide/tensors.html`);
    await page.click("footer a, .VPDocFooter a");
    expect(page.url().startsWith(`${other.url}guide/`)).toBe(true);
    expect(await page.locator("h1").count()).toBe(1);
    await context.close();
  });
});
