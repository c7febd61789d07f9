/**
 * @file The tables and pictures of results on the site's page about benchmarks, between marks; a test compares.
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Report } from "./benchmark.js";
import { HERE } from "./files.js";

/** The page. */
export const PAGE = join(HERE, "..", "..", "docs", "guide", "benchmarks.md");

/** Pictures that the page shows. */
export const PICTURES = join(HERE, "..", "..", "docs", "public", "benchmarks");

/** A picture that `npm run bench -- --ponita` makes; the page shows it too. */
export const GROWTH = join(HERE, "..", "..", "bench", "results", "ponita-xeon.svg");

/** Tables as Markdown, and the pictures that stand in `PICTURES`. */
export function reportMarkdown(name: string, { tables, figures }: Report): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const written = tables
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, head, rows }) => {
      const rule = line(head.map((_, i) => (i === 0 ? "---" : "--:")));
      return [`${title}:`, "", line(head), rule, ...rows.map(line)].join("\n");
    });
  const shown = figures.map((one) => `![${one.caption}](/benchmarks/${name}-${one.name}.svg)`);
  return [...written, ...shown].join("\n\n");
}

/** The text between the marks of a benchmark; null without marks. */
export function sectionOf(page: string, name: string): string | null {
  const [from, to] = marks(page, name);
  return from < 0 || to < from ? null : page.slice(from, to).trim();
}

/** Writes the tables of a benchmark into the page. */
export async function updatePage(name: string, text: string): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  if (sectionOf(page, name) === null) return;
  await copyFile(GROWTH, join(PICTURES, basename(GROWTH)));
  const [from, to] = marks(page, name);
  await writeFile(PAGE, `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`);
}

function marks(page: string, name: string): [from: number, to: number] {
  const [open, close] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const from = page.indexOf(open);
  return [from < 0 ? -1 : from + open.length, page.indexOf(close)];
}
