/**
 * @file Tables from results: scores with standard errors, and differences to GPart seed by seed.
 */
import { mean, standardError } from "../shared/statistics.js";
import { hasBudget, METHODS, type MethodName, type Study } from "./methods.js";
import { otherSchemes, sweep } from "./plan.js";
import type { Results, Run } from "./store.js";

/** A head and rows, all text. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Final runs of a study in the order of their seeds. */
function finals(results: Results, { method, d, variant }: Study): Run[] {
  return Object.values(results.runs)
    .filter((r) => r.method === method && r.d === d && r.variant === variant)
    .filter((r) => r.test !== undefined && r.methodSeed === undefined)
    .sort((a, b) => a.seed - b.seed);
}

/** Test scores of a study. */
export function scores(results: Results, study: Study): number[] {
  return finals(results, study).flatMap((run) => run.test ?? []);
}

/** Budgets that were run, from small to large. */
export function budgetsOf(results: Results): number[] {
  const found = Object.values(results.runs).filter((r) => r.method === "LoRA" && r.d > 0);
  return [...new Set(found.map((r) => r.d))].sort((a, b) => a - b);
}

/** Per cent with a standard error: `61.2 ± 0.4`. */
function percent(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const [m, e] = [100 * mean(values), 100 * standardError(values)];
  return values.length === 1 ? m.toFixed(1) : `${m.toFixed(1)} ± ${e.toFixed(1)}`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const count = (n: number): string => n.toLocaleString("en-US");

/** The study of a method at a budget; methods of fixed size have one study. */
function studyAt(method: MethodName, d: number): Study {
  return { method, d: hasBudget(method) ? d : 0 };
}

/** Test scores of all methods at all budgets. */
export function scoreTable(results: Results): Table {
  const budgets = budgetsOf(results);
  return {
    title: `${upper(results.metric)} on the test split, %`,
    head: ["", ...budgets.map((d) => `d = ${count(d)}`)],
    rows: METHODS.map((method) => [
      method,
      ...budgets.map((d, i) => {
        const cell = percent(scores(results, studyAt(method, d)));
        return hasBudget(method) || i === 0 ? cell : "″";
      }),
    ]),
  };
}

/** GPart minus each other method, in points, seed by seed. */
function pairedTable(results: Results): Table {
  const budgets = budgetsOf(results);
  const others = METHODS.filter((method) => method !== "GPart");
  return {
    title: "GPart minus the other method, seed by seed, points",
    head: ["", ...budgets.map((d) => `d = ${count(d)}`)],
    rows: others.map((method) => [
      method,
      ...budgets.map((d) => signed(differences(results, studyAt(method, d), d))),
    ]),
  };
}

/** Differences of test scores, seed by seed. */
export function differences(results: Results, other: Study, d: number): number[] {
  const theirs = new Map(finals(results, other).map((run) => [run.seed, run.test ?? Number.NaN]));
  return finals(results, { method: "GPart", d }).flatMap((run) => {
    const their = theirs.get(run.seed);
    return their === undefined ? [] : [(run.test ?? Number.NaN) - their];
  });
}

function signed(values: readonly number[]): string {
  const text = percent(values);
  return text.startsWith("-") ? text.replace("-", "−") : text === "–" ? text : `+${text}`;
}

/** The learning rate that a search chose for a study. */
function rateOf(results: Results, study: Study): number | null {
  return finals(results, study)[0]?.lr ?? null;
}

/** GPart with other partitions, beside the default one. */
function schemeTable(results: Results): Table {
  const [d = 0] = budgetsOf(results);
  const own: Study = { method: "GPart", d };
  return {
    title: `Partitions of GPart at d = ${count(d)}, ${results.metric} in %`,
    head: ["partition", "score", "default minus this one", "learning rate"],
    rows: [own, ...otherSchemes(d)].map((study) => {
      const mine = scores(results, own);
      const apart = scores(results, study).map((x, i) => (mine[i] ?? Number.NaN) - x);
      return [
        study.variant ?? "feistel-v1 (default)",
        percent(scores(results, study)),
        study.variant === undefined ? "" : signed(apart),
        String(rateOf(results, study) ?? "–"),
      ];
    }),
  };
}

/** Studies of GPart over d. */
export function sweepStudies(results: Results): Study[] {
  const all = [...sweep(results.weights).map(({ d }) => d), ...budgetsOf(results)];
  return all.sort((a, b) => a - b).map((d) => ({ method: "GPart", d }));
}

/**
 * Scores over d, with the learning rate that was best and the one that the rule of √(N/d) gives.
 */
function sweepTable(results: Results): Table {
  const { weights } = results;
  const whole = rateOf(results, { method: "GPart", d: weights });
  return {
    title: `GPart over d, ${results.metric} in %`,
    head: ["d", "d / N", "score", "learning rate", "√(N/d) times that of d = N"],
    rows: sweepStudies(results).map((study) => [
      count(study.d),
      `${((100 * study.d) / weights).toFixed(1)}\u00a0%`,
      percent(scores(results, study)),
      String(rateOf(results, study) ?? "–"),
      whole === null ? "–" : (whole * Math.sqrt(weights / study.d)).toPrecision(2),
    ]),
  };
}

/** Runs in which only the method's own seed differs. */
export function seededRuns(results: Results): Run[] {
  return Object.values(results.runs).filter((run) => run.methodSeed !== undefined);
}

/** How far scores spread over the method's own seed. */
function seedTable(results: Results): Table {
  const runs = seededRuns(results);
  const d = runs[0]?.d ?? 0;
  const methods = METHODS.filter((method) => runs.some((run) => run.method === method));
  return {
    title: `Only the method's own seed varied, d = ${count(d)}, ${results.metric} in %`,
    head: ["", "seeds", "mean", "standard deviation", "lowest", "highest"],
    rows: methods.map((method) => {
      const values = runs
        .filter((r) => r.method === method)
        .map((r) => 100 * (r.test ?? Number.NaN));
      const deviation = standardError(values) * Math.sqrt(values.length);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return [
        method,
        String(values.length),
        ...[mean(values), deviation, low, high].map((x) => x.toFixed(1)),
      ];
    }),
  };
}

/** Learning rates that the searches chose. */
function rateTable(results: Results): Table {
  const budgets = budgetsOf(results);
  return {
    title: `Learning rates chosen (the head's: ${results.headLr})`,
    head: ["", ...budgets.map((d) => `d = ${count(d)}`)],
    rows: METHODS.map((method) => [
      method,
      ...budgets.map((d, i) =>
        hasBudget(method) || i === 0 ? String(rateOf(results, studyAt(method, d)) ?? "–") : "″",
      ),
    ]),
  };
}

/** All tables of a file of results; those of GPart alone only if they were run. */
export function tablesOf(results: Results): Table[] {
  const d = budgetsOf(results)[0] ?? 0;
  const more = otherSchemes(d).some((study) => finals(results, study).length > 0);
  const first = [scoreTable(results), pairedTable(results), rateTable(results)];
  if (!more) return first;
  return [...first, schemeTable(results), sweepTable(results), seedTable(results)];
}

/** A table as Markdown. */
export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)].join(
    "\n",
  );
}
