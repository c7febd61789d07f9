/** @file Plots as SVG text that stands alone. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const style = { background: "white", color: "#1c2430", fontSize: "12px" };
const base = { document, width: 640, height: 340, style };

/** A plot as SVG text. */
export function svg(options: Plot.PlotOptions): string {
  const text = Plot.plot({ ...base, ...options }).outerHTML;
  return text.includes("xmlns=")
    ? text
    : text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

/** A point of a line that has a name. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** 0.05, not 50m. */
const plain = (x: number): string => String(Number(x.toPrecision(6)));

/** Pixels between the names of two lines. */
const LABEL_GAP = 13;

/** Lines with dots, each with its name at its end; names that would overlap move apart. */
export function lines(
  points: readonly Point[],
  x: Plot.ScaleOptions,
  y: Plot.ScaleOptions,
  dots = true,
): string {
  const channels = { x: "x", y: "y", stroke: "name" };
  const options: Plot.PlotOptions = {
    x: { tickFormat: plain, ...x },
    y: { grid: true, tickFormat: plain, ...y },
    color: { domain: [...new Set(points.map((p) => p.name))], scheme: "tableau10" },
    marginLeft: 60,
    marginRight: 140,
    marginBottom: 42,
    marks: [
      Plot.line(points, { ...channels, strokeWidth: 2 }),
      ...(dots ? [Plot.dot(points, { x: "x", y: "y", fill: "name", r: 3 })] : []),
    ],
  };
  return svg({ ...options, marks: [...(options.marks ?? []), ...names(points, options)] });
}

/** A mark for the name of each line, from the highest end to the lowest. */
function names(points: readonly Point[], options: Plot.PlotOptions): Plot.Markish[] {
  const scale = Plot.plot({ ...base, ...options }).scale("y");
  if (scale === undefined) return [];
  const last = [...new Map(points.map((p) => [p.name, p])).values()];
  const ends = last.map((point) => ({ point, at: Number(scale.apply(point.y)) }));
  let least = Number.NEGATIVE_INFINITY;
  return ends
    .sort((a, b) => a.at - b.at)
    .map(({ point, at }) => {
      least = Math.max(at, least + LABEL_GAP);
      const place = { dx: 8, dy: least - at, textAnchor: "start" as const };
      return Plot.text([point], { x: "x", y: "y", text: "name", fill: "name", ...place });
    });
}
