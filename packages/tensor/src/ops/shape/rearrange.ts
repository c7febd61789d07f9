/**
 * @file Cutting, repeating, masking and differencing made of other ops, differentiable because
 * those are.
 */

import { ShapeError, UsageError } from "../../base/errors.js";
import { broadcastShapes, formatShape, normalizeAxis, type Shape } from "../../base/shape.js";
import { fromTypedArray } from "../../core/creation.js";
import { expectTensor, expectTensors } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { roomFor } from "../creation.js";

import { sub } from "../elementwise/binary.js";
import { logicalAnd, where } from "../elementwise/compare.js";
import { take } from "../index/take.js";
import {
  broadcastTo,
  concat,
  permuteDims,
  reshape,
  type SliceRange,
  slice,
  split,
} from "./movement.js";

/**
 * Cuts a tensor into its slices along an axis, which is dropped: the inverse of `stack`.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * unstack(tensor([[1, 2], [3, 4]]))[1]?.toArray(); // [3,4]
 */
export function unstack(x: Tensor, options: { readonly axis?: number | undefined } = {}): Tensor[] {
  expectTensor("unstack", x);
  const axis = normalizeAxis("unstack", options.axis ?? 0, x.shape);
  const rest = x.shape.filter((_, i) => i !== axis);
  const n = x.shape[axis] as number;
  if (n === 0) return [];
  return scope(() => split(x, n, { axis }).map((part) => reshape(part, rest)));
}

/**
 * Swaps two axes.
 *
 * @example
 * swapAxes(zeros([2, 3, 4]), 0, -1).shape; // [4,3,2]
 */
export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  expectTensor("swapAxes", x);
  const a = normalizeAxis("swapAxes", first, x.shape);
  const b = normalizeAxis("swapAxes", second, x.shape);
  return permuteDims(
    x,
    x.shape.map((_, i) => (i === a ? b : i === b ? a : i)),
  );
}

/**
 * Repeats each element along an axis (of the flattened tensor without one): a number of times for
 * all, or one number for each place.
 *
 * @throws ShapeError for numbers below 0 or not as many as there are places.
 * @example
 * repeat(tensor([1, 2]), 2).toArray(); // [1,1,2,2]
 * repeat(tensor([1, 2]), [0, 3]).toArray(); // [2,2,2]
 */
export function repeat(
  x: Tensor,
  times: number | readonly number[] | Tensor,
  options: { readonly axis?: number | null | undefined } = {},
): Tensor {
  expectTensor("repeat", x);
  if (options.axis === undefined || options.axis === null) {
    return scope(() => repeat(reshape(x, [x.size]), times, { axis: 0 }));
  }
  const axis = normalizeAxis("repeat", options.axis, x.shape);
  const n = x.shape[axis] as number;
  const each =
    typeof times === "number" || Array.isArray(times) ? times : countsOf(times as Tensor);
  const list = typeof each === "number" ? [each] : (each as readonly number[]);
  const count = list.length === 1 ? new Array<number>(n).fill(list[0] as number) : list;
  if (count.length !== n || list.some((t) => !Number.isInteger(t) || t < 0)) {
    throw new ShapeError(
      "repeat",
      `cannot repeat the ${n} places of axis ${axis} of ${formatShape(x.shape)} [${list.join(", ")}] times`,
      "give one whole number ≥ 0, or one for each place",
    );
  }
  const total = count.reduce((sum, t) => sum + t, 0);
  roomFor("repeat", [total], "int32");
  const places = new Int32Array(total);
  let end = 0;
  for (const [i, t] of count.entries()) {
    places.fill(i, end, end + t);
    end += t;
  }
  return scope(() => take(x, fromTypedArray(places, [places.length], "int32", x.device), { axis }));
}

function countsOf(times: Tensor): number[] {
  expectTensor("repeat", times);
  return Array.from(times.dataSync());
}

/** `x` where `keep(row, column)`, which knows diagonal k, else 0, over the last two axes. */
function masked(op: string, x: Tensor, k: number, keep: (i: number, j: number) => boolean): Tensor {
  expectTensor(op, x);
  if (!Number.isInteger(k)) {
    throw new UsageError(op, `k is ${String(k)}`, "give a whole number");
  }
  const [m, n] = x.shape.slice(-2);
  if (m === undefined || n === undefined) {
    throw new ShapeError(op, `${formatShape(x.shape)} is no matrix`, "it needs two axes or more");
  }
  const kept = Uint8Array.from({ length: m * n }, (_, at) =>
    keep(Math.floor(at / n), at % n) ? 1 : 0,
  );
  return scope(() => {
    const mask = fromTypedArray(kept, [m, n], "bool", x.device);
    return x.dtype === "bool" ? logicalAnd(x, mask) : where(mask, x, 0);
  });
}

/**
 * The lower triangle of a matrix (or of each in a batch): 0 above diagonal `k`.
 *
 * @throws ShapeError below rank 2.
 * @example
 * tril(ones([2, 2])).toArray(); // [[1,0],[1,1]]
 */
export function tril(x: Tensor, options: { readonly k?: number | undefined } = {}): Tensor {
  const { k = 0 } = options;
  return masked("tril", x, k, (i, j) => j - i <= k);
}

/**
 * The upper triangle of a matrix (or of each in a batch): 0 below diagonal `k`.
 *
 * @throws ShapeError below rank 2.
 * @example
 * triu(ones([2, 2]), { k: 1 }).toArray(); // [[0,1],[0,0]]
 */
export function triu(x: Tensor, options: { readonly k?: number | undefined } = {}): Tensor {
  const { k = 0 } = options;
  return masked("triu", x, k, (i, j) => j - i >= k);
}

/**
 * The tensors stretched to the shape that they broadcast to together.
 *
 * @throws ShapeError when they do not broadcast.
 * @example
 * broadcastArrays(ones([2, 1]), ones([3])).map((x) => x.shape); // [[2,3],[2,3]]
 */
export function broadcastArrays(...tensors: readonly Tensor[]): Tensor[] {
  expectTensors("broadcastArrays", tensors);
  const shape = tensors.reduce<Shape>((s, x) => broadcastShapes("broadcastArrays", s, x.shape), []);
  return scope(() => tensors.map((x) => broadcastTo(x, shape)));
}

/**
 * Coordinates of a grid: one tensor for each 1-d (or 0-d) input, all of the shape of the grid. "xy"
 * (the default of the standard) swaps the first two axes; "ij" leaves them.
 *
 * @throws ShapeError for inputs of rank 2 and more; UsageError for another indexing.
 * @example
 * meshgrid([arange(2), arange(3)], { indexing: "ij" })[0]?.toArray(); // [[0,0,0],[1,1,1]]
 */
export function meshgrid(
  tensors: readonly Tensor[],
  options: { readonly indexing?: "xy" | "ij" | undefined } = {},
): Tensor[] {
  const { indexing = "xy" } = options;
  if (indexing !== "xy" && indexing !== "ij") {
    throw new UsageError("meshgrid", `there is no indexing "${indexing}"`, 'use "xy" or "ij"');
  }
  expectTensors("meshgrid", tensors);
  for (const x of tensors) {
    if (x.shape.length <= 1) continue;
    throw new ShapeError(
      "meshgrid",
      `${formatShape(x.shape)} is not 1-d`,
      "give the coordinates along each axis as a vector",
    );
  }
  const swap = indexing === "xy" && tensors.length > 1;
  const place = (i: number) => (swap && i < 2 ? 1 - i : i);
  const shape = tensors.map((_, i) => (tensors[place(i)] as Tensor).size);
  return scope(() =>
    tensors.map((x, i) => {
      const own = shape.map((_, d) => (d === place(i) ? x.size : 1));
      return broadcastTo(reshape(x, own), shape);
    }),
  );
}

/**
 * The n-th difference `x[i + 1] − x[i]` along an axis, after joining `prepend` and `append` to it.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * diff(tensor([1, 4, 9])).toArray(); // [3,5]
 */
export function diff(
  x: Tensor,
  options: {
    readonly axis?: number | undefined;
    readonly n?: number | undefined;
    readonly prepend?: Tensor | undefined;
    readonly append?: Tensor | undefined;
  } = {},
): Tensor {
  const { n = 1, prepend, append } = options;
  expectTensor("diff", x);
  const axis = normalizeAxis("diff", options.axis ?? -1, x.shape);
  if (!Number.isInteger(n) || n < 0) throw new ShapeError("diff", `n is ${n}`, "n counts from 0");
  return scope(() => {
    const parts = [prepend, x, append].filter((part) => part !== undefined);
    let y = parts.length === 1 ? reshape(x, x.shape) : concat(parts, { axis });
    for (let i = 0; i < n; i++) {
      const from = (range: SliceRange) => y.shape.map((_, d) => (d === axis ? range : null));
      const [later, sooner] = [slice(y, from([1, null])), slice(y, from([0, -1]))];
      y = sub(later, sooner);
    }
    return y;
  });
}
