/**
 * @file What writing, segments and running extremes share: the smallest number of a dtype, the
 * order of numbers turned round, indices of slices.
 *
 * @internal
 */

import { type DType, isFloat } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import type { Tensor } from "../../core/tensor.js";
import { bitwiseInvert } from "../elementwise/bits.js";
import { neg } from "../elementwise/unary.js";
import { broadcastTo, reshape } from "../shape/movement.js";

/** −x, whose maxima are the minima of x; of integers −1 − x, as −2³¹ has no opposite. */
export const reversed = (x: Tensor): Tensor => (x.dtype === "int32" ? bitwiseInvert(x) : neg(x));

/** The smallest number of a dtype: −∞ for floats. */
export function lowest(op: string, dtype: DType): number {
  if (isFloat(dtype)) return Number.NEGATIVE_INFINITY;
  if (dtype === "int32") return -(2 ** 31);
  throw new DTypeError(op, "values are bool", 'cast them: values.cast("int32")');
}

/** Indices of slices as one index for each element of `shape`. */
export function spreadIndices(indices: Tensor, shape: readonly number[], axis: number): Tensor {
  const thin = shape.map((_, i) => (i === axis ? indices.size : 1));
  return broadcastTo(reshape(indices, thin), shape);
}
