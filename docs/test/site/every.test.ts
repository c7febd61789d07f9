/** @file Every page of the built site: it opens, can be read and used by all, fits a phone, and does what it promises. */
import { describe, expect, it } from "vitest";
import { tooMuch } from "./budgets.js";
import { barriers, overflow, pages, runAll, useSite } from "./visit.js";

const { open, address } = useSite("/some deep/path/");

const api = pages.filter((path) => path.startsWith("api/"));

/** Pages of the API are made by one program: the looks of every tenth stand for them all. */
const chosen = pages.filter((path) => !api.includes(path) || api.indexOf(path) % 10 === 0);
const others = api.filter((path) => !chosen.includes(path));

describe.concurrent("every page", () => {
  it.each(chosen)("%s", async (path) => {
    const { page, problems, loaded, close } = await open(path);
    try {
      problems.push(...tooMuch(path, loaded));
      problems.push(...(await overflow(page)).map((part) => `wider than a phone: ${part}`));
      problems.push(...(await barriers(page, "light")), ...(await barriers(page, "dark")));
      problems.push(...(await runAll(page)));
      expect(problems.join("\n")).toBe("");
    } finally {
      await close();
    }
  });

  const minutes = { timeout: 1_500_000 }; // a second a page, and longer on a busy machine
  it.each([0, 1, 2])("the rest of the API opens and runs, part %i of 3", minutes, async (part) => {
    const { page, problems, close } = await open("index.html");
    try {
      for (const path of others.filter((_, i) => i % 3 === part)) {
        await page.goto(address(path), { waitUntil: "load" });
        await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}));
        problems.push(...(await runAll(page)));
        expect(problems.join("\n"), path).toBe("");
        expect(await page.locator("h1").count(), path).toBe(1);
      }
    } finally {
      await close();
    }
  });
});
