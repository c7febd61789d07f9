/** @file Derivatives of the elementwise functions of one tensor, each under its formula. Uses ordinary ops only. */
import {
  add,
  cos,
  div,
  exp,
  mul,
  neg,
  rsqrt,
  sigmoid,
  sign,
  sin,
  square,
  sub,
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

export const unaryRules: RulesFor<typeof commonFamilies.unary> = {
  // d(−x) = −dx
  neg: linear(() => [(g) => neg(g)]),
  // d|x| = sign(x) dx
  abs: fromInputs(({ inputs: [x] }) => [(g) => mul(g, sign(x))]),
  sign: null,
  // d x² = 2x dx
  square: fromInputs(({ inputs: [x] }) => [(g) => mul(g, add(x, x))]),
  // d(1/x) = −y² dx
  reciprocal: fromOut(({ out }) => [(g) => neg(mul(g, square(out)))]),
  // d√x = dx / 2y
  sqrt: fromOut(({ out }) => [(g) => div(g, mul(out, 2))]),
  // d x^(−1/2) = −½ y³ dx
  rsqrt: fromOut(({ out }) => [(g) => mul(g, mul(mul(square(out), out), -0.5))]),
  // d eˣ = y dx
  exp: fromOut(({ out }) => [(g) => mul(g, out)]),
  // d(eˣ − 1) = (y + 1) dx
  expm1: fromOut(({ out }) => [(g) => mul(g, out.add(1))]),
  // d log x = dx / x
  log: fromInputs(({ inputs: [x] }) => [(g) => div(g, x)]),
  // d log(1 + x) = dx / (1 + x)
  log1p: fromInputs(({ inputs: [x] }) => [(g) => div(g, x.add(1))]),
  // d log₂ x = dx / (x ln 2)
  log2: fromInputs(({ inputs: [x] }) => [(g) => div(g, mul(x, Math.LN2))]),
  // d log₁₀ x = dx / (x ln 10)
  log10: fromInputs(({ inputs: [x] }) => [(g) => div(g, mul(x, Math.LN10))]),
  // d sin x = cos x dx
  sin: fromInputs(({ inputs: [x] }) => [(g) => mul(g, cos(x))]),
  // d cos x = −sin x dx
  cos: fromInputs(({ inputs: [x] }) => [(g) => neg(mul(g, sin(x)))]),
  // d tan x = (1 + y²) dx
  tan: fromOut(({ out }) => [(g) => mul(g, square(out).add(1))]),
  // d arcsin x = dx / √(1 − x²)
  asin: fromInputs(({ inputs: [x] }) => [(g) => mul(g, rsqrt(sub(1, square(x))))]),
  // d arccos x = −dx / √(1 − x²)
  acos: fromInputs(({ inputs: [x] }) => [(g) => neg(mul(g, rsqrt(sub(1, square(x)))))]),
  // d arctan x = dx / (1 + x²)
  atan: fromInputs(({ inputs: [x] }) => [(g) => div(g, square(x).add(1))]),
  // d sinh x = cosh x dx
  sinh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, x.cosh())]),
  // d cosh x = sinh x dx
  cosh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, x.sinh())]),
  // d tanh x = (1 − y²) dx
  tanh: fromOut(({ out }) => [(g) => tanhGrad(out, g)]),
  // d arsinh x = dx / √(x² + 1)
  asinh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, rsqrt(square(x).add(1)))]),
  // d arcosh x = dx / √(x² − 1)
  acosh: fromInputs(({ inputs: [x] }) => [(g) => mul(g, rsqrt(square(x).sub(1)))]),
  // d artanh x = dx / (1 − x²)
  atanh: fromInputs(({ inputs: [x] }) => [(g) => div(g, sub(1, square(x)))]),
  // d erf x = 2/√π · e^(−x²) dx
  erf: fromInputs(({ inputs: [x] }) => [
    (g) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  ]),
  // d σ(x) = y(1 − y) dx
  sigmoid: fromOut(({ out }) => [(g) => sigmoidGrad(out, g)]),
  // d max(x, 0) = [x > 0] dx; the result has the sign of x, so it serves as well as x
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
