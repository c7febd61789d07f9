/** @file Derivatives of the derivatives: c is the cotangent, g what the slope was multiplied with. */
import { exp, mul, neg, sigmoid, square, sub, sum, type Tensor, tanh } from "@isograd/tensor";
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
const K = Math.sqrt(2 / Math.PI);
const C = 0.044715;

export const slopesRules: RulesFor<typeof commonFamilies.slopes> = {
  // ∂ g(1 − y²) / ∂y = −2yg
  tanhGrad: fromInputs(({ inputs: [y, g] }) => [
    (c) => mul(mul(c, g), mul(y, -2)),
    (c) => tanhGrad(y, c),
  ]),
  // ∂ gy(1 − y) / ∂y = g(1 − 2y)
  sigmoidGrad: fromInputs(({ inputs: [y, g] }) => [
    (c) => mul(mul(c, g), sub(1, mul(y, 2))),
    (c) => sigmoidGrad(y, c),
  ]),
  // piecewise constant in x
  reluGrad: fromInputs(({ inputs: [x] }) => [null, (c) => reluGrad(x, c)]),
  // d²(xΦ)/dx² = (2 − x²) φ(x)
  geluGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(mul(c, g), mul(sub(2, square(x)), density));
    },
    (c) => geluGrad(x, c),
  ]),
  geluTanhGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => mul(mul(c, g), geluTanhCurvature(x)),
    (c) => geluTanhGrad(x, c),
  ]),
  // d²(xσ)/dx² = σ(1 − σ)(2 + x(1 − 2σ))
  siluGrad: fromInputs(({ inputs: [x, g] }) => [
    (c) => {
      const s = sigmoid(x);
      const bend = mul(x, sub(1, mul(s, 2))).add(2);
      return mul(mul(c, g), mul(mul(s, sub(1, s)), bend));
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
  // out = g − eʸ Σg: ∂/∂y = −c eʸ Σg, ∂/∂gₖ = cₖ − Σ c eʸ
  logSoftmaxGrad: fromInputs(({ inputs: [y, g] }) => [
    (c) => neg(mul(mul(c, exp(y)), sum(g, last))),
    (c) => sub(c, sum(mul(c, exp(y)), last)),
  ]),
};

// With u = k(x + 0.044715x³), t = tanh u: (1 − t²)u' + x/2 (1 − t²)(u'' − 2t u'²)
function geluTanhCurvature(x: Tensor): Tensor {
  const x2 = square(x);
  const t = tanh(mul(x, mul(x2, C).add(1).mul(K)));
  const slope = mul(x2, 3 * C)
    .add(1)
    .mul(K);
  const bend = sub(mul(x, 6 * C * K), mul(mul(t, square(slope)), 2));
  return mul(sub(1, square(t)), slope.add(mul(mul(x, 0.5), bend)));
}
