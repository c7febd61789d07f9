/** @file Every `@example` of every package runs and prints what it promises. Public names need no import there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { filesBelow, root, runSnippet } from "./snippets.js";

/** Where names are looked up, in this order, after the file itself. */
const entries = [
  "@isograd/tensor",
  "@isograd/autograd",
  "@isograd/nn",
  "@isograd/gpart",
  "@isograd/equivariant",
  "@isograd/tensor/io",
  "@isograd/autograd/check",
  "@isograd/autograd/viz",
  "@isograd/tensor/engine",
];

interface Example {
  readonly line: number;
  readonly code: string;
}

/** The examples of a source file; those fenced as ```` ```ts no-run ```` are left out. */
function examplesIn(source: string): Example[] {
  const found: Example[] = [];
  for (const comment of source.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    const body = comment[0].replace(/^[ \t]*\/\*\*|\*\/$/g, "").replace(/^[ \t]*\* ?/gm, "");
    for (const { 0: block, 1: text, index } of body.matchAll(
      /^@example\b(.*\n[\s\S]*?)(?=^@\w|$(?![\s\S]))/gm,
    )) {
      if (/^\s*```\w* no-run/.test(text ?? block)) continue;
      const code = (text ?? "").replace(/^```.*$/gm, "").trim();
      const before = source.slice(0, comment.index) + body.slice(0, index);
      found.push({ line: before.split("\n").length, code });
    }
  }
  return found;
}

/** Imports for the public names that an example uses without importing them. */
async function importsFor(code: string, own: string): Promise<string> {
  const used = new Set(code.replace(/\/\/.*$|"[^"]*"/gm, "").match(/(?<![.\w$])[A-Za-z_$][\w$]*/g));
  const imported = code.match(/^import .*$/gm)?.join() ?? "";
  const lines: string[] = [];
  for (const entry of [own, ...entries]) {
    const names = Object.keys(await import(/* @vite-ignore */ entry));
    const wanted = names.filter((name) => used.has(name) && !imported.includes(name));
    for (const name of wanted) used.delete(name);
    if (wanted.length > 0) lines.push(`import { ${wanted.join(", ")} } from "${entry}";`);
  }
  return lines.join("\n");
}

for (const file of filesBelow("packages", ".ts").filter((path) =>
  /^packages\/\w+\/src/.test(path),
)) {
  const examples = examplesIn(readFileSync(join(root, file), "utf8"));
  if (examples.length === 0) continue;
  describe(file, () => {
    it.each(examples)("line $line", async ({ line, code }) => {
      const imports = await importsFor(code, join(root, file));
      await runSnippet(`${file.replace(/\W/g, "-")}-${line}`, code, imports);
    });
  });
}
