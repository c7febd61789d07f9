/** @file Results as a page, as SVG files, and as tables for the terminal. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figure, htmlPage, htmlTable, safe } from "../../shared/page.js";
import { table as textTable } from "../../shared/statistics.js";
import type { Benchmark, Report } from "./benchmark.js";
import type { ResultFile } from "./store.js";

/** The page of a benchmark, with all that it needs in it. */
export function reportPage(benchmark: Benchmark, file: ResultFile, report: Report): string {
  const tables = report.tables.map((t) => `<h2>${safe(t.title)}</h2>${htmlTable(t.head, t.rows)}`);
  const figures = report.figures.map((f) => figure(f.svg, f.caption));
  const footer = `Made by <code>${safe(file.command)}</code> on ${safe(file.machine)}.`;
  return htmlPage(benchmark.title, benchmark.lead, [...tables, ...figures].join("\n"), footer);
}

/** The tables as text. */
export function reportText({ tables }: Report): string {
  return tables.map((t) => `${t.title}\n\n${textTable(t.head, t.rows)}`).join("\n\n");
}

/** Writes the figures, and the page into its folder; returns the page's path. */
export async function writeReport(
  benchmark: Benchmark,
  file: ResultFile,
  folders: { readonly figures: string; readonly page: string },
): Promise<string> {
  const report = benchmark.report(file.results);
  await mkdir(folders.figures, { recursive: true });
  await mkdir(folders.page, { recursive: true });
  for (const { name, svg } of report.figures) {
    await writeFile(join(folders.figures, `${benchmark.name}-${name}.svg`), `${svg}\n`);
  }
  const page = join(folders.page, `${benchmark.name}.html`);
  await writeFile(page, reportPage(benchmark, file, report));
  return page;
}
