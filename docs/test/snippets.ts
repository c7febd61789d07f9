/**
 * @file Runs the code people read, as the site does: `docs/run/promises.ts` says what a promise is,
 * and `docs/run/rewrite.ts` makes a check of each.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { show, verdict } from "../run/promises.js";
import { rewrite } from "../run/rewrite.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const generated = join(root, "docs", ".cache", "snippets");

/** Code that people read, and where it is. */
export interface Snippet {
  readonly name: string;
  readonly where: string;
  readonly source: string;
  /** Import lines that readers do not see. */
  readonly imports: () => Promise<string>;
}

/** Files with an ending, below a folder of the repository, by their path from its root. */
export function filesBelow(folder: string, ending: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && name !== "dist")
    .flatMap((entry) => {
      const below = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(below, ending);
      return entry.name.endsWith(ending) ? [below] : [];
    })
    .sort();
}

class Mismatch extends Error {
  constructor(line: string, promised: string, printed: string) {
    super(`${line.trim()}\n  promised: ${promised}\n  printed:  ${printed}`);
  }
}

/** What rewritten code calls; the tests of pages see no values. @public */
export const __run = {
  show,

  async check(run: () => unknown, _: number, promised: string, line: string): Promise<void> {
    const found = await verdict(run, promised);
    if (found && !found.kept) throw new Mismatch(line, found.promised, found.printed);
  },
};

function write(snippet: Snippet, folder: string, lines: readonly string[]): string {
  const path = join(generated, folder, `${snippet.name}.ts`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, [...lines, "export {};\n"].join("\n"));
  return path;
}

/** The global `plot` of the site, for code that draws. */
const plotFor = ({ source }: Snippet) =>
  /\bplot\(/.test(source) ? `import { plot } from "${join(root, "docs/run/plot.js")}";` : "";

/** Writes a snippet as it is, for the compiler; returns the path. */
export async function writeTyped(snippet: Snippet): Promise<string> {
  return write(snippet, "typed", [await snippet.imports(), plotFor(snippet), snippet.source]);
}

/** Runs a snippet; returns how many promises it kept. */
export async function runSnippet(snippet: Snippet): Promise<number> {
  const { code, promises } = rewrite(snippet.source);
  const helper = import.meta.filename.replace(/\.ts$/, ".js");
  const head = [`import { __run } from "${helper}";`, "void __run;", plotFor(snippet)];
  const path = write(snippet, "run", [...head, await snippet.imports(), code]);
  await import(/* @vite-ignore */ path);
  return promises;
}
