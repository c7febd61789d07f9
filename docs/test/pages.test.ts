/** @file Every page of the site, and the README, runs as written: the `ts` blocks of a page are one program. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesBelow, root, runSnippet } from "./snippets.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/index.md",
  ...filesBelow("docs/learn", ".md"),
  ...filesBelow("docs/guide", ".md"),
];

for (const page of pages) {
  const path = join(root, page);
  if (!existsSync(path)) continue;
  const blocks = [...readFileSync(path, "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)];
  if (blocks.length === 0) continue;
  it(page, async () => {
    const source = blocks.map(([, code]) => code).join("\n");
    expect(await runSnippet(page.replace(/\W/g, "-"), source), "promises").toBeGreaterThan(0);
  });
}
