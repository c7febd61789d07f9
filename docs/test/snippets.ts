/**
 * @file Runs the code people read. A line `expression; // → text` (the arrow is optional) promises
 * what the expression prints; `// throws text` promises an error. `…` stands for anything, white
 * space and quotes do not count.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

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

/** What a value prints as: tensors by their own `toString`, numbers and text as they are. */
export function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (Object.is(value, -0)) return "-0";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return show(Array.from(value as Uint8Array));
  if (value.toString !== Object.prototype.toString) return String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${show(field)}`);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

const squeeze = (text: string) =>
  text.replace(/"/g, "").replace(/\s+/g, " ").replace(/ ?, ?/g, ",").trim();

/** Whether `text` is what was promised, `…` standing for anything. */
export function matches(text: string, promised: string): boolean {
  const literal = (part: string) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = squeeze(promised).split("…").map(literal).join("[\\s\\S]*");
  return new RegExp(`^${pattern}$`).test(squeeze(text));
}

/** Called by rewritten code. If there is no value, a text without an arrow is a remark. @public */
export async function check(run: () => unknown, promised: string, line: string): Promise<void> {
  const [, arrow, throws, wanted = ""] = /^(→\s*)?(throws\s+)?(.*)$/s.exec(promised) ?? [];
  let printed: string;
  try {
    const value = await run();
    if (value === undefined && !arrow && !throws) return;
    printed = show(value);
    if (throws) throw new Mismatch(line, wanted, `no error, but ${printed}`);
  } catch (error) {
    if (!throws || error instanceof Mismatch) throw error;
    printed = String(error);
  }
  if (!matches(printed, wanted)) throw new Mismatch(line, wanted, printed);
}

class Mismatch extends Error {
  constructor(line: string, promised: string, printed: string) {
    super(`${line.trim()}\n  promised: ${promised}\n  printed:  ${printed}`);
  }
}

/** The promise after a statement: at the end of its line, or below it, where an arrow begins it. */
function promiseAfter(source: string, end: number): string | undefined {
  const [here = "", ...below] = source.slice(end).split("\n");
  const beside = /^\s*\/\/\s*(.+)$/.exec(here)?.[1];
  const lines = beside ? [beside] : [];
  if (!beside) {
    const first = here.trim() === "" ? /^\s*\/\/\s*(→\s*.+)$/.exec(below.shift() ?? "")?.[1] : "";
    if (!first) return undefined;
    lines.push(first);
  }
  for (const line of below) {
    const more = /^\s*\/\/ {2,}(.+)$/.exec(line)?.[1];
    if (!more) break;
    lines.push(more);
  }
  return lines.join(" ");
}

/** `console.log(a, b)` promises what it prints: `[a, b]` joined by spaces. */
function printedBy(expression: ts.Expression, source: string): string {
  const text = expression.getText();
  if (!ts.isCallExpression(expression) || expression.expression.getText() !== "console.log") {
    return text;
  }
  const parts = expression.arguments.map((part) => source.slice(part.getStart(), part.end));
  return `[${parts.join(", ")}].map(__show).join(" ")`;
}

/** Rewrites every promise of a snippet into a check. */
export function rewrite(source: string): { code: string; promises: number } {
  const file = ts.createSourceFile("snippet.ts", source, ts.ScriptTarget.ES2022, true);
  let code = "";
  let from = 0;
  let promises = 0;
  for (const statement of file.statements) {
    const promised = promiseAfter(source, statement.end);
    if (!promised || !ts.isExpressionStatement(statement)) continue;
    const start = statement.getStart();
    const value = printedBy(statement.expression, source);
    const texts = [promised, source.slice(start, statement.end)];
    const args = [`async () => (${value})`, ...texts.map((text) => JSON.stringify(text))];
    code += `${source.slice(from, start)}await __check(${args.join(", ")});`;
    from = statement.end;
    promises += 1;
  }
  return { code: code + source.slice(from), promises };
}

/** Writes a snippet as a module with its promises as checks; returns the path. */
export async function writeSnippet(snippet: Snippet, folder: string): Promise<string> {
  const { code } = rewrite(snippet.source);
  const path = join(generated, folder, `${snippet.name}.ts`);
  mkdirSync(dirname(path), { recursive: true });
  const helper = import.meta.filename.replace(/\.ts$/, ".js");
  const head = `import { check as __check, show as __show } from "${helper}";`;
  const used = "void [__check, __show];";
  writeFileSync(path, [head, used, await snippet.imports(), code, "export {};\n"].join("\n"));
  return path;
}

/** Runs a snippet; returns how many promises it kept. */
export async function runSnippet(snippet: Snippet): Promise<number> {
  await import(/* @vite-ignore */ await writeSnippet(snippet, "run"));
  return rewrite(snippet.source).promises;
}
