/**
 * @file Places along an axis, given by integer tensors: how they are checked and walked. Knows no
 * op.
 *
 * @internal
 */

import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { shown } from "../../base/options.js";
import {
  contiguousStrides,
  formatShape,
  type Shape,
  sizeOf,
  walkStrides,
} from "../../base/shape.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import type { Tensor } from "../../core/tensor.js";

export interface AxisAttrs {
  readonly axis: number;
}

/** An index outside [0, n), reported with its place. */
export function indexError(op: string, index: number, place: number, n: number): ShapeError {
  return new ShapeError(
    op,
    `index ${index} (number ${place} of the indices) is outside of [0, ${n})`,
    "indices count from 0; negative ones are not wrapped",
  );
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
  axis: number,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number, inner: number) => void,
): void {
  const n = shape[axis] as number;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const count = indices.data.length;
  for (let i = 0; i < count; i++) {
    const at = indices.data[i] as number;
    if (at < 0 || at >= n) throw indexError(op, at, i, n);
    for (let o = 0; o < outer; o++) visit((o * n + at) * inner, (o * count + i) * inner, inner);
  }
}

/**
 * Calls `visit(place in x, place in indices)` for every element of indices, along one axis of x.
 */
export function along(
  op: string,
  axis: number,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number) => void,
): void {
  const strides = contiguousStrides(shape);
  const steps = strides.map((s, i) => (i === axis ? 0 : s));
  const n = shape[axis] as number;
  walkStrides(indices.shape, [steps], (k, [base]) => {
    const at = indices.data[k] as number;
    if (at < 0 || at >= n) throw indexError(op, at, k, n);
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
