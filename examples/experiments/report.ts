/**
 * @file The report of the experiments: one page, the same tables as Markdown, and the plots as
 * files.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { figure, htmlPage, htmlTable, safe } from "../shared/page.js";
import { budgetPlot, landscapePlot, ratePlot, seedPlot, sweepPlot } from "./plots.js";
import type { Results } from "./store.js";
import { asMarkdown, tablesOf } from "./tables.js";
import type { TaskName } from "./task.js";

const NAMES: readonly TaskName[] = ["language", "vision", "arithmetic"];

/** The results that exist, in the order of the report. */
export function readResults(folder: string): Results[] {
  const files = NAMES.map((name) => join(folder, `${name}.json`)).filter((file) =>
    existsSync(file),
  );
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")));
}

interface Picture {
  readonly name: string;
  readonly svg: string;
  readonly caption: string;
}

/** The plots that can be made from the results. */
export function picturesOf(results: Results): Picture[] {
  const pictures: Picture[] = [
    {
      name: `${results.task}-budgets`,
      svg: budgetPlot(results),
      caption: "Test scores by trained numbers, with standard errors over seeds.",
    },
  ];
  if (Object.keys(results.landscapes).length === 0) return pictures;
  const more: readonly [string, string, string][] = [
    ["sweep", sweepPlot(results), "GPart from a few numbers to all weights."],
    ["rates", ratePlot(results), "Adam's learning rate: do the tops of the curves meet?"],
    ["seeds", seedPlot(results), "Only the method's own seed varied; the line is the mean."],
    [
      "landscape",
      landscapePlot(results),
      "log₁₀ of the training loss around each solution, along two random directions as long.",
    ],
  ];
  return [
    ...pictures,
    ...more.map(([name, svg, caption]) => ({ name: `${results.task}-${name}`, svg, caption })),
  ];
}

/** What the base can do and what is adapted, in one sentence. */
function introduction(r: Results): string {
  const count = (n: number) => n.toLocaleString("en-US");
  const score = (100 * (r.baseScore ?? 0)).toFixed(1);
  return `The base (${r.pretrainSteps} steps): ${score} % of ${r.baseMetric}. \
Adapted: ${count(r.weights)} weights, beside a head of ${count(r.head)} numbers; ${r.steps} steps.`;
}

/** Writes index.html, tables.md and the plots; returns where the page is. */
export function writeReport(from: string, out: string): string {
  const all = readResults(from);
  mkdirSync(out, { recursive: true });
  const parts = all.map((results) => {
    const tables = tablesOf(results).map(
      (t) => `<h3>${safe(t.title)}</h3>${htmlTable(t.head, t.rows)}`,
    );
    const pictures = picturesOf(results);
    for (const { name, svg } of pictures) writeFileSync(join(out, `${name}.svg`), svg);
    const figures = pictures.map(({ svg, caption }) => figure(svg, caption));
    const text = `<p>${safe(introduction(results))}</p>`;
    return `<h2>${safe(results.title)}</h2>${text}${tables.join("")}${figures.join("")}`;
  });
  const markdown = all.map((results) => {
    const tables = tablesOf(results).map((t) => `**${t.title}**\n\n${asMarkdown(t)}\n`);
    return `## ${results.title}\n\n${introduction(results)}\n\n${tables.join("\n")}`;
  });
  writeFileSync(join(out, "tables.md"), markdown.join("\n"));
  const page = htmlPage(
    "Isograd: ways of fine-tuning",
    "A base is trained on one task and adapted to another, by methods with equally many numbers.",
    parts.join("\n"),
    "Made by <code>npm run experiments</code>.",
  );
  writeFileSync(join(out, "index.html"), page);
  return join(out, "index.html");
}
