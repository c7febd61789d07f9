/** @file Norms of vectors, made of other ops. */
import { given } from "../../base/options.js";
import { normalizeAxes, reducedShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import type { ReduceOptions } from "../define/reduction.js";
import { root, safeScale } from "../deviation.js";
import { div, mul, pow } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { equal, greater, less, logicalAnd, notEqual, where } from "../elementwise/compare.js";
import { abs, floor, log2, square } from "../elementwise/unary.js";
import { max, min, sum } from "../reduce.js";
import { reshape } from "../shape/movement.js";

/**
 * Norm of vectors, `(Σ|xᵢ|^ord)^(1/ord)`: default 2; ±Infinity for the largest or smallest
 * |xᵢ|, 0 for how many differ from 0. Powers neither overflow nor vanish. Where a norm has a kink,
 * at the zero vector and, but for 2, at elements of 0, its derivatives of first and second order
 * are 0.
 *
 * @example
 * vectorNorm(tensor([3, 4])).item(); // 5
 */
export function vectorNorm(
  x: Tensor,
  options?: ReduceOptions & { readonly ord?: number | undefined },
): Tensor {
  expectTensor("vectorNorm", x);
  const { ord = 2, ...over } = given("vectorNorm", options, "ord# axis keepdims?");
  normalizeAxes("vectorNorm", over.axis, x.shape);
  return scope(() => {
    const dtype = x.dtype === "float64" ? "float64" : "float32";
    const y = x.dtype === dtype ? x : cast(x, dtype);
    if (ord === 0) return sum(cast(notEqual(y, 0), dtype), over);
    const size = abs(y);
    if (ord === 1) return sum(size, over);
    if (ord === Number.POSITIVE_INFINITY) return max(size, over);
    if (ord === Number.NEGATIVE_INFINITY) return min(size, over);
    if (x.size === 0) return pow(sum(size, over), 1 / ord);
    const keep = { ...over, keepdims: true };
    const most = ord > 0 ? max(size, keep) : min(size, keep);
    const norm = ord === 2 ? euclidean(y, most, keep) : powerNorm(size, most, ord, keep);
    const axes = normalizeAxes("vectorNorm", over.axis, x.shape);
    return over.keepdims ? norm : reshape(norm, reducedShape(x.shape, axes, false));
  });
}

/** `s √Σ(x/s)²`. */
function euclidean(x: Tensor, most: Tensor, over: ReduceOptions): Tensor {
  const scale = safeScale(most);
  return mul(root(sum(square(div(x, scale)), over)), scale);
}

/**
 * `s (Σ(|x|/s)^ord)^(1/ord)` over elements that are not 0; s is near `most`, a constant as `floor`
 * has no derivative.
 */
function powerNorm(size: Tensor, most: Tensor, ord: number, over: ReduceOptions): Tensor {
  const usual = logicalAnd(greater(most, 0), less(most, Number.POSITIVE_INFINITY));
  const scale = pow(2, div(floor(mul(log2(where(usual, most, 1)), 64)), 64));
  const [zero, none] = [equal(size, 0), equal(most, 0)];
  const total = sum(where(zero, 0, pow(div(where(zero, 1, size), scale), ord)), over);
  return where(none, 0, mul(pow(where(none, 1, total), 1 / ord), scale));
}
