/** @file The normalised sinc function and its derivatives of every order. */
import { apply } from "../../core/apply.js";
import type { Op } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { unary } from "../define/elementwise.js";
import { ruled } from "../define/ruled.js";
import { mul } from "../elementwise/binary.js";
import { cosPi, sinPi } from "./gamma.js";

/**
 * `sin(πx)/(πx)`, elementwise, and 1 at 0; exactly 0 at all other whole numbers, NaN at ±∞ as in
 * NumPy. Its derivatives of every order are exact at 0 too.
 *
 * @noMethod
 *
 * @example
 * sinc(tensor([0, 0.5, 1])).toString(); // Tensor(float32, [3]) [1, 0.6366, 0]
 */
export const sinc = ruled(
  unary("sinc", { scalar: sincScalar }),
  fromInputs(({ inputs: [x] }) => [(g) => mul(g, sincSlope(x, 1))]),
);

function sincScalar(x: number): number {
  const a = Math.abs(x);
  return a === 0 ? 1 : sinPi(a) / (Math.PI * a);
}

interface OrderAttrs {
  readonly order: number;
}

/** The derivative of sinc of an order. */
const sincSlopeOp: Op<readonly [Tensor], OrderAttrs> = defineOp({
  name: "sincSlope",
  infer: ([x]) => x,
  reference([x], { order }, out) {
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = sincDerivative(order, x.data[i] as number);
    }
  },
  rule: fromInputs(({ inputs: [x], attrs: { order } }) => [(g) => mul(g, sincSlope(x, order + 1))]),
  inFront: true,
});

/** @internal */
export const sincSlope = withOp(
  sincSlopeOp,
  (x: Tensor, order: number): Tensor => apply(sincSlopeOp, [x], { order }),
);

/**
 * `sinc⁽ⁿ⁾(x) = πⁿ Re iⁿ Iₙ` with `Iₙ = ∫₀¹ tⁿ e^(izt) dt`, z = πx. By parts,
 * `Iₙ = (e^(iz) − n Iₙ₋₁)/(iz)`, which loses nothing for |z| > n; below,
 * `Iₙ = e^(iz) Σₖ (−iz)ᵏ n!/(n + k + 1)!`, whose terms fall.
 */
function sincDerivative(n: number, x: number): number {
  const z = Math.PI * x;
  const [c, s] = [cosPi(x), sinPi(x)];
  let [re, im] = [0, 0];
  if (Math.abs(z) > n + 1) {
    [re, im] = [s / z, (1 - c) / z];
    for (let k = 1; k <= n; k++) [re, im] = [(s - k * im) / z, (k * re - c) / z];
  } else {
    let [termRe, termIm] = [1 / (n + 1), 0];
    for (let k = n + 2; k < n + 5 || Math.abs(termRe) + Math.abs(termIm) > 1e-20; k++) {
      [re, im] = [re + termRe, im + termIm];
      [termRe, termIm] = [(termIm * z) / k, (-termRe * z) / k];
    }
    [re, im] = [c * re - s * im, c * im + s * re];
  }
  return Math.PI ** n * ([re, -im, -re, im][n % 4] as number);
}
