/**
 * @file What ops of linear algebra and their derivatives share: checks of shapes, matrices of a
 * batch one by one.
 *
 * @internal
 */

import { isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { formatShape, type Shape, sizeOf } from "../../base/shape.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import type { Tensor } from "../../core/tensor.js";
import { eye, full } from "../creation.js";
import { add, div } from "../elementwise/binary.js";
import { inFloats } from "../elementwise/cast.js";
import { matrixTranspose } from "../shape/axes.js";

/** Rows and columns of the last two axes. */
export function sizes(shape: Shape): [number, number] {
  return [shape[shape.length - 2] as number, shape[shape.length - 1] as number];
}

/** Throws unless `x` is a float tensor of matrices. */
export function checkMatrix(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) {
    throw new DTypeError(op, `the matrix is ${x.dtype}`, 'cast it: x.cast("float32")');
  }
  expectMatrix(op, x);
}

/** Throws unless `x` is a tensor of matrices, of whatever dtype. */
export function expectMatrix(op: string, x: Tensor): void {
  expectTensor(op, x);
  if (x.shape.length >= 2) return;
  throw new ShapeError(
    op,
    `needs a matrix, got ${formatShape(x.shape)}`,
    "give two axes or more; the last two are rows and columns",
  );
}

/** Throws unless the last two axes are equally long. */
export function checkSquare(op: string, x: Tensor): void {
  checkMatrix(op, x);
  expectSquare(op, x);
}

/** Throws unless `x` is a tensor of square matrices, of whatever dtype. */
export function expectSquare(op: string, x: Tensor): void {
  expectMatrix(op, x);
  const [m, n] = sizes(x.shape);
  if (m === n) return;
  throw new ShapeError(
    op,
    `the matrix is not square: ${formatShape(x.shape)}`,
    "lstsq and pinv take matrices of any shape",
  );
}

/** Calls `use` with each matrix of a batch as float64, and its number. */
export function eachMatrix(view: View, use: (a: Float64Array, batch: number) => void): void {
  const count = sizeOf(view.shape.slice(0, -2));
  for (let i = 0; i < count; i++) use(matrixOf(view, i), i);
}

/** A copy of one matrix of a batch as float64. */
export function matrixOf({ shape, data }: View, batch: number): Float64Array {
  const [m, n] = sizes(shape);
  return Float64Array.from(data.subarray(batch * m * n, (batch + 1) * m * n));
}

/** Writes the matrix of that number. */
export function put(out: View, batch: number, values: Float64Array): void {
  out.data.set(values, batch * values.length);
}

/** Runs `use` on a matrix as a float; of integers the results are float32. */
export function asFloat<R extends Tensor | readonly Tensor[]>(
  op: string,
  x: Tensor,
  use: (x: Tensor) => R,
): R {
  expectTensor(op, x);
  return isFloat(x.dtype) ? use(x) : inFloats(x, use);
}

/** (A + Aᵀ)/2 */
export function symmetrized(a: Float64Array, n: number): Float64Array {
  return a.map((x, i) => (x + (a[(i % n) * n + Math.floor(i / n)] as number)) / 2);
}

/** The cotangent of each result of an op; null or undefined where nothing depends on it. */
export type Cotangents = readonly (Tensor | null | undefined)[];

/** The identity of the size of the last axis, of the same dtype and device. */
export function identity(x: Tensor): Tensor {
  const n = x.shape.at(-1) as number;
  return eye(n, n, { dtype: x.dtype, device: x.device });
}

/** (A + Aᵀ)/2 */
export const symmetric = (x: Tensor): Tensor => div(add(x, matrixTranspose(x)), 2);

/** NaN as a tensor of the dtype and device of x. */
export const nan = ({ dtype, device }: Tensor): Tensor => full([], Number.NaN, { dtype, device });

/** The distance from 1 to the next number of a dtype. */
export function precision(x: Tensor): number {
  return x.dtype === "float64" ? 2 ** -52 : 2 ** -23;
}
