/** @file Derivatives of `slope(x) · g`, the ops of first derivatives; c is the cotangent. */
import {
  add,
  clip,
  exp,
  expm1,
  mul,
  neg,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@isograd/tensor";
import {
  type commonFamilies,
  geluGrad,
  geluTanhGrad,
  reluGrad,
  sigmoidGrad,
  siluGrad,
  softmaxGrad,
  tanhGrad,
} from "@isograd/tensor/engine";
import { fromInputs, type RulesFor } from "./rule.js";

const last = { axis: -1, keepdims: true } as const;
const K = 2 * Math.sqrt(2 / Math.PI);
const C = 0.044715;

export const slopesRules: RulesFor<typeof commonFamilies.slopes> = {
  // d² tanh(x)/dx² = −2 tanh(x) tanh′(x)
  tanhGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => tanhGrad(x, mul(mul(c, g), mul(tanh(x), -2))),
    (c) => tanhGrad(x, c),
  ]),
  // d²σ(x)/dx² = σ′(x)(1 − 2σ(x)), 1 − 2σ(x) = −tanh(x/2)
  sigmoidGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => sigmoidGrad(x, neg(mul(mul(c, g), tanh(mul(x, 0.5))))),
    (c) => sigmoidGrad(x, c),
  ]),
  // piecewise constant in x
  reluGrad: fromInputs(({ inputs: [x] }) => [null, (c) => reluGrad(x, c)]),
  // d²(xΦ)/dx² = (2 − x²) φ(x)
  geluGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => {
      const x2 = square(near(x));
      const density = mul(exp(mul(x2, -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(mul(c, g), mul(sub(2, x2), density));
    },
    (c) => geluGrad(x, c),
  ]),
  geluTanhGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => geluTanhCurvature(near(x), mul(c, g)),
    (c) => geluTanhGrad(x, c),
  ]),
  // d²(xσ)/dx² = σ′(x)(2 − x tanh(x/2))
  siluGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => {
      const bend = sub(2, mul(near(x), tanh(mul(x, 0.5))));
      return sigmoidGrad(x, mul(mul(c, g), bend));
    },
    (c) => siluGrad(x, c),
  ]),
  // out = y(g − Σgy): ∂/∂yₖ = cₖ(gₖ − Σgy) − gₖ Σcy, ∂/∂g is the same map
  softmaxGrad: fromInputs(({ inputs: [y, g] }) => [
    (c) => {
      const direct = mul(c, sub(g, sum(mul(g, y), last)));
      return sub(direct, mul(g, sum(mul(c, y), last)));
    },
    (c) => softmaxGrad(y, c),
  ]),
  // out = g − eʸ Σg: ∂/∂y = −c eʸ Σg, ∂/∂gₖ = cₖ − Σ c eʸ = −(cₖ(e^yₖ − 1) + Σ of the other c eʸ)
  logSoftmaxGrad: fromInputs(({ inputs: [y, g] }) => [
    (c) => neg(mul(mul(c, exp(y)), sum(g, last))),
    (c) => {
      const shares = mul(c, exp(y));
      return neg(add(mul(c, expm1(y)), sub(sum(shares, last), shares)));
    },
  ]),
};

/** x clipped to where e^−|x| is above 0 in float64: beyond that, ∞ · 0 would give NaN. */
function near(x: Tensor): Tensor {
  return clip(x, { min: -800, max: 800 });
}

// With v = 2k(x + 0.044715x³): d²(xσ(v))/dx² = σ′(v)(2v′ + x(v″ − tanh(v/2) v′²))
function geluTanhCurvature(x: Tensor, g: Tensor): Tensor {
  const x2 = square(x);
  const v = mul(x, mul(x2, C).add(1).mul(K));
  const slope = mul(x2, 3 * C)
    .add(1)
    .mul(K);
  const bend = sub(mul(x, 6 * C * K), mul(tanh(mul(v, 0.5)), square(slope)));
  return sigmoidGrad(v, mul(g, mul(slope, 2).add(mul(x, bend))));
}
