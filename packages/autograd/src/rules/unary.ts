/** @file Derivatives of elementwise functions of one tensor, each below its formula. */
import {
  add,
  clip,
  cos,
  div,
  exp,
  greater,
  hypot,
  less,
  logicalAnd,
  mul,
  neg,
  rsqrt,
  sigmoid,
  sign,
  sin,
  square,
  sub,
  type Tensor,
  where,
} from "@isograd/tensor";
import {
  type commonFamilies,
  geluGrad,
  geluTanhGrad,
  reluGrad,
  sigmoidGrad,
  siluGrad,
  tanhGrad,
} from "@isograd/tensor/engine";
import { fromInputs, fromOut, linear, type RulesFor } from "./rule.js";

/**
 * 1 − x² = (1 − x)(1 + x). The product is accurate near ±1; the square has an accurate slope near 0
 * and at ±1.
 */
function oneLessSquare(x: Tensor): Tensor {
  const x2 = square(x);
  const near = logicalAnd(greater(x2, 0.25), less(x2, 1));
  return where(near, mul(sub(1, x), add(x, 1)), sub(1, x2));
}

export const unaryRules: RulesFor<typeof commonFamilies.unary> = {
  // d(−x) = −dx
  neg: linear(() => [(g) => neg(g)]),
  // d|x| = sign(x) dx
  abs: fromInputs(({ inputs: [x] }) => [(g) => mul(g, sign(x))]),
  sign: null,
  // d x² = 2x dx
  square: fromInputs(({ inputs: [x] }) => [(g) => mul(g, add(x, x))]),
  // d(1/x) = −y² dx; one factor at a time, since y² may overflow although g y² does not
  reciprocal: fromOut(({ out }) => [(g) => neg(mul(mul(g, out), out))]),
  // d√x = dx / 2y
  sqrt: fromOut(({ out }) => [(g) => div(g, mul(out, 2))]),
  // d x^(−1/2) = −½ y³ dx
  rsqrt: fromOut(({ out }) => [(g) => mul(mul(mul(g, out), out), mul(out, -0.5))]),
  // d eˣ = y dx
  exp: fromOut(({ out }) => [(g) => mul(g, out)]),
  // d(eˣ − 1) = eˣ dx; y + 1 would lose all digits where y rounds to −1
  expm1: fromInputs(({ inputs: [x] }) => [(g) => mul(g, exp(x))]),
  // d log x = dx / x
  log: fromInputs(({ inputs: [x] }) => [(g) => div(g, x)]),
  // d log(1 + x) = dx / (1 + x)
  log1p: fromInputs(({ inputs: [x] }) => [(g) => div(g, x.add(1))]),
  // d log₂ x = dx / (x ln 2)
  log2: fromInputs(({ inputs: [x] }) => [(g) => mul(div(g, x), Math.LOG2E)]),
  // d log₁₀ x = dx / (x ln 10)
  log10: fromInputs(({ inputs: [x] }) => [(g) => mul(div(g, x), Math.LOG10E)]),
  // d sin x = cos x dx
  sin: fromInputs(({ inputs: [x] }) => [(g) => mul(g, cos(x))]),
  // d cos x = −sin x dx
  cos: fromInputs(({ inputs: [x] }) => [(g) => neg(mul(g, sin(x)))]),
  // d tan x = (1 + y²) dx
  tan: fromOut(({ out }) => [(g) => mul(g, square(out).add(1))]),
  // d arcsin x = dx / √(1 − x²)
  asin: fromInputs(({ inputs: [x] }) => [(g) => mul(g, rsqrt(oneLessSquare(x)))]),
  // d arccos x = −dx / √(1 − x²)
  acos: fromInputs(({ inputs: [x] }) => [(g) => neg(mul(g, rsqrt(oneLessSquare(x))))]),
  // d arctan x = dx / (1 + x²)
  atan: fromInputs(({ inputs: [x] }) => [
    (g) => {
      const length = hypot(x, 1);
      return div(div(g, length), length);
    },
  ]),
  // d sinh x = cosh x dx
  sinh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, x.cosh())]),
  // d cosh x = sinh x dx
  cosh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, x.sinh())]),
  // d tanh x = (1 − tanh²(x)) dx
  tanh: fromInputs(({ inputs: [x] }) => [(g) => tanhGrad(x, g)]),
  // d arsinh x = dx / √(x² + 1)
  asinh: fromInputs(({ inputs: [x] }) => [(g) => div(g, hypot(x, 1))]),
  // d arcosh x = dx / √(x² − 1)
  acosh: fromInputs(({ inputs: [x] }) => [(g) => mul(mul(g, rsqrt(sub(x, 1))), rsqrt(add(x, 1)))]),
  // d artanh x = dx / (1 − x²)
  atanh: fromInputs(({ inputs: [x] }) => [(g) => div(g, oneLessSquare(x))]),
  // d erf x = 2/√π · e^(−x²) dx; beyond 30 it is 0 in every dtype
  erf: fromInputs(({ inputs: [x] }) => [
    (g) => {
      const x2 = square(clip(x, { min: -30, max: 30 }));
      return mul(g, mul(exp(neg(x2)), 2 / Math.sqrt(Math.PI)));
    },
  ]),
  // d σ(x) = σ(x)(1 − σ(x)) dx
  sigmoid: fromInputs(({ inputs: [x] }) => [(g) => sigmoidGrad(x, g)]),
  // d max(x, 0) = [x > 0] dx; x > 0 where the result is
  relu: fromOut(({ out }) => [(g) => reluGrad(out, g)]),
  // d xΦ(x) = (Φ(x) + xφ(x)) dx
  gelu: fromInputs(({ inputs: [x] }) => [(g) => geluGrad(x, g)]),
  geluTanh: fromInputs(({ inputs: [x] }) => [(g) => geluTanhGrad(x, g)]),
  // d xσ(x) = (σ + xσ(1 − σ)) dx
  silu: fromInputs(({ inputs: [x] }) => [(g) => siluGrad(x, g)]),
  // d log(1 + eˣ) = σ(x) dx
  softplus: fromInputs(({ inputs: [x] }) => [(g) => mul(g, sigmoid(x))]),
  floor: null,
  ceil: null,
  round: null,
  trunc: null,
};
