/**
 * @file `plot(…)`, a global of the site's programs: curves in one word, and everything that
 * Observable Plot draws. Gives SVG as text; who shows it is told by {@link onPicture}.
 */
import * as Plot from "@observablehq/plot";

/** Numbers: a tensor that can be read at once, or a list. */
export type Numbers = ArrayLike<number> | { toArray(): unknown };

let document: Document | undefined;
let seen: (svg: string) => void = () => {};

/** Says where pictures are drawn and who gets them. */
export function onPicture(own: Document, see: (svg: string) => void): void {
  document = own;
  seen = see;
}

const numbersOf = (values: Numbers): number[] =>
  "toArray" in values ? (values.toArray() as number[]) : Array.from(values);

const isOptions = (value: object): value is Plot.PlotOptions => "marks" in value;

const isNumbers = (value: object): value is Numbers => "toArray" in value || "length" in value;

/** One line for each name, over 0, 1, 2, …. */
function curves(named: Readonly<Record<string, Numbers>>): Plot.PlotOptions {
  const points = Object.entries(named).flatMap(([name, values]) =>
    numbersOf(values).map((y, x) => ({ name, x, y })),
  );
  const stroke = "name";
  const marks = [Plot.lineY(points, { x: "x", y: "y", stroke, strokeWidth: 2 })];
  return { marks, color: { legend: true } };
}

/** What a call means, as options of Observable Plot. */
function optionsOf(first: object, second: Numbers | undefined): Plot.PlotOptions {
  if (isOptions(first)) return first;
  if (!isNumbers(first)) return curves(first as Readonly<Record<string, Numbers>>);
  const ys = numbersOf(second ?? first);
  const xs = second === undefined ? ys.map((_, i) => i) : numbersOf(first);
  const points = ys.map((y, i) => ({ x: xs[i], y }));
  return { marks: [Plot.lineY(points, { x: "x", y: "y", stroke: "#0d9488", strokeWidth: 2 })] };
}

/**
 * Draws a picture: `plot(y)`, `plot(x, y)`, `plot({ name: y, … })`, or `plot({ marks: […] })` with
 * marks and options of Observable Plot.
 */
export function plot(first: Numbers | object, second?: Numbers): void {
  if (document === undefined) return; // nobody looks
  const given = optionsOf(first, second);
  const size = { width: 640, height: 300, grid: true };
  const style = { background: "transparent", fontSize: "12px" };
  const picture = Plot.plot({ ...size, style, ...given, document } as Plot.PlotOptions);
  seen(picture.outerHTML);
}
