/** @file Products of vectors and matrices, and diagonals, made of other ops. */

import type { DType } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import {
  broadcastShapes,
  checkList,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sizeOf,
} from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { mul, sub } from "../elementwise/binary.js";
import { matmul } from "../matmul.js";
import { sum } from "../reduce.js";
import { permuteDims, reshape } from "../shape/movement.js";
import { roll } from "../shape/rearrange.js";
import { slice } from "../shape/slicing.js";

/**
 * `out[i, j] = a[i] · b[j]` of two vectors.
 *
 * @throws ShapeError unless both are 1-d.
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])).toArray(); // [[3,4],[6,8]]
 */
export function outer(a: Tensor, b: Tensor, ...surplus: []): Tensor {
  for (const x of [a, b]) expectTensor("outer", x, surplus);
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    throw new ShapeError(
      "outer",
      `needs two vectors, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "reshape them to [-1]",
    );
  }
  return scope(() => mul(reshape(a, [a.size, 1]), b));
}

/** The contracted axis counted from the end, where broadcasting leaves it; its length in both. */
function shared(
  op: string,
  a: Tensor,
  b: Tensor,
  options: { readonly axis?: number | undefined } | undefined,
): { axis: number; length: number } {
  for (const x of [a, b]) expectTensor(op, x);
  const { axis = -1 } = given(op, options, "axis");
  const rank = Math.max(a.shape.length, b.shape.length);
  const at = normalizeAxis(op, axis, rank) - rank;
  const [m, n] = [a.shape.at(at), b.shape.at(at)];
  if (-at > Math.min(a.shape.length, b.shape.length) || m !== n) {
    throw new ShapeError(
      op,
      `${formatShape(a.shape)} and ${formatShape(b.shape)} differ along axis ${axis}`,
      "it has one length in both",
    );
  }
  return { axis: at, length: m as number };
}

/**
 * Product of vectors along an axis, `Σᵢ aᵢ bᵢ`; the other axes broadcast.
 *
 * @throws ShapeError when the axis differs in length.
 * @example
 * vecdot(tensor([1, 2]), tensor([3, 4])).item(); // 11
 */
export function vecdot(
  a: Tensor,
  b: Tensor,
  options?: { readonly axis?: number | undefined },
): Tensor {
  const { axis } = shared("vecdot", a, b, options);
  broadcastShapes("vecdot", a.shape, b.shape);
  return scope(() => sum(mul(a, b), { axis }));
}

/** Axes of each operand to contract: how many at the end of the first, or lists. */
export type TensordotAxes = number | readonly [readonly number[], readonly number[]];

/**
 * Sums products over pairs of axes: the last `axes` of `a` with the first of `b` (default: 2),
 * or those listed.
 *
 * @throws ShapeError when the axes of a pair differ in length.
 * @example
 * tensordot(ones([2, 3]), ones([3, 4]), { axes: 1 }).shape; // [2,4]
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  options?: { readonly axes?: TensordotAxes | undefined },
): Tensor {
  for (const x of [a, b]) expectTensor("tensordot", x);
  const { axes = 2 } = given("tensordot", options, "axes");
  const [left, right] = contracted(a, b, axes);
  const lengths = left.map((i) => a.shape[i]);
  if (left.length !== right.length || right.some((j, k) => b.shape[j] !== lengths[k])) {
    throw new ShapeError(
      "tensordot",
      `axes [${left}] of ${formatShape(a.shape)} do not match ` +
        `[${right}] of ${formatShape(b.shape)}`,
      "the axes of each pair must have one length",
    );
  }
  const free = (x: Tensor, used: readonly number[]) =>
    x.shape.map((_, i) => i).filter((i) => !used.includes(i));
  const [rows, columns] = [free(a, left), free(b, right)];
  const size = (x: Tensor, axes: readonly number[]): Shape => axes.map((i) => x.shape[i] as number);
  const [m, n] = [size(a, rows), size(b, columns)];
  const inner = sizeOf(size(a, left));
  return scope(() => {
    const p = reshape(permuteDims(a, [...rows, ...left]), [sizeOf(m), inner]);
    const q = reshape(permuteDims(b, [...right, ...columns]), [inner, sizeOf(n)]);
    return reshape(matmul(p, q), [...m, ...n]);
  });
}

function normalizeEach(axes: readonly number[], shape: Shape): number[] {
  normalizeAxes("tensordot", axes, shape);
  return axes.map((i) => normalizeAxis("tensordot", i, shape));
}

function contracted(a: Tensor, b: Tensor, axes: TensordotAxes): [number[], number[]] {
  const [p, q] = [a.shape.length, b.shape.length];
  if (typeof axes !== "number") {
    checkList("tensordot", "axes", axes);
    for (const list of [axes[0], axes[1]]) checkList("tensordot", "axes", list);
    return [normalizeEach(axes[0], a.shape), normalizeEach(axes[1], b.shape)];
  }
  if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(p, q)) {
    throw new ShapeError(
      "tensordot",
      `cannot contract ${axes} axes of ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "give a whole number up to the lower rank, or two lists of axes",
    );
  }
  const places = Array.from({ length: axes }, (_, i) => i);
  return [places.map((i) => p - axes + i), places];
}

/**
 * Product of vectors in space, `a × b`, along an axis of length 3; the other axes broadcast.
 *
 * @throws ShapeError unless the axis has length 3 in both.
 * @example
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray(); // [0,0,1]
 */
export function cross(
  a: Tensor,
  b: Tensor,
  options?: { readonly axis?: number | undefined },
): Tensor {
  const { axis, length } = shared("cross", a, b, options);
  if (length !== 3) {
    throw new ShapeError(
      "cross",
      `axis ${axis} of ${formatShape(a.shape)} has length ${length}`,
      "vectors in space have 3",
    );
  }
  broadcastShapes("cross", a.shape, b.shape);
  return scope(() => {
    const next = (x: Tensor, k: number) => roll(x, -k, { axis });
    return sub(mul(next(a, 1), next(b, 2)), mul(next(a, 2), next(b, 1)));
  });
}

/**
 * The diagonal of a matrix (or of each in a batch), `offset` to the right of the main one.
 *
 * @throws ShapeError below rank 2.
 * @example
 * diagonal(tensor([[1, 2], [3, 4]])).toArray(); // [1,4]
 */
export function diagonal(x: Tensor, options?: { readonly offset?: number | undefined }): Tensor {
  return diagonalOf("diagonal", x, options);
}

function diagonalOf(
  op: string,
  x: Tensor,
  options: { readonly offset?: number | undefined } | undefined,
): Tensor {
  expectTensor(op, x);
  const { offset = 0 } = given(op, options, "offset#");
  if (!Number.isInteger(offset)) {
    throw new UsageError(op, `the offset is ${String(offset)}`, "give a whole number");
  }
  const lead = x.shape.slice(0, -2);
  const [m, n] = x.shape.slice(-2);
  if (m === undefined || n === undefined) {
    throw new ShapeError(op, `${formatShape(x.shape)} is no matrix`, "it needs two axes");
  }
  const length = Math.max(0, Math.min(m + Math.min(offset, 0), n - Math.max(offset, 0)));
  const start = length === 0 ? 0 : offset >= 0 ? offset : -offset * n;
  const stop = length === 0 ? 0 : start + (length - 1) * (n + 1) + 1;
  const range = [start, stop, n + 1] as const;
  return scope(() => slice(reshape(x, [...lead, m * n]), [...lead.map(() => null), range]));
}

/**
 * Sum of the diagonal of a matrix (or of each in a batch), in `dtype` (default: that of `sum`).
 *
 * @throws ShapeError below rank 2.
 * @example
 * trace(tensor([[1, 2], [3, 4]])).item(); // 5
 */
export function trace(
  x: Tensor,
  options?: { readonly offset?: number | undefined; readonly dtype?: DType | undefined },
): Tensor {
  const { dtype, ...where } = given("trace", options, "offset# dtype");
  return scope(() => sum(diagonalOf("trace", x, where), { axis: -1, dtype }));
}
