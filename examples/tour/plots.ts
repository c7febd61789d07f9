/** @file The report's pictures, as SVG text. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { mean, standardError } from "../shared/statistics.js";
import type { Findings, Shown } from "./findings.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const base = { document, width: 640, height: 320 };

/** 0.05, not 50m. */
const plain = (x: number): string => String(Number(x.toPrecision(6)));
/** Bins of width 0.01 centred on its multiples, so that 1 is in the middle of a bin. */
const BINS = Array.from({ length: 132 }, (_, k) => (k - 0.5) / 100);

function svg(options: Plot.PlotOptions): string {
  return Plot.plot({ ...base, ...options }).outerHTML;
}

/** Training loss against time, of the models that learn. */
export function learningCurves({ learned }: Findings): string {
  const points = learned.flatMap(({ name, curve }) =>
    (curve?.points ?? []).map((p) => ({ name, seconds: p.seconds, loss: p.loss })),
  );
  return svg({
    x: { label: "seconds of training" },
    y: { type: "log", label: "training loss (MSE)", grid: true, tickFormat: plain },
    color: { legend: false },
    marks: [
      Plot.line(points, { x: "seconds", y: "loss", stroke: "name", strokeWidth: 2 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "seconds",
          y: "loss",
          z: "name",
          text: "name",
          dx: -6,
          dy: -10,
          textAnchor: "end",
        }),
      ),
    ],
    marginLeft: 56,
  });
}

/** Test error in the new world by method, with standard errors. */
export function errorByMethod({ adapted, before }: Findings): string {
  const rows = [
    ...before.map(({ name, mse }) => ({ name, mse, low: mse, high: mse, kind: "before" })),
    ...adapted.map(({ method, mse }) => {
      const [centre, error] = [mean(mse), standardError(mse)];
      return {
        name: method,
        mse: centre,
        low: centre - error,
        high: centre + error,
        kind: "after",
      };
    }),
  ];
  return svg({
    height: 60 + 34 * rows.length,
    marginLeft: 150,
    x: { type: "log", label: "test MSE (± standard error)", grid: true, tickFormat: plain },
    y: { label: null, domain: rows.map((r) => r.name) },
    color: { domain: ["before", "after"], range: ["#9aa4b2", "#3b6fd4"] },
    marks: [
      Plot.ruleY(rows, { y: "name", x1: "low", x2: "high", strokeWidth: 3, stroke: "kind" }),
      Plot.dot(rows, { y: "name", x: "mse", r: 5, fill: "kind" }),
    ],
  });
}

/** How adapting went, one line per seed. */
export function adaptationCurves({ adapted }: Findings): string {
  const points = adapted.flatMap(({ method, curves }) =>
    curves.flatMap((curve, seed) =>
      curve.points.map((p) => ({ method, run: `${method} ${seed}`, step: p.step, loss: p.loss })),
    ),
  );
  return svg({
    x: { label: "steps of adapting" },
    y: { type: "log", label: "training loss (MSE)", grid: true, tickFormat: plain },
    color: { legend: false },
    marginLeft: 56,
    marginRight: 70,
    marks: [
      Plot.line(points, { x: "step", y: "loss", z: "run", stroke: "method", strokeOpacity: 0.8 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "step",
          y: "loss",
          z: "method",
          text: "method",
          dx: 6,
          textAnchor: "start",
        }),
      ),
    ],
  });
}

/** How much each map stretches random steps. */
export function distortionHistogram({ adapted }: Findings): string {
  const ratios = adapted.flatMap(({ method, ratios: found }) =>
    found.map((ratio) => ({ method, ratio })),
  );
  const bins = { x: "ratio", fy: "method", fill: "method", thresholds: BINS };
  return svg({
    height: 90 * adapted.length,
    marginLeft: 70,
    x: { label: "‖ΔΦ‖ / ‖δ‖ of random steps (1: nothing is distorted)", domain: [0, 1.2] },
    y: { label: null, axis: null },
    fy: { label: null, domain: adapted.map((a) => a.method) },
    marks: [
      Plot.rectY(ratios, Plot.binX({ y: "count" }, bins)),
      Plot.ruleX([1], { stroke: "#9aa4b2", strokeDasharray: "3,3" }),
      Plot.ruleY([0]),
    ],
  });
}

/** Paths of the bodies of one system, seen from above, and where PONITA predicts them. */
export function trajectories(shown: Shown): string {
  const steps = shown.path.flatMap((frame) => frame.map(([x, y], body) => ({ x, y, body })));
  const last = shown.path[shown.path.length - 1] ?? [];
  const ends = last.map(([x, y], body) => ({ x, y, body }));
  const guesses = shown.predicted.map(([x, y], body) => ({ x, y, body }));
  const starts = (shown.path[0] ?? []).map(([x, y], body) => ({ x, y, body }));
  const color = (d: { body: number }): number => d.body;
  return svg({
    width: 300,
    height: 300,
    inset: 16,
    aspectRatio: 1,
    axis: null,
    color: { type: "categorical", scheme: "tableau10" },
    marks: [
      Plot.frame({ stroke: "#9aa4b2", strokeOpacity: 0.4 }),
      Plot.line(steps, { x: "x", y: "y", stroke: color, z: color, strokeWidth: 1.5 }),
      Plot.dot(starts, { x: "x", y: "y", fill: color, r: 2 }),
      Plot.dot(ends, { x: "x", y: "y", fill: color, r: 4 }),
      Plot.dot(guesses, { x: "x", y: "y", stroke: color, symbol: "times", r: 6, strokeWidth: 2 }),
    ],
  });
}
