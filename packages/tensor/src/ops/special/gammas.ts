/** @file The logarithm of the gamma function and its derivatives of every order. */
import { promoteTypes } from "../../base/dtype.js";
import { UsageError } from "../../base/errors.js";
import { noMore, shown } from "../../base/options.js";
import { apply } from "../../core/apply.js";
import type { Op } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromInputs } from "../../core/rule.js";
import type { Tensor, TensorLike } from "../../core/tensor.js";
import { unary } from "../define/elementwise.js";
import { converted, lifted } from "../define/lift.js";
import { ruled } from "../define/ruled.js";
import { mul } from "../elementwise/binary.js";
import { digammaScalar, lgammaScalar, polygammaScalar } from "./gamma.js";

const positive = { from: 0.3, to: 4 } as const;

/** @internal */
export interface OrderAttrs {
  readonly order: number;
}

const polygammaOp: Op<readonly [Tensor], OrderAttrs> = defineOp({
  name: "polygamma",
  infer: ([x]) => x,
  reference([x], { order }, out) {
    const of = order === 0 ? digammaScalar : (v: number) => polygammaScalar(order, v);
    for (let i = 0; i < out.data.length; i++) out.data[i] = of(x.data[i] as number);
  },
  // d ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁺¹⁾(x) dx
  rule: fromInputs(({ inputs: [x], attrs: { order } }) => [
    (g) => mul(g, apply(polygammaOp, [x], { order: order + 1 })),
  ]),
  samples: positive,
});

/**
 * The n-th derivative of {@link digamma}, `ψ⁽ⁿ⁾(x)`, elementwise; 1 is trigamma. At the poles
 * 0, −1, −2, … it is ∞ for odd n and −∞ for even n, as in SciPy. Source: Abramowitz and Stegun
 * 6.4.10, by the sum of Euler and Maclaurin; 6.4.7 below 0.
 *
 * @noMethod
 *
 * @throws UsageError unless n is a whole number from 0 to 100.
 * @example
 * polygamma(1, tensor([1])).toString(); // Tensor(float32, [1]) [1.6449]
 */
export const polygamma = withOp(polygammaOp, (n: number, x: TensorLike, ...surplus: []): Tensor => {
  noMore("polygamma", surplus, true);
  if (!Number.isInteger(n) || n < 0 || n > 100) {
    const problem = `the order must be a whole number from 0 to 100, got ${shown(n)}`;
    throw new UsageError("polygamma", problem, "the order comes first: polygamma(1, x)");
  }
  if (n === 0) return digamma(x);
  return lifted("polygamma", x, (t) =>
    converted(t, promoteTypes(t.dtype, "float32"), (c) => apply(polygammaOp, [c], { order: n })),
  );
});

/**
 * Derivative of {@link lgamma}, `ψ(x) = Γ′(x)/Γ(x)`, elementwise. At 0 it is ∓∞ by the sign of the
 * zero; NaN at the poles −1, −2, … and at −∞. Source: Abramowitz and Stegun 6.3.14 about its root
 * 1.4616…, 6.3.18 for large x, 6.3.7 below 0.
 *
 * @noMethod
 *
 * @example
 * digamma(tensor([1])).toString(); // Tensor(float32, [1]) [-0.5772]
 */
export const digamma = ruled(
  unary("digamma", { scalar: digammaScalar, samples: positive }),
  // dψ(x) = ψ′(x) dx
  fromInputs(({ inputs: [x] }) => [(g) => mul(g, apply(polygammaOp, [x], { order: 1 }))]),
);

/**
 * `log |Γ(x)|`, elementwise; ∞ at the poles 0, −1, −2, … and at ±∞. Γ(n + 1) = n!, so
 * `exp(lgamma(n + 1))` is a factorial. Source: Abramowitz and Stegun 6.1.33 about 2, 6.1.41 for
 * large x, 6.1.17 below 0, where digits are lost near the zeros.
 *
 * @noMethod
 *
 * @example
 * lgamma(tensor([1, 5])).exp().toString(); // Tensor(float32, [2]) [1, 24]
 */
export const lgamma = ruled(
  unary("lgamma", { scalar: lgammaScalar, samples: positive }),
  // d log |Γ(x)| = ψ(x) dx
  fromInputs(({ inputs: [x] }) => [(g) => mul(g, digamma(x))]),
);
