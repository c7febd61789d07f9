/**
 * @file Text of kernels: flat indices of operands from the flat index of the result. Knows no op
 * and runs nothing.
 */
import { DeviceError } from "../../../base/errors.js";

/** Whole numbers up to here are exact as floats; kernels compute indices in floats. */
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
 * neighbouring elements gets the place of the first. Exact below 2²⁴.
 */
export function places(op: string, lengths: readonly number[], wide = 1): Places {
  const total = lengths.reduce((n, m) => n * m, 1);
  const first = wide === 1 ? "this.thread.x" : `(this.thread.x * ${wide})`;
  if (lengths.length === 0) return { lines: "", names: [] };
  if (lengths.length === 1) return { lines: "", names: [first] };
  checkExact(op, total);
  let lines = `let k0 = ${first};\n`;
  const names: string[] = [];
  lengths.slice(0, -1).forEach((n, i) => {
    lines += divide(`k${i}`, n, `k${i + 1}`, `r${i}`);
    names.push(`r${i}`);
  });
  return { lines, names: [...names, `k${lengths.length - 1}`] };
}

/**
 * `quotient = ⌊from / n⌋`, `rest = from − quotient · n`, exact for whole numbers below 2²⁴: drivers
 * may divide with an error of 2.5 units in the last place, so the text corrects the quotient.
 */
export function divide(from: string, n: number, quotient: string, rest: string): string {
  return `let ${quotient} = Math.floor(${from} / ${n});
    let ${rest} = ${from} - ${quotient} * ${n};
    if (${rest} < 0.0) { ${quotient} = ${quotient} - 1.0; ${rest} = ${rest} + ${n}; }
    if (${rest} >= ${n}) { ${quotient} = ${quotient} + 1.0; ${rest} = ${rest} - ${n}; }\n`;
}

/** Throws where indices stored as floats are not exact. */
export function checkExact(op: string, size: number): void {
  if (size <= EXACT) return;
  throw new DeviceError(
    op,
    `${size} elements are more than the ${EXACT} that GPU kernels with computed indices can count`,
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
 * The place of this thread in a result of [outer, middle, inner], as the float variables `o`, `m`
 * and `j`.
 */
export function triple(op: string, outer: number, middle: number, inner: number): string {
  checkExact(op, outer * middle * inner);
  const whole = "let k = this.thread.x;\n";
  const inside = inner === 1 ? "let q = k;\nlet j = 0.0;\n" : divide("k", inner, "q", "j");
  const outside = outer === 1 ? "let m = q;\nlet o = 0.0;\n" : divide("q", middle, "o", "m");
  return whole + inside + outside;
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
