/** @file Finds the code of the pages: the `ts` blocks of a page are one program. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, root, type Snippet } from "./snippets.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/index.md",
  ...filesBelow("docs/learn", ".md"),
  ...filesBelow("docs/guide", ".md"),
  ...["tensor", "autograd", "nn", "gpart", "equivariant"].map(
    (name) => `packages/${name}/README.md`,
  ),
];

/** One snippet for each page with code. */
export function pageSnippets(): Snippet[] {
  return pages.flatMap((page) => {
    const path = join(root, page);
    if (!existsSync(path)) return [];
    const blocks = [...readFileSync(path, "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)];
    if (blocks.length === 0) return [];
    const source = blocks.map(([, code]) => code).join("\n");
    return [{ name: page.replace(/\W/g, "-"), where: page, source, imports: async () => "" }];
  });
}
