/** @file Tensors as text, laid out as in NumPy, and as nested arrays. Reads values; knows no op. */
import type { DType, TypedArray } from "../dtype.js";
import { DeviceError, UsageError } from "../errors.js";
import { given, shown } from "../options.js";
import { contiguousStrides, formatShape, type Shape } from "../shape.js";
import { formatNumbers, type PrintOptions, padWords } from "./numbers.js";

/** A number, a boolean, or rows of them. */
export type Nested = number | boolean | Nested[];

/** What printing needs to know of a tensor. */
export interface Printable {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly device: string;
  readonly disposed: boolean;
  dataSync(): TypedArray;
  /** What is in memory, and where the elements are in it: views are not copied. */
  elements?(): Elements;
}

/** Values in memory, and the strides of a tensor's elements there. */
export interface Elements {
  readonly data: TypedArray;
  readonly strides: Shape;
}

/** The most numbers of a text. */
const MOST = 2 ** 26;

/** Values in row-major order as nested arrays; bool as booleans, a 0-d tensor as one value. */
export function toNested(data: TypedArray, shape: Shape, dtype: DType): Nested {
  const strides = contiguousStrides(shape);
  const rows = (axis: number, offset: number): Nested => {
    if (axis === shape.length) {
      const value = data[offset] as number;
      return dtype === "bool" ? value !== 0 : value;
    }
    const length = shape[axis] as number;
    const step = strides[axis] as number;
    return Array.from({ length }, (_, i) => rows(axis + 1, offset + i * step));
  };
  return rows(0, 0);
}

/**
 * A tensor as text: dtype, shape and values, as NumPy lays them out. Numbers are rounded to
 * `precision` digits after the point, in exponent form when a magnitude is ≥ 10⁸ or below 10⁻⁴;
 * tensors of more than `threshold` elements are summarised. Never throws: a tensor that cannot be
 * read, or has more than 2²⁶ numbers to show, says so.
 *
 * @example
 * formatTensor(tensor([0, 0.76159])); // Tensor(float32, [2]) [0, 0.7616]
 * formatTensor(tensor([0, 0.76159]), { precision: 1 }); // Tensor(float32, [2]) [0, 0.8]
 */
export function formatTensor(x: Printable, options?: PrintOptions): string {
  if (typeof x !== "object" || x === null || !Array.isArray(x.shape)) {
    throw new UsageError("formatTensor", `needs a tensor, got ${shown(x)}`, "String(x) prints all");
  }
  const how = checked("formatTensor", options);
  const header = `Tensor(${x.dtype}, ${formatShape(x.shape)})`;
  if (x.disposed) return `${header} (disposed)`;
  if (x.size === 0) return `${header} []`;
  const edge = x.size > (how.threshold ?? 1000) ? (how.edgeItems ?? 3) : x.size;
  const count = x.shape.reduce((all, n) => all * Math.min(n, 2 * edge), 1);
  if (count > MOST) return `${header} (${count} numbers to show)`;
  let values: Elements;
  try {
    values = x.elements?.() ?? { data: x.dataSync(), strides: contiguousStrides(x.shape) };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return `${header} (on ${x.device}: read it with await x.data())`;
  }
  const width = how.lineWidth ?? 80;
  if (x.shape.length <= 1) {
    const line = `${header} ${layOut(values, x, how, edge, false, Number.POSITIVE_INFINITY)}`;
    if (line.length <= width) return line;
  }
  return `${header}\n${layOut(values, x, how, edge, true, width)}`;
}

const LIMITS = { precision: 100, threshold: Infinity, edgeItems: Infinity, lineWidth: Infinity };

/** The options, each a whole number within its limits (or Infinity where there is none). */
function checked(op: string, options: PrintOptions | undefined): PrintOptions {
  const how = given(op, options, "precision# threshold# edgeItems# lineWidth#");
  for (const name of ["precision", "threshold", "edgeItems", "lineWidth"] as const) {
    const [value = 0, most] = [how[name], LIMITS[name]];
    if ((Number.isInteger(value) || value === most) && value >= 0 && value <= most) continue;
    throw new UsageError(op, `${name} is ${value}`, `give a whole number from 0 to ${most}`);
  }
  return how;
}

/** The bracketed values; `align` gives every number the same width, as in a table. */
function layOut(
  values: Elements,
  { shape, dtype }: Printable,
  options: PrintOptions,
  edge: number,
  align: boolean,
  width: number,
): string {
  const places = shape.map((length) => edges(length, edge));
  const texts = format(pick(values, places), dtype, options.precision ?? 4, align);
  let next = 0;
  const block = (axis: number): string => {
    if (axis === shape.length) return texts[next++] as string;
    const items = (places[axis] as readonly number[]).map((i) => (i < 0 ? "…" : block(axis + 1)));
    if (axis === shape.length - 1) return `[${wrap(items, axis + 1, width)}]`;
    const gap = "\n".repeat(shape.length - 1 - axis);
    return `[${items.join(`,${gap}${" ".repeat(axis + 1)}`)}]`;
  };
  return block(0);
}

/** Indices shown along an axis; −1 stands for those left out. */
function edges(length: number, edge: number): readonly number[] {
  if (length <= 2 * edge) return Array.from({ length }, (_, i) => i);
  const first = Array.from({ length: edge }, (_, i) => i);
  return [...first, -1, ...first.map((i) => length - edge + i)];
}

/** The shown elements, in the order in which they are printed. */
function pick({ data, strides }: Elements, places: readonly (readonly number[])[]): number[] {
  const values: number[] = [];
  const walk = (axis: number, offset: number): void => {
    if (axis === places.length) values.push(data[offset] as number);
    else {
      for (const i of places[axis] as readonly number[]) {
        if (i >= 0) walk(axis + 1, offset + i * (strides[axis] as number));
      }
    }
  };
  walk(0, 0);
  return values;
}

function format(values: number[], dtype: DType, precision: number, align: boolean): string[] {
  if (dtype === "float32" || dtype === "float64") {
    return formatNumbers(values, dtype === "float32", precision, align);
  }
  const words = values.map((x) => (dtype === "bool" ? String(x !== 0) : String(x)));
  return align ? padWords(words) : words;
}

/**
 * Joins the items of one row, in several lines when they do not fit; `indent` brackets are open.
 */
function wrap(items: readonly string[], indent: number, width: number): string {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  items.forEach((item, i) => {
    const last = i === items.length - 1;
    // The last item needs room for every bracket that may close after it, the others for a comma.
    const room = width - item.length - (last ? indent : 1);
    if (line.length > indent && line.length > room) {
      lines.push(line.trimEnd());
      line = " ".repeat(indent);
    }
    line += last ? item : `${item}, `;
  });
  return [...lines, line].join("\n").slice(indent);
}
