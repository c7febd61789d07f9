/** @file Means of segments, made of sums. @noMethod */

import { isFloat } from "../../base/dtype.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { full } from "../creation.js";

import { div, maximum } from "../elementwise/binary.js";
import { inFloats } from "../elementwise/cast.js";
import { reshape } from "../shape/movement.js";
import { checkIndices, checkLength, segmentSum } from "./take.js";

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
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  expectTensor("segmentMean", values);
  checkIndices("segmentMean", ids);
  checkLength("segmentMean", "the number of segments", segments);
  // Sums of integers would wrap.
  if (!isFloat(values.dtype)) {
    return inFloats(values, (own) => segmentMean(own, ids, segments, options));
  }
  return scope(() => {
    const sums = segmentSum(values, ids, segments, options);
    const { dtype } = values;
    const ones = full(ids.shape, 1, { dtype, device: ids.device });
    const counts = maximum(segmentSum(ones, ids, segments), 1);
    const axis = (options.axis ?? 0) + ((options.axis ?? 0) < 0 ? sums.shape.length : 0);
    const shape = sums.shape.map((_, i) => (i === axis ? segments : 1));
    return div(sums, reshape(counts, shape));
  });
}
