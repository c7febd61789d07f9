/**
 * @file `plot(…)`, a global of the site's programs: curves in one word, and everything that
 * Observable Plot draws. Gives SVG as text; who shows it is told by {@link onPicture}.
 */
import * as Plot from "@observablehq/plot";

/** Numbers: a tensor that can be read at once, or a list. */
export type Numbers = ArrayLike<number> | { toArray(): unknown };

/** Curves by their names. */
export type Named = Readonly<Record<string, Numbers>>;

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

const TEAL = "#0d9488";
/** Colours that can be told apart on white and on black. */
const range = [TEAL, "#f59e0b", "#8b5cf6", "#ef4444", "#3b82f6", "#6b7280"];
const strokeWidth = 2;

const placesFor = (ys: readonly unknown[], xs: Numbers | undefined): number[] =>
  xs === undefined ? ys.map((_, i) => i) : numbersOf(xs);

/** One line for each name. */
function curves(named: Named, xs: Numbers | undefined): Plot.PlotOptions {
  const points = Object.entries(named).flatMap(([name, values]) => {
    const ys = numbersOf(values);
    const at = placesFor(ys, xs);
    return ys.map((y, i) => ({ name, x: at[i], y }));
  });
  const marks = [Plot.lineY(points, { x: "x", y: "y", stroke: "name", strokeWidth })];
  return { marks, x: { label: null }, y: { label: null }, color: { legend: true, range } };
}

/** What a call means, as options of Observable Plot. */
function optionsOf(first: object, second: Numbers | Named | undefined): Plot.PlotOptions {
  if (isOptions(first)) return first;
  if (!isNumbers(first)) return curves(first as Named, undefined);
  if (second !== undefined && !isNumbers(second)) return curves(second, first);
  const ys = numbersOf(second ?? first);
  const at = placesFor(ys, second === undefined ? undefined : first);
  const points = ys.map((y, i) => ({ x: at[i], y }));
  const marks = [Plot.lineY(points, { x: "x", y: "y", stroke: TEAL, strokeWidth })];
  return { marks, x: { label: null }, y: { label: null } };
}

/**
 * Draws a picture: `plot(y)`, `plot(x, y)`, `plot({ name: y, … })`, `plot(x, { name: y, … })`, or
 * `plot({ marks: […] })` with marks and options of Observable Plot.
 */
export function plot(first: Numbers | Named | Plot.PlotOptions, second?: Numbers | Named): void {
  if (document === undefined) return; // nobody looks
  const given = optionsOf(first, second);
  const size = { width: 640, height: 300, grid: true };
  const style = { background: "transparent", fontSize: "12px" };
  const picture = Plot.plot({ ...size, style, ...given, document } as Plot.PlotOptions);
  seen(picture.outerHTML);
}
