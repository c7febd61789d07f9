/** @file Every page of the site, and the README, runs as written and prints what it promises. */
import { expect, it } from "vitest";
import { pageSnippets } from "./pages.js";
import { runSnippet } from "./snippets.js";

for (const page of pageSnippets()) {
  it(page.where, async () => {
    expect(await runSnippet(page), "promises").toBeGreaterThan(0);
  });
}

const trained = pageSnippets().filter(
  ({ source }) => source.includes("await fit({") && !source.includes("@isograd/compile"),
);

it.each(trained)("$where, with compiled steps", async (page) => {
  const source = page.source.replaceAll("await fit({", "await fit({ compile,");
  const imports = async () => 'import { compile } from "@isograd/compile";';
  const own = { ...page, name: `${page.name}-compiled`, source, imports };
  expect(await runSnippet(own), "promises").toBeGreaterThan(0);
});
