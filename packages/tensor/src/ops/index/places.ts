/**
 * @file Places along an axis, given by integer tensors: how they are checked and walked. Knows no
 * op.
 *
 * @internal
 */

import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import {
  contiguousStrides,
  formatShape,
  normalizeAxis,
  type Shape,
  sizeOf,
  walkStrides,
} from "../../base/shape.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import type { Tensor } from "../../core/tensor.js";
import type { AxisOption } from "../define/axis.js";

export interface AxisAttrs {
  readonly axis: number;
  /** Whether negative indices count from the end. Default: true. */
  readonly fromEnd?: boolean | undefined;
}

/** Along which axis indices count, and whether negative ones have a meaning. */
export interface IndexOptions extends AxisOption {
  /** Whether negative indices count from the end: −1 is the last place. */
  readonly fromEnd?: boolean | undefined;
}

/** The options of a function as attributes of its op. */
export function indexAttrs(
  op: string,
  options: IndexOptions | undefined,
  usual: number,
  of: Shape | number,
): AxisAttrs {
  const { axis = usual, fromEnd } = given(op, options, "axis fromEnd?");
  const place = normalizeAxis(op, axis, of);
  return fromEnd === undefined ? { axis: place } : { axis: place, fromEnd };
}

/** The least index of an axis of length n. */
export const leastIndex = (n: number, fromEnd?: boolean): number => (fromEnd === false ? 0 : -n);

/** An index outside [low, n), reported with its place. */
export function indexError(
  op: string,
  index: number,
  place: number,
  n: number,
  low = 0,
): ShapeError {
  return new ShapeError(
    op,
    `index ${index} (number ${place} of the indices) is outside of [${low}, ${n})`,
    low < 0
      ? "negative ones count from the end: −1 is the last"
      : "negative ones have no meaning here",
  );
}

/** The place of index `at` on an axis of length n; throws where there is none. */
function placeOf(op: string, at: number, number: number, n: number, fromEnd?: boolean): number {
  const low = leastIndex(n, fromEnd);
  if (at < low || at >= n) throw indexError(op, at, number, n, low);
  return at < 0 ? at + n : at;
}

/** Throws unless `indices` is an int32 tensor. */
export function checkIndices(op: string, indices: Tensor): void {
  expectTensor(op, indices);
  if (indices.dtype === "int32") return;
  throw new DTypeError(
    op,
    `indices are ${indices.dtype}, not int32`,
    'make them with tensor(…, { dtype: "int32" }) or cast them',
  );
}

/** Throws unless `n` is a length: a whole number ≥ 0. */
export function checkLength(op: string, what: string, n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new UsageError(op, `${what} is ${shown(n)}`, "give a whole number ≥ 0");
}

/** Offsets of a walk over [outer, indices, inner] of a tensor indexed along one axis. */
export function eachRow(
  op: string,
  { axis, fromEnd }: AxisAttrs,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number, inner: number) => void,
): void {
  const n = shape[axis] as number;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const count = indices.data.length;
  for (let i = 0; i < count; i++) {
    const at = placeOf(op, indices.data[i] as number, i, n, fromEnd);
    for (let o = 0; o < outer; o++) visit((o * n + at) * inner, (o * count + i) * inner, inner);
  }
}

/**
 * Calls `visit(place in x, place in indices)` for every element of indices, along one axis of x.
 */
export function along(
  op: string,
  { axis, fromEnd }: AxisAttrs,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number) => void,
): void {
  const strides = contiguousStrides(shape);
  const steps = strides.map((s, i) => (i === axis ? 0 : s));
  const n = shape[axis] as number;
  walkStrides(indices.shape, [steps], (k, [base]) => {
    const at = placeOf(op, indices.data[k] as number, k, n, fromEnd);
    visit((base as number) + at * (strides[axis] as number), k);
  });
}

/** Throws unless the shapes agree on every axis but one. @internal */
export function checkAlong(op: string, x: Shape, indices: Shape, axis: number): void {
  const fits = x.length === indices.length && x.every((n, i) => i === axis || n === indices[i]);
  if (fits) return;
  throw new ShapeError(
    op,
    `indices of shape ${formatShape(indices)} do not go along axis ${axis} of ${formatShape(x)}`,
    "they need the same lengths on every other axis",
  );
}
