/** @file Means and extremes of segments, made of the ops of add.ts and scatter.ts. @noMethod */

import { isFloat } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { noMore, shown } from "../../base/options.js";
import { formatShape, isLength, shapesEqual, sizeOf } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { full } from "../creation.js";
import { type AxisOption, axisOf } from "../define/axis.js";
import { div, maximum } from "../elementwise/binary.js";
import { inFloats } from "../elementwise/cast.js";
import { reshape } from "../shape/movement.js";
import { segmentSum } from "./add.js";
import { lowest, reversed, spreadIndices } from "./extremes.js";
import { checkIndices, checkLength } from "./places.js";
import { maxAlongAxis } from "./scatter.js";

/**
 * Means of the slices of `values` that share an id:
 * `out[s] = Σ_{i: ids[i] = s} values[i] / count(s)`; 0 for an id that never occurs. See segmentSum.
 *
 * @throws ShapeError for an id outside of [0, segments).
 * @example
 * segmentMean(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: "int32" }), 2).toArray(); // [2,2]
 */
export function segmentMean(
  values: Tensor,
  ids: Tensor,
  segments: number,
  options?: AxisOption,
  ...surplus: []
): Tensor {
  expectTensor("segmentMean", values, surplus);
  checkIndices("segmentMean", ids);
  checkLength("segmentMean", "the number of segments", segments);
  // Sums of integers would wrap.
  if (!isFloat(values.dtype)) {
    return inFloats(values, (own) => segmentMean(own, ids, segments, options));
  }
  const rank = Math.max(0, values.shape.length - ids.shape.length) + 1;
  const axis = axisOf("segmentMean", options, 0, rank);
  return scope(() => {
    const sums = segmentSum(values, ids, segments, { axis });
    const { dtype } = values;
    const ones = full(ids.shape, 1, { dtype, device: ids.device });
    const counts = maximum(segmentSum(ones, ids, segments), 1);
    const shape = sums.shape.map((_, i) => (i === axis ? segments : 1));
    return div(sums, reshape(counts, shape));
  });
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
  options?: AxisOption,
  ...surplus: []
): Tensor {
  noMore("segmentMax", surplus);
  return extremes("segmentMax", values, ids, segments, options);
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
  options?: AxisOption,
  ...surplus: []
): Tensor {
  noMore("segmentMin", surplus);
  return extremes("segmentMin", values, ids, segments, options);
}

function extremes(
  op: "segmentMax" | "segmentMin",
  values: Tensor,
  ids: Tensor,
  segments: number,
  options: AxisOption | undefined,
): Tensor {
  expectTensor(op, values);
  checkIndices(op, ids);
  const rank = Math.max(0, values.shape.length - ids.shape.length) + 1;
  const place = axisOf(op, options, 0, rank);
  const covered = values.shape.slice(place, place + ids.shape.length);
  if (!shapesEqual(covered, ids.shape)) {
    const shown = formatShape(values.shape);
    throw new ShapeError(
      op,
      `ids of shape ${formatShape(ids.shape)} do not match axes ${place}… of ${shown}`,
      "there is one id for each slice",
    );
  }
  if (!isLength(segments)) {
    const problem = `cannot make ${shown(segments)} segments`;
    throw new UsageError(op, problem, "give a whole number, 0 or more");
  }
  const before = values.shape.slice(0, place);
  const after = values.shape.slice(place + ids.shape.length);
  const { dtype, device } = values;
  const low = lowest(op, dtype);
  return scope(() => {
    const flat = [...before, sizeOf(ids.shape), ...after];
    const bottom = full([...before, segments, ...after], low, { dtype, device });
    const places = spreadIndices(ids, flat, place);
    const attrs = { axis: place, bottom: true, fromEnd: false };
    const largest = (x: Tensor) => maxAlongAxis(bottom, places, reshape(x, flat), attrs, op);
    return op === "segmentMax" ? largest(values) : reversed(largest(reversed(values)));
  });
}
