/** @file Finds the code of the pages: the `ts` blocks of a page are one program. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisedGraph } from "../run/promises.js";
import { filesBelow, root, type Snippet } from "./snippets.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/index.md",
  ...filesBelow("docs/learn", ".md"),
  ...filesBelow("docs/guide", ".md"),
  ...filesBelow("docs/from", ".md"),
  ...filesBelow("docs/reference", ".md"),
  ...["tensor", "autograd", "compile", "nn", "gpart", "equivariant"].map(
    (name) => `packages/${name}/README.md`,
  ),
];

/**
 * One snippet for each page with code. A block `dot` is what the expression at the end of the block
 * above it gives; the site draws it.
 */
export function pageSnippets(): Snippet[] {
  return pages.flatMap((page) => {
    const path = join(root, page);
    if (!existsSync(path)) return [];
    const blocks = [
      ...readFileSync(path, "utf8").matchAll(/^```(ts(?: node)?|dot)\n([\s\S]*?)^```/gm),
    ];
    if (blocks.length === 0) return [];
    const source = blocks
      .map(([, kind, code = ""]) => (kind === "dot" ? promisedGraph(code) : `\n${code.trimEnd()}`))
      .join("\n");
    return [{ name: page.replace(/\W/g, "-"), where: page, source, imports: async () => "" }];
  });
}
