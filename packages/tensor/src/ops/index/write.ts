/**
 * @file Writing at places, extremes of segments and running extremes, for users: what is made of
 * the ops of scatter.ts.
 *
 * @noMethod
 */

import { type DType, isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import {
  broadcastShapes,
  formatShape,
  normalizeAxis,
  shapesEqual,
  sizeOf,
} from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { filled, full } from "../creation.js";
import { expectLike } from "../define/elementwise.js";
import { add } from "../elementwise/binary.js";
import { bitwiseInvert } from "../elementwise/bits.js";
import { neg } from "../elementwise/unary.js";
import { type CumulativeOptions, runningAxis } from "../reduce.js";
import { broadcastTo, concat, reshape } from "../shape/movement.js";
import { cumulativeArgmax, maxAlongAxis, setAlongAxis } from "./scatter.js";
import { addAlongAxis, checkIndices, takeAlongAxis } from "./take.js";

/** What becomes of several values at one place, and of the element that was there. */
export type PutMode = "set" | "add" | "max" | "min";

/** Along which axis to write, and how. */
export interface PutOptions {
  readonly axis?: number | undefined;
  /** "set": the last value stays. "add", "max", "min": together with the element that was there. */
  readonly mode?: PutMode | undefined;
}

interface Writing {
  readonly axis: number;
  readonly mode: PutMode;
  readonly as: string;
}

/** x in reverse order: −x, and of whole numbers −1 − x, as −2³¹ has no opposite. */
const reversed = (x: Tensor): Tensor => (x.dtype === "int32" ? bitwiseInvert(x) : neg(x));

function written(x: Tensor, indices: Tensor, values: Tensor, how: Writing): Tensor {
  const { axis, mode, as } = how;
  if (mode === "set") return setAlongAxis(x, indices, values, { axis, as });
  if (mode === "max") return maxAlongAxis(x, indices, values, { axis, as });
  if (mode === "min") {
    const most = maxAlongAxis(reversed(x), indices, reversed(values), { axis, as });
    return reversed(most);
  }
  if (mode !== "add") {
    throw new UsageError(as, `there is no mode "${mode}"`, 'use "set", "add", "max" or "min"');
  }
  return add(x, addAlongAxis(values, indices, x.shape[axis] as number, { axis }));
}

/** Values as a tensor of the dtype of x and of a shape. */
function valuesFor(as: string, x: Tensor, values: TensorLike, shape: readonly number[]): Tensor {
  expectLike(as, values);
  if (!(values instanceof Tensor)) {
    return filled(as, shape, values, { dtype: x.dtype, device: x.device });
  }
  if (values.dtype !== x.dtype) {
    throw new DTypeError(as, `values are ${values.dtype}, the tensor ${x.dtype}`, "cast one");
  }
  if (shapesEqual(values.shape, shape)) return values;
  if (!shapesEqual(broadcastShapes(as, values.shape, shape), shape)) {
    throw new ShapeError(
      as,
      `values ${formatShape(values.shape)} do not broadcast to ${formatShape(shape)}`,
      "they may have lengths of 1 where they repeat, and no more axes",
    );
  }
  return broadcastTo(values, shape);
}

/**
 * `x` with values written at one index each along an axis (the last unless said): the opposite of
 * `takeAlongAxis`. Values broadcast to the indices. With mode "add", "max" or "min" they meet the
 * element that was there.
 *
 * The gradient of a value that did not stay is 0; equal maxima share theirs.
 *
 * @throws ShapeError for an index outside of the axis; UsageError for an unknown mode.
 * @example
 * const at = tensor([[1], [0]], { dtype: "int32" });
 * putAlongAxis(zeros([2, 2]), at, 5).toArray(); // [[0,5],[5,0]]
 */
export function putAlongAxis(
  x: Tensor,
  indices: Tensor,
  values: TensorLike,
  options: PutOptions = {},
): Tensor {
  const { axis = -1, mode = "set" } = options;
  expectTensor("putAlongAxis", x);
  checkIndices("putAlongAxis", indices);
  const place = normalizeAxis("putAlongAxis", axis, x.shape);
  return scope(() => {
    const own = valuesFor("putAlongAxis", x, values, indices.shape);
    return written(x, indices, own, { axis: place, mode, as: "putAlongAxis" });
  });
}

/**
 * `x` with whole slices written at indices along an axis (the first unless said):
 * `x[indices] = values` and its kin. Values broadcast to `[...before, ...indices, ...after]`.
 *
 * @throws ShapeError for an index outside of the axis; UsageError for an unknown mode.
 * @example
 * const rows = tensor([2, 0], { dtype: "int32" });
 * indexPut(zeros([3, 2]), rows, tensor([[1, 2], [3, 4]])).toArray(); // [[3,4],[0,0],[1,2]]
 * indexPut(ones([3]), rows, 9, { mode: "max" }).toArray(); // [9,1,9]
 */
export function indexPut(
  x: Tensor,
  indices: Tensor,
  values: TensorLike,
  options: PutOptions = {},
): Tensor {
  const { axis = 0, mode = "set" } = options;
  expectTensor("indexPut", x);
  checkIndices("indexPut", indices);
  const place = normalizeAxis("indexPut", axis, x.shape);
  const [before, after] = [x.shape.slice(0, place), x.shape.slice(place + 1)];
  return scope(() => {
    const own = valuesFor("indexPut", x, values, [...before, ...indices.shape, ...after]);
    const flat = [...before, indices.size, ...after];
    const spread = spreadIndices(indices, flat, place);
    return written(x, spread, reshape(own, flat), { axis: place, mode, as: "indexPut" });
  });
}

/** Indices of slices as one index for each element of `shape`. */
function spreadIndices(indices: Tensor, shape: readonly number[], axis: number): Tensor {
  const thin = shape.map((_, i) => (i === axis ? indices.size : 1));
  return broadcastTo(reshape(indices, thin), shape);
}

/** What is smaller than every number of a dtype, or as small. */
function lowest(op: string, dtype: DType): number {
  if (isFloat(dtype)) return Number.NEGATIVE_INFINITY;
  if (dtype === "int32") return -(2 ** 31);
  throw new DTypeError(op, "values are bool", 'cast them: values.cast("int32")');
}

/**
 * The largest of the slices of `values` that share an id; −∞ (for int32 the smallest number) for an
 * id that never occurs. See `segmentSum`. Equal maxima share the gradient.
 *
 * @throws ShapeError for an id outside of [0, segments).
 * @example
 * segmentMax(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: "int32" }), 2).toArray(); // [3,2]
 */
export function segmentMax(
  values: Tensor,
  ids: Tensor,
  segments: number,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return extremes("segmentMax", values, ids, { segments, ...options });
}

/**
 * The smallest of the slices of `values` that share an id; ∞ (for int32 the largest number) for an
 * id that never occurs.
 *
 * @throws ShapeError for an id outside of [0, segments).
 * @example
 * segmentMin(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: "int32" }), 2).toArray(); // [1,2]
 */
export function segmentMin(
  values: Tensor,
  ids: Tensor,
  segments: number,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return extremes("segmentMin", values, ids, { segments, ...options });
}

function extremes(
  op: "segmentMax" | "segmentMin",
  values: Tensor,
  ids: Tensor,
  { segments, axis = 0 }: { readonly segments: number; readonly axis?: number | undefined },
): Tensor {
  expectTensor(op, values);
  checkIndices(op, ids);
  const rank = Math.max(0, values.shape.length - ids.shape.length) + 1;
  const place = normalizeAxis(op, axis, rank);
  const covered = values.shape.slice(place, place + ids.shape.length);
  if (!shapesEqual(covered, ids.shape)) {
    throw new ShapeError(
      op,
      `ids of shape ${formatShape(ids.shape)} do not match axes ${place}… of ${formatShape(values.shape)}`,
      "there is one id for each slice",
    );
  }
  if (!Number.isInteger(segments) || segments < 0) {
    throw new UsageError(op, `cannot make ${segments} segments`, "give a whole number, 0 or more");
  }
  const [before, after] = [
    values.shape.slice(0, place),
    values.shape.slice(place + ids.shape.length),
  ];
  const low = lowest(op, values.dtype);
  const edge = op === "segmentMax" ? low : isFloat(values.dtype) ? -low : -low - 1;
  return scope(() => {
    const flat = [...before, sizeOf(ids.shape), ...after];
    const like = { dtype: values.dtype, device: values.device };
    const base = full([...before, segments, ...after], edge, like);
    const spread = spreadIndices(ids, flat, place);
    const mode = op === "segmentMax" ? "max" : "min";
    return written(base, spread, reshape(values, flat), { axis: place, mode, as: op });
  });
}

/**
 * Running maximum along an axis (which may be left out for 1-d tensors); with `includeInitial` it
 * begins with the smallest number. NaN stays once it came. The gradient goes to the last of equal
 * maxima.
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeMax(tensor([1, 3, 2])).toArray(); // [1,3,3]
 */
export function cumulativeMax(x: Tensor, options: Omit<CumulativeOptions, "dtype"> = {}): Tensor {
  const axis = runningAxis("cumulativeMax", x, options);
  return scope(() => {
    const found = takeAlongAxis(x, cumulativeArgmax(x, axis), { axis });
    if (options.includeInitial !== true) return found;
    const shape = x.shape.map((n, i) => (i === axis ? 1 : n));
    const low = lowest("cumulativeMax", x.dtype);
    return concat([full(shape, low, { dtype: x.dtype, device: x.device }), found], { axis });
  });
}

/**
 * Running minimum: see {@link cumulativeMax}.
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeMin(tensor([2, 1, 3])).toArray(); // [2,1,1]
 */
export function cumulativeMin(x: Tensor, options: Omit<CumulativeOptions, "dtype"> = {}): Tensor {
  runningAxis("cumulativeMin", x, options);
  return scope(() => reversed(cumulativeMax(reversed(x), options)));
}
