/**
 * @file Text of kernels: flat indices of operands from the flat index of the result. Knows no op
 * and runs nothing.
 */

import { DeviceError } from "../../../base/errors.js";
import { formatShape, type Shape } from "../../../base/shape.js";

/** Whole numbers up to here are exact as floats. */
export const EXACT = 2 ** 24;

/** Axes to walk, innermost first; neighbours are merged where possible. */
export interface Axes {
  readonly lengths: readonly number[];
  /** For each operand, its step along each axis, in elements. */
  readonly steps: readonly (readonly number[])[];
}

/** Drops axes of length 1 and merges neighbours that every operand walks with one step. */
export function coalesce(shape: readonly number[], strides: readonly (readonly number[])[]): Axes {
  const lengths: number[] = [];
  const steps = strides.map((): number[] => []);
  for (let d = shape.length - 1; d >= 0; d--) {
    const n = shape[d] as number;
    if (n === 1) continue;
    const last = lengths.length - 1;
    const run = lengths[last] as number;
    const merges =
      last >= 0 && strides.every((s, i) => s[d] === ((steps[i] as number[])[last] as number) * run);
    if (merges) {
      lengths[last] = run * n;
    } else {
      lengths.push(n);
      for (const [i, s] of strides.entries()) steps[i]?.push(s[d] as number);
    }
  }
  return { lengths, steps };
}

/** Statements that find the place along each axis, and the names of the places. */
export interface Places {
  readonly lines: string;
  readonly names: readonly string[];
}

/**
 * Splits the flat index of this thread by `lengths`, innermost first. A thread that makes `wide`
 * neighbouring elements gets the place of the first.
 */
export function places(lengths: readonly number[], wide = 1): Places {
  const first = wide === 1 ? "this.thread.x" : `(this.thread.x * ${wide})`;
  if (lengths.length === 0) return { lines: "", names: [] };
  if (lengths.length === 1) return { lines: "", names: [first] };
  let lines = `whole k0 = ${first};\n`;
  const names: string[] = [];
  lengths.slice(0, -1).forEach((n, i) => {
    lines += divide(`k${i}`, n, `k${i + 1}`, `r${i}`);
    names.push(`r${i}`);
  });
  return { lines, names: [...names, `k${lengths.length - 1}`] };
}

/** `quotient = ⌊from / n⌋`, `rest = from − quotient · n`. */
export const divide = (from: string, n: number, quotient: string, rest: string): string =>
  `whole ${quotient}, ${rest} = ${from} / ${n};\n`;

/** Throws where places, which are kept as floats, are not exact. */
export function checkExact(op: string, size: number, shape?: Shape): void {
  if (size <= EXACT) return;
  const where = shape === undefined ? "" : ` of ${formatShape(shape)}`;
  throw new DeviceError(
    op,
    `${size} elements${where} are more than the ${EXACT} that GPU kernels count in floats`,
    'split the work along an axis, or move the tensors: await x.to("cpu")',
  );
}

/** The flat index `start + Σ place · step`. */
export function offset(names: readonly string[], steps: readonly number[], start = 0): string {
  let text = "";
  names.forEach((name, i) => {
    const step = steps[i] as number;
    if (step === 0) return;
    const term = Math.abs(step) === 1 ? name : `${name} * ${Math.abs(step)}`;
    text += step < 0 ? ` - ${term}` : text === "" ? term : ` + ${term}`;
  });
  if (text.startsWith(" - ")) return `${start}${text}`;
  if (start === 0) return text === "" ? "0" : text;
  return text === "" ? `${start}` : `${text} + ${start}`;
}

/**
 * The place of this thread in a result of [outer, middle, inner], as the whole numbers `o`, `m` and
 * `j`; `k` is its flat index.
 */
export function triple(outer: number, middle: number, inner: number): string {
  const first = "whole k = this.thread.x;\n";
  const inside = inner === 1 ? "whole q = k;\nwhole j = 0;\n" : divide("k", inner, "q", "j");
  const outside = outer === 1 ? "whole m = q;\nwhole o = 0;\n" : divide("q", middle, "o", "m");
  return first + inside + outside;
}

/** Nested loops over `lengths` (innermost first) with counters `c0`, `c1`, … around `body`. */
export function loops(lengths: readonly number[], body: string): string {
  return lengths.reduce(
    (text, n, i) => `for (let c${i} = 0; c${i} < ${n}; c${i}++) {\n${text}\n}`,
    body,
  );
}

/** Whether v is not NaN: this is the only test for NaN that works on all GPUs. */
export const isNumber = (v: string): string => `(${v} >= 0.0 || ${v} < 0.0)`;
