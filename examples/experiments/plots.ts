/** @file Plots of results, as SVG files that stand alone. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { mean, standardError } from "../shared/statistics.js";
import { hasBudget, METHODS } from "./methods.js";
import type { Results, Run } from "./store.js";
import { budgetsOf, scores, seededRuns, sweepStudies } from "./tables.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const style = { background: "white", color: "#1c2430", fontSize: "12px" };
const base = {
  document,
  width: 640,
  height: 340,
  marginBottom: 46,
  style,
};
const color = { domain: [...METHODS], scheme: "tableau10", legend: false } as const;

function svg(options: Plot.PlotOptions): string {
  const text = Plot.plot({ ...base, ...options }).outerHTML;
  return text.includes("xmlns=")
    ? text
    : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

interface Point {
  readonly method: string;
  readonly d: number;
  readonly score: number;
  readonly low: number;
  readonly high: number;
}

function point(results: Results, method: (typeof METHODS)[number], d: number, at = d): Point[] {
  const found = scores(results, { method, d }).map((x) => 100 * x);
  if (found.length === 0) return [];
  const [score, error] = [mean(found), found.length > 1 ? standardError(found) : 0];
  return [{ method, d: at, score, low: score - error, high: score + error }];
}

/** Places of labels, at least `gap` apart, close to where they belong. */
function apart(places: readonly number[], gap: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  let last = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    last = Math.max(moved[i] ?? 0, last + gap);
    moved[i] = last;
  }
  return moved;
}

/**
 * Scores against the number of trained numbers, with standard errors; head only and full as levels.
 */
export function budgetPlot(results: Results): string {
  const budgets = budgetsOf(results);
  const last = budgets.at(-1) ?? 1;
  const points = METHODS.filter(hasBudget).flatMap((method) =>
    budgets.flatMap((d) => point(results, method, d)),
  );
  const levels = METHODS.filter((m) => !hasBudget(m)).flatMap((m) => point(results, m, 0, last));
  const ends = [...points.filter((p) => p.d === last), ...levels];
  const all = [...points, ...levels].map((p) => p.score);
  const heights = apart(
    ends.map((p) => p.score),
    0.055 * (Math.max(...all) - Math.min(...all)),
  );
  const labels = ends.map((p, i) => ({ ...p, score: heights[i] }));
  const text = { x: "d", y: "score", text: "method", fill: "method", textAnchor: "start" } as const;
  return svg({
    x: {
      type: "log",
      label: "trained numbers",
      labelOffset: 40,
      ticks: budgets,
      tickFormat: String,
    },
    y: { label: `${results.metric}, %`, grid: true },
    color,
    marginRight: 80,
    marks: [
      Plot.ruleY(levels, { y: "score", stroke: "method", strokeDasharray: "4,3" }),
      Plot.line(points, { x: "d", y: "score", stroke: "method", strokeWidth: 2 }),
      Plot.ruleX(points, { x: "d", y1: "low", y2: "high", stroke: "method" }),
      Plot.dot(points, { x: "d", y: "score", fill: "method", r: 3 }),
      Plot.text(labels, { ...text, dx: 8 }),
    ],
  });
}

/** GPart's score from very few numbers to all weights. */
export function sweepPlot(results: Results): string {
  const points = sweepStudies(results).flatMap(({ d }) => point(results, "GPart", d));
  return svg({
    x: {
      type: "log",
      label: "d (the last one: every weight)",
      tickFormat: String,
      ticks: points.map((p) => p.d),
    },
    y: { label: `${results.metric}, %`, grid: true },
    marks: [
      Plot.line(points, { x: "d", y: "score", strokeWidth: 2, stroke: "#4e79a7" }),
      Plot.ruleX(points, { x: "d", y1: "low", y2: "high", stroke: "#4e79a7" }),
      Plot.dot(points, { x: "d", y: "score", fill: "#4e79a7" }),
    ],
  });
}

/**
 * Mean validation scores of the searches over lr/√(N/d): if the rule holds, the maxima coincide.
 */
export function ratePlot(results: Results): string {
  const runs = Object.values(results.runs).filter(
    (r) => r.method === "GPart" && r.variant === undefined && r.valid !== undefined,
  );
  const scores = new Map<string, Run[]>();
  for (const run of runs) {
    const key = `${run.d} ${run.lr}`;
    scores.set(key, [...(scores.get(key) ?? []), run]);
  }
  const points = [...scores.values()]
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const { d, lr } = first;
      const valid = 100 * mean(same.map((r) => r.valid ?? Number.NaN));
      return [{ d: String(d), scaled: lr / Math.sqrt(results.weights / d), valid }];
    })
    .sort((a, b) => a.scaled - b.scaled);
  const sizes = [...new Set(points.map((p) => p.d))].sort((a, b) => Number(a) - Number(b));
  return svg({
    x: { type: "log", label: "learning rate / √(N/d)", tickFormat: String },
    y: { label: `${results.metric} on the validation split, %`, grid: true },
    color: { type: "ordinal", domain: sizes, scheme: "viridis" },
    marginRight: 70,
    marks: [
      Plot.line(points, { x: "scaled", y: "valid", stroke: "d" }),
      Plot.dot(points, { x: "scaled", y: "valid", fill: "d" }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "scaled",
          y: "valid",
          z: "d",
          text: (p: { d: string }) => `d = ${p.d}`,
          dx: 6,
          textAnchor: "start",
        }),
      ),
    ],
  });
}

/** Scores of runs in which only the method's own seed differs. */
export function seedPlot(results: Results): string {
  const points = seededRuns(results).map((r) => ({
    method: r.method,
    score: 100 * (r.test ?? Number.NaN),
  }));
  return svg({
    height: 200,
    marginLeft: 80,
    x: { label: `${results.metric}, %`, grid: true },
    y: { label: null },
    color,
    marks: [
      Plot.dot(points, { x: "score", y: "method", stroke: "method", r: 5 }),
      Plot.tickX(points, Plot.groupY({ x: "mean" }, { x: "score", y: "method", strokeWidth: 2 })),
    ],
  });
}

/** The training loss around what each method found. */
export function landscapePlot(results: Results): string {
  const points = Object.values(results.landscapes).flatMap(({ method, places, loss }) =>
    loss.flatMap((line, i) =>
      line.map((z, j) => ({ method, x: places[j], y: places[i], loss: Math.log10(z) })),
    ),
  );
  return svg({
    width: 760,
    height: 300,
    x: { label: "along the first direction, in ‖θ*‖" },
    y: { label: "along the second" },
    fx: { label: null },
    color: { scheme: "viridis", legend: false, label: "log₁₀ loss" },
    marks: [
      Plot.contour(points, {
        x: "x",
        y: "y",
        fill: "loss",
        fx: "method",
        interpolate: "nearest",
        thresholds: 14,
        stroke: "white",
        strokeOpacity: 0.3,
      }),
      Plot.dot([{ x: 0, y: 0 }], { x: "x", y: "y", stroke: "white", r: 3 }),
      Plot.frame(),
    ],
  });
}
