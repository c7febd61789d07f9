/** @file A batched matrix product in numbers: sizes and strides, for the texts of kernels. */
import { broadcastStrides } from "../../../base/shape.js";
import { coalesce } from "../gpujs/source.js";
import type { KernelOperand } from "./kernel.js";

/** Elements from one row to the next, and from one column to the next. */
export interface Strides {
  readonly row: number;
  readonly column: number;
  /** From one matrix to the next, along each axis of the batch. */
  readonly batch: readonly number[];
}

/** `c[z, i, j] = Σₗ a[z, i, l] · b[z, l, j]`. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly inner: number;
  /** Axes of the batch, innermost first. */
  readonly lengths: readonly number[];
  /** The number of matrices: the product of `lengths`. */
  readonly count: number;
  readonly a: Strides;
  readonly b: Strides;
}

export function productOf(a: KernelOperand, b: KernelOperand, shape: readonly number[]): Product {
  const batch = shape.slice(0, -2);
  const [m, n] = shape.slice(-2) as [number, number];
  const of = (x: KernelOperand) =>
    broadcastStrides(x.shape.slice(0, -2), batch, x.strides.slice(0, -2));
  const { lengths, steps } = coalesce(batch, [of(a), of(b)]);
  const strides = (x: KernelOperand, i: number): Strides => {
    const [row, column] = x.strides.slice(-2) as [number, number];
    return { row, column, batch: steps[i] as number[] };
  };
  return {
    m,
    n,
    inner: a.shape[a.shape.length - 1] as number,
    lengths,
    count: lengths.reduce((x, y) => x * y, 1),
    a: strides(a, 0),
    b: strides(b, 1),
  };
}

/** A key of everything that the text of a kernel depends on. */
export const keyOf = (p: Product): string =>
  [p.m, p.n, p.inner, p.lengths, ...[p.a, p.b].flatMap((x) => [x.row, x.column, x.batch])].join(
    "|",
  );

/**
 * Statements and expressions, in WGSL or GLSL, for the first elements of the matrices of batch `z`.
 * `declare` begins a variable; `unit` is the suffix of whole numbers.
 */
export function firstElements(
  { lengths, a, b }: Product,
  language: { readonly declare: string; readonly unit: string },
): { lines: string; ofA: string; ofB: string } {
  const { declare, unit } = language;
  let lines = `${declare} rest = z;\n`;
  lengths.forEach((n, i) => {
    lines += `${declare} p${i} = rest % ${n}${unit}; rest = rest / ${n}${unit};\n`;
  });
  const at = ({ batch }: Strides) =>
    batch.map((step, i) => `p${i} * ${step}${unit}`).join(" + ") || `0${unit}`;
  return { lines, ofA: at(a), ofB: at(b) };
}
