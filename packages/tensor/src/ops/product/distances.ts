/** @file Distances between all pairs of vectors. */
import { promoteTypes } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { sub } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { sum } from "../reduce.js";
import { expandDims } from "../shape/axes.js";
import { vectorNorm } from "./norms.js";

/**
 * Distances between the rows of two tensors, `[..., m, d]` and `[..., n, d]` → `[..., m, n]`:
 * `(Σₖ|xᵢₖ − yⱼₖ|ᵖ)^(1/p)`. p = 2 by default; 1, Infinity for the largest difference, 0 for how
 * many differ, any p > 0. Differences are exact, and `[..., m, n, d]` of them are in memory. Where
 * two rows are equal the gradient is 0, and but for p = 2 where two coordinates are; for
 * p = Infinity equal largest differences share it. Batches broadcast; integers become float32.
 *
 * @noMethod
 *
 * @throws ShapeError when an operand has fewer than 2 axes or the rows have two lengths; UsageError
 *   when p is negative or NaN.
 * @example
 * cdist(tensor([[0, 0], [3, 4]]), tensor([[0, 0]])).toArray(); // [[0], [5]]
 */
export function cdist(
  x: Tensor,
  y: Tensor,
  options?: { readonly p?: number | undefined },
  ...surplus: []
): Tensor {
  expectTensor("cdist", x, surplus);
  expectTensor("cdist", y);
  const { p = 2 } = given("cdist", options, "p#");
  if (!(p >= 0)) throw new UsageError("cdist", `p is ${p}`, "give a number from 0 to Infinity");
  const d = x.shape.at(-1);
  if (x.rank < 2 || y.rank < 2 || d !== y.shape.at(-1)) {
    throw new ShapeError(
      "cdist",
      `rows of ${formatShape(x.shape)} and ${formatShape(y.shape)} cannot be compared`,
      "needs [..., m, d] and [..., n, d]",
    );
  }
  return scope(() => {
    const dtype = promoteTypes(promoteTypes(x.dtype, y.dtype), "float32");
    const float = (z: Tensor) => (z.dtype === dtype ? z : cast(z, dtype));
    const apart = sub(expandDims(float(x), -2), expandDims(float(y), -3));
    return d === 0 ? sum(apart, { axis: -1 }) : vectorNorm(apart, { axis: -1, ord: p });
  });
}
