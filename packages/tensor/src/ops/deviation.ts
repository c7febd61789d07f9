/** @file Standard deviation, and what keeps sums of squares in the range of floats. */

import { isFloat } from "../base/dtype.js";
import { given } from "../base/options.js";
import { normalizeAxes, reducedShape } from "../base/shape.js";
import { expectTensor } from "../core/expect.js";
import { scope } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import { full } from "./creation.js";
import type { ReduceOptions } from "./define/reduction.js";
import { div, mul } from "./elementwise/binary.js";
import { equal, greater, less, where } from "./elementwise/compare.js";
import { abs, sqrt } from "./elementwise/unary.js";
import { max, variance } from "./reduce.js";
import { reshape } from "./shape/movement.js";

/** √x whose derivatives at 0 are 0, as lengths need them at the origin. @internal */
export function root(x: Tensor): Tensor {
  const none = equal(x, 0);
  return where(none, 0, sqrt(where(none, 1, x)));
}

/** Squares of numbers outside [1/edge, edge] may overflow or vanish; they are divided by far^±1. */
const RANGES = {
  float32: { edge: 2 ** 50, far: 2 ** 90 },
  float64: { edge: 2 ** 400, far: 2 ** 700 },
} as const;

/**
 * The divisor for numbers of at most this size before they are squared: a power of 2. It counts as
 * a constant in derivatives, since comparisons have none.
 *
 * @internal
 */
export function safeScale(most: Tensor): Tensor {
  expectTensor("safeScale", most);
  const { edge, far } = RANGES[most.dtype === "float64" ? "float64" : "float32"];
  const one = full([], 1, { dtype: most.dtype, device: most.device });
  return where(greater(most, edge), far, where(less(most, 1 / edge), 1 / far, one));
}

/**
 * Standard deviation: the square root of {@link variance}, with the same options. Squares neither
 * overflow nor vanish. Where all numbers are equal, it is 0 and so is its gradient.
 *
 * @example
 * std(tensor([1, 3])).item(); // 1
 */
export function std(
  x: Tensor,
  options?: ReduceOptions & { readonly correction?: number | undefined },
): Tensor {
  expectTensor("std", x);
  const chosen = given("std", options, "axis correction# keepdims?");
  const { axis, keepdims = false } = chosen;
  const axes = normalizeAxes("std", axis, x.shape);
  return scope(() => {
    if (x.size === 0 || !isFloat(x.dtype)) return root(variance(x, chosen));
    const scale = safeScale(max(abs(x), { axis, keepdims: true }));
    const spread = root(variance(div(x, scale), { ...chosen, keepdims: true }));
    const whole = mul(spread, scale);
    return keepdims ? whole : reshape(whole, reducedShape(x.shape, axes, false));
  });
}
