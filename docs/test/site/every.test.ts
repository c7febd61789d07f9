/** @file Every page of the built site: it opens, can be read and used by all, fits a phone, and does what it promises. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tooMuch } from "./budgets.js";
import { type Served, serve } from "./server.js";
import { barriers, launch, overflow, pages, runAll, visit } from "./visit.js";

let browser: Browser;
let site: Served;

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serve("/some deep/path/")]);
});

afterAll(async () => {
  await browser.close();
  await site.close();
});

/** Pages of the reference are written by one program: some stand for all where a check takes seconds. */
const isSample = (path: string): boolean =>
  !path.startsWith("api/") || pages.filter((x) => x.startsWith("api/")).indexOf(path) % 20 === 0;

describe.concurrent("every page", () => {
  it.each(pages)("%s", async (path) => {
    const { page, problems, loaded, close } = await visit(browser, site, path);
    try {
      problems.push(...tooMuch(path, loaded));
      problems.push(...(await overflow(page)).map((part) => `wider than a phone: ${part}`));
      if (isSample(path)) {
        problems.push(...(await barriers(page, "light")), ...(await barriers(page, "dark")));
      }
      problems.push(...(await runAll(page)));
      expect(problems.join("\n")).toBe("");
    } finally {
      await close();
    }
  });
});
