/** @file Finds the `@example` blocks of the packages, with the imports they go without. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { filesBelow, root, type Snippet } from "./snippets.js";

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

/** The examples of a source; those fenced as ```` ```ts no-run ```` are left out. */
function examplesIn(source: string): Example[] {
  const found: Example[] = [];
  for (const comment of source.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    const body = comment[0].replace(/^[ \t]*\/\*\*|\*\/$/g, "").replace(/^[ \t]*\* ?/gm, "");
    const examples = body.matchAll(/^@example\b.*\n([\s\S]*?)(?=^@\w|$(?![\s\S]))/gm);
    for (const { 1: text = "", index } of examples) {
      if (/^\s*```\w* no-run/.test(text)) continue;
      const before = source.slice(0, comment.index) + body.slice(0, index);
      found.push({ line: before.split("\n").length, code: text.replace(/^```.*$/gm, "").trim() });
    }
  }
  return found;
}

/** Names that a program declares or imports itself. */
function declaredIn(code: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const { name } = node as ts.NamedDeclaration;
    const declares = ts.isVariableDeclaration(node) || ts.isBindingElement(node);
    const own = declares || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
    if ((own || ts.isImportSpecifier(node)) && name && ts.isIdentifier(name)) names.add(name.text);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022));
  return names;
}

/** Imports for the public names that an example uses without importing them. */
async function importsFor(code: string, own: string): Promise<string> {
  const bare = code.replace(/\/\/.*$|"[^"]*"/gm, "");
  const used = new Set(bare.match(/(?<![.\w$])[A-Za-z_$][\w$]*/g));
  for (const name of declaredIn(code)) used.delete(name);
  const lines: string[] = [];
  for (const entry of [own, ...entries]) {
    const names = Object.keys(await import(/* @vite-ignore */ entry));
    const wanted = names.filter((name) => used.has(name));
    for (const name of wanted) used.delete(name);
    const from = entry.replace(/\.ts$/, ".js");
    if (wanted.length > 0) lines.push(`import { ${wanted.join(", ")} } from "${from}";`);
  }
  return lines.join("\n");
}

/** Every example of a file, ready to run. */
export function exampleSnippets(file: string): Snippet[] {
  return examplesIn(readFileSync(join(root, file), "utf8")).map(({ line, code }) => ({
    name: `${file.replace(/\W/g, "-")}-${line}`,
    where: `${file}:${line}`,
    source: code,
    imports: () => importsFor(code, join(root, file)),
  }));
}

/** The sources that may hold examples. */
export const sources = filesBelow("packages", ".ts").filter((path) =>
  /^packages\/(?!testkit)\w+\/src/.test(path),
);
