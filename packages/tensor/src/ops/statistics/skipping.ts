/** @file Reductions that leave NaN out: sum, mean, extremes, variance and standard deviation. */

import { isFloat } from "../../base/dtype.js";
import { ShapeError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import { formatShape, normalizeAxes, reducedShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import type { ReduceOptions, SumOptions } from "../define/reduction.js";
import { root, safeScale, std } from "../deviation.js";
import { div, maximum, mul, sub } from "../elementwise/binary.js";
import { equal, lessEqual, notEqual, where } from "../elementwise/compare.js";
import { abs, square } from "../elementwise/unary.js";
import { all, max, mean, min, sum, variance } from "../reduce.js";
import { reshape } from "../shape/movement.js";

/**
 * Sum over `axis` (default: all axes) of the elements that are not NaN; 0 where all are. The
 * gradient of NaN is 0. Options and dtypes are those of {@link sum}.
 *
 * @noMethod
 *
 * @example
 * nanSum(tensor([1, NaN, 3])).item(); // 4
 */
export function nanSum(x: Tensor, options?: SumOptions): Tensor {
  expectTensor("nanSum", x);
  const chosen = given("nanSum", options, "axis keepdims? dtype");
  normalizeAxes("nanSum", chosen.axis, x.shape);
  return scope(() => sum(isFloat(x.dtype) ? where(notEqual(x, x), 0, x) : x, chosen));
}

/**
 * Mean over `axis` (default: all axes) of the elements that are not NaN: their sum divided by their
 * number; NaN where all are. The gradient of NaN is 0. Integers and bools become float32.
 *
 * @noMethod
 *
 * @example
 * nanMean(tensor([1, NaN, 3])).item(); // 2
 */
export function nanMean(x: Tensor, options?: ReduceOptions): Tensor {
  expectTensor("nanMean", x);
  const chosen = given("nanMean", options, "axis keepdims?");
  normalizeAxes("nanMean", chosen.axis, x.shape);
  return scope(() => {
    if (!isFloat(x.dtype)) return mean(x, chosen);
    const none = notEqual(x, x);
    return div(sum(where(none, 0, x), chosen), sum(equal(x, x), chosen));
  });
}

/** The extreme of the elements that are not NaN: `last` stands in their place. */
function extreme(
  op: string,
  x: Tensor,
  options: ReduceOptions | undefined,
  pick: typeof max,
  last: number,
): Tensor {
  expectTensor(op, x);
  const chosen = given(op, options, "axis keepdims?");
  const axes = normalizeAxes(op, chosen.axis, x.shape);
  if (axes.some((a) => x.shape[a] === 0)) {
    throw new ShapeError(
      op,
      `nothing to reduce in a tensor of shape ${formatShape(x.shape)}`,
      "reduce an axis that has elements",
    );
  }
  return scope(() => {
    if (!isFloat(x.dtype)) return pick(x, chosen);
    const none = notEqual(x, x);
    const found = pick(where(none, last, x), chosen);
    return where(all(none, chosen), Number.NaN, found);
  });
}

/**
 * Largest element over `axis` (default: all axes) that is not NaN; NaN where all are. Ties share
 * the gradient evenly; that of NaN is 0.
 *
 * @noMethod
 *
 * @throws ShapeError when there is nothing to reduce.
 * @example
 * nanMax(tensor([1, NaN, 3])).item(); // 3
 */
export function nanMax(x: Tensor, options?: ReduceOptions): Tensor {
  return extreme("nanMax", x, options, max, Number.NEGATIVE_INFINITY);
}

/**
 * Smallest element over `axis` (default: all axes) that is not NaN; NaN where all are. Ties share
 * the gradient evenly; that of NaN is 0.
 *
 * @noMethod
 *
 * @throws ShapeError when there is nothing to reduce.
 * @example
 * nanMin(tensor([1, NaN, 3])).item(); // 1
 */
export function nanMin(x: Tensor, options?: ReduceOptions): Tensor {
  return extreme("nanMin", x, options, min, Number.POSITIVE_INFINITY);
}

/** The axes to reduce, whether they stay, and what is subtracted from the number of elements. */
interface SpreadOptions extends ReduceOptions {
  readonly correction?: number | undefined;
}

/**
 * Σ(x − x̄)² / (n − correction) over what is not NaN, NaN where n ≤ correction; `rooted`: its root.
 */
function spread(x: Tensor, options: SpreadOptions, rooted: boolean): Tensor {
  const { axis, keepdims = false, correction = 0 } = options;
  const axes = normalizeAxes("nanVariance", axis, x.shape);
  const over = { axis: axes, keepdims: true };
  const none = notEqual(x, x);
  const own = where(none, 0, x);
  const scale = rooted && x.size > 0 ? safeScale(max(abs(own), over)) : 1;
  const scaled = div(own, scale);
  const count = sum(equal(x, x), over);
  const middle = div(sum(scaled, over), maximum(count, 1));
  const squares = sum(square(where(none, 0, sub(scaled, middle))), over);
  const degrees = sub(count, correction);
  const bad = lessEqual(degrees, 0);
  // A divisor that does not count is 1: it makes no NaN in derivatives.
  const found = div(squares, where(bad, 1, degrees));
  const whole = where(bad, Number.NaN, rooted ? mul(root(found), scale) : found);
  return keepdims ? whole : reshape(whole, reducedShape(x.shape, axes, false));
}

/**
 * Variance over `axis` of the n elements that are not NaN: `Σ(x − x̄)² / (n − correction)`, NaN
 * where n ≤ correction. The gradient of NaN is 0. Correction: 0 by default, as in NumPy.
 *
 * @noMethod
 *
 * @example
 * nanVariance(tensor([1, NaN, 3])).item(); // 1
 */
export function nanVariance(x: Tensor, options?: SpreadOptions): Tensor {
  expectTensor("nanVariance", x);
  const chosen = given("nanVariance", options, "axis correction# keepdims?");
  normalizeAxes("nanVariance", chosen.axis, x.shape);
  return isFloat(x.dtype) ? scope(() => spread(x, chosen, false)) : variance(x, chosen);
}

/**
 * Standard deviation over `axis` of the elements that are not NaN: the square root of
 * {@link nanVariance}, with the same options. Squares neither overflow nor vanish. Where all
 * numbers are equal, it is 0 and so is its gradient.
 *
 * @noMethod
 *
 * @example
 * nanStd(tensor([1, NaN, 3])).item(); // 1
 */
export function nanStd(x: Tensor, options?: SpreadOptions): Tensor {
  expectTensor("nanStd", x);
  const chosen = given("nanStd", options, "axis correction# keepdims?");
  normalizeAxes("nanStd", chosen.axis, x.shape);
  return isFloat(x.dtype) ? scope(() => spread(x, chosen, true)) : std(x, chosen);
}
