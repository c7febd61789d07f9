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

const api = pages.filter((path) => path.startsWith("api/"));

/**
 * Pages of the API are made by one program, and their examples run in Node too: all are opened, and
 * every tenth stands for them where a check takes seconds.
 */
const isSample = (path: string): boolean => !api.includes(path) || api.indexOf(path) % 10 === 0;

describe.concurrent("every page", () => {
  it.each(pages)("%s", async (path) => {
    const { page, problems, loaded, close } = await visit(browser, site, path);
    try {
      problems.push(...tooMuch(path, loaded));
      if (isSample(path)) {
        problems.push(...(await overflow(page)).map((part) => `wider than a phone: ${part}`));
        problems.push(...(await barriers(page, "light")), ...(await barriers(page, "dark")));
        problems.push(...(await runAll(page)));
      }
      expect(problems.join("\n")).toBe("");
    } finally {
      await close();
    }
  });
});
