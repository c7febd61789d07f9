/**
 * @file The tables of docs/from: a row says what another library writes, what Isograd writes, and
 * what is different. A row whose remark begins with `*not run*` stays as text; a dash in the second
 * column says that Isograd has nothing of the kind.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./snippets.js";

/** One row of a table. */
export interface Row {
  readonly line: number;
  readonly theirs: string;
  /** Empty where Isograd has nothing of the kind. */
  readonly ours: string;
  readonly remark: string;
  readonly run: boolean;
}

/** A page with its tables. */
export interface FromPage {
  readonly name: string;
  readonly where: string;
  /** What runs before each row: the first `ts` block of the page, without its imports. */
  readonly prelude: string;
  readonly rows: readonly Row[];
}

/** The four pages, and how many rows each has at least. */
export const fromPages = { pytorch: 120, numpy: 100, jax: 70, tensorflow: 80 };

/** In order: `init` of a cell is that of nn, not that of tensor. */
const packages = ["nn", "gpart", "autograd", "compile", "tensor", "tensor/io"];

/** The code of a cell, without its backticks; `\|` is a bar. */
function codeOf(cell: string): string {
  const code = /^`(.*)`$/.exec(cell.trim())?.[1];
  return code === undefined ? "" : code.replaceAll("\\|", "|");
}

/** The rows of all tables whose first cell is code. */
export function readPage(name: string): FromPage {
  const where = `docs/from/${name}.md`;
  const text = readFileSync(join(root, where), "utf8");
  const [, first = ""] = /^```ts\n([\s\S]*?)^```/m.exec(text) ?? [];
  const rows = text.split("\n").flatMap((line, i): Row[] => {
    if (!line.startsWith("| `")) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    if (cells.length !== 3) throw new Error(`${where}:${i + 1} has ${cells.length} cells, not 3`);
    const [theirs = "", ours = "", remark = ""] = cells;
    const run = !remark.trim().startsWith("*not run*") && ours.trim() !== "—";
    const row = { line: i + 1, theirs: codeOf(theirs), ours: codeOf(ours), remark, run };
    if (row.theirs === "" || (run && row.ours === "")) {
      throw new Error(`${where}:${i + 1}: a cell that runs is code and nothing else`);
    }
    return [row];
  });
  const prelude = first.replace(/^import[\s\S]*?;\n/gm, "").trim();
  return { name, where, prelude, rows };
}

/** A function's body that ends in returning the last expression. */
function returning(code: string): string {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true);
  const last = file.statements.at(-1);
  if (last === undefined || !ts.isExpressionStatement(last)) return code;
  const value = code.slice(last.getStart(), last.end).replace(/;$/, "");
  return `${code.slice(0, last.getStart())}return (${value});`;
}

/** Writes the rows that run as functions of one module, each with the prelude; returns its path. */
export async function writePage(page: FromPage): Promise<string> {
  const functions = page.rows
    .filter(({ run }) => run)
    .map(({ ours }) => `async () => {\n${page.prelude}\n${returning(ours)}\n},`);
  const code = functions.join("\n");
  const words = new Set(code.match(/[A-Za-z_]\w*/g));
  const imports: string[] = [];
  for (const name of packages) {
    const names = Object.keys(await import(/* @vite-ignore */ `@isograd/${name}`));
    const used = names.filter(
      (x) => words.has(x) && !imports.some((line) => line.includes(` ${x},`)),
    );
    if (used.length > 0) imports.push(`import { ${used.join(", ")}, } from "@isograd/${name}";`);
  }
  const folder = join(root, "docs", ".cache", "snippets", "from");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${page.name}.ts`);
  writeFileSync(path, `${imports.join("\n")}\nexport const rows = [\n${code}\n];\n`);
  return path;
}

/** What the other library gives, by the code of its cell: made by docs/test/golden/from.*. */
export function golden(name: string): ReadonlyMap<string, unknown> {
  const path = join(root, "docs", "test", "golden", `from-${name}.json`);
  return new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, "utf8"))) : []);
}

interface Arrays {
  toArray(): unknown;
}
const isTensor = (x: object): x is Arrays => "isTensor" in x && "toArray" in x;

/** A value as plain data: tensors as nested arrays, numbers that JSON lacks as text. */
export function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object") return value;
  if (isTensor(value)) return plain(value.toArray());
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, plain);
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, part]) => [key, plain(part)]));
}

const TOLERANCE = 2e-5;

/** Whether two values are the same: numbers within the errors of float32, true as 1. */
export function alike(a: unknown, b: unknown): boolean {
  const [x, y] = [a, b].map((v) => (typeof v === "boolean" ? Number(v) : v));
  if (typeof x === "number" && typeof y === "number") {
    return Math.abs(x - y) <= TOLERANCE * (Math.abs(y) + 0.1);
  }
  if (x === null || y === null || typeof x !== "object" || typeof y !== "object") return x === y;
  const [p, q] = [Object.entries(x as object), Object.entries(y as object)];
  const other = new Map(q);
  return p.length === q.length && p.every(([key, v]) => other.has(key) && alike(v, other.get(key)));
}
