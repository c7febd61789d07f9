/** @file Every page of the site, and the README, runs as written and prints what it promises. */
import { expect, it } from "vitest";
import { pageSnippets } from "./pages.js";
import { runSnippet } from "./snippets.js";

for (const page of pageSnippets()) {
  it(page.where, async () => {
    expect(await runSnippet(page), "promises").toBeGreaterThan(0);
  });
}
