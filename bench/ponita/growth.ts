/** @file How a step's time grows with each of its sizes, and the picture of it. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { ponitaStep, type Sizes } from "./step.js";

/** The middle of every line. */
const MIDDLE: Sizes = {
  systems: 20,
  bodies: 8,
  orientations: 8,
  channels: 32,
  basis: 64,
  layers: 3,
};

const SWEEPS: Readonly<Record<string, readonly Partial<Sizes>[]>> = {
  "orientations O": [4, 8, 16, 32, 64].map((orientations) => ({ orientations })),
  "channels C": [16, 32, 64, 128, 256].map((channels) => ({ channels })),
  "layers L": [1, 2, 3, 6, 12].map((layers) => ({ layers })),
  "bodies n": [4, 8, 16, 32].map((bodies) => ({ bodies })),
};

/** One point of a line. */
export interface Growth {
  readonly sweep: string;
  readonly value: number;
  readonly ms: number;
}

/** The fastest of a few runs, after one to warm up. */
export function fastest(run: () => void, rounds: number): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Times every point of every line; calls `seen` with each. */
export function growth(rounds: number, seen: (point: Growth) => void): Growth[] {
  return Object.entries(SWEEPS).flatMap(([sweep, changes]) =>
    changes.map((change) => {
      const step = ponitaStep({ ...MIDDLE, ...change });
      const ms = fastest(step.run, rounds);
      step.free();
      const [value = Number.NaN] = Object.values(change);
      const point = { sweep, value, ms };
      seen(point);
      return point;
    }),
  );
}

/** The lines as SVG: both axes logarithmic, so that a slope of 1 is a time in proportion. */
export function growthPlot(points: readonly Growth[]): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const axes = { x: "value", y: "ms", stroke: "sweep" } as const;
  const plot = Plot.plot({
    document,
    width: 640,
    height: 360,
    marginRight: 120,
    x: {
      type: "log",
      label: "size",
      grid: true,
      ticks: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      tickFormat: "d",
    },
    y: { type: "log", label: "ms per training step", grid: true, tickFormat: "~g" },
    marks: [
      Plot.line(points, { ...axes, strokeWidth: 2 }),
      Plot.dot(points, { x: "value", y: "ms", fill: "sweep", r: 4 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "value",
          y: "ms",
          z: "sweep",
          text: "sweep",
          dx: 8,
          textAnchor: "start",
        }),
      ),
    ],
  });
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return plot.outerHTML;
}
