/** @file Derivatives of softmax, its relatives, and layer normalisation. */
import {
  abs,
  div,
  equal,
  isInf,
  mul,
  reshape,
  softmax,
  standardize,
  sub,
  sum,
  type Tensor,
  where,
} from "@isograd/tensor";
import {
  type commonFamilies,
  logSoftmaxGrad,
  softmaxGrad,
  standardizeGrad,
} from "@isograd/tensor/engine";
import { fromBoth, fromInputs, fromOut, type RulesFor } from "./rule.js";

const last = { axis: -1, keepdims: true } as const;

/**
 * r = 1/√(variance + eps) of each row, as zᵢ/(xᵢ − x̄) at the largest |xᵢ − x̄|: so no square can
 * overflow or underflow.
 */
function rowScale(
  x: Tensor,
  z: Tensor,
  attrs: { eps: number; centred?: boolean | undefined },
): Tensor {
  const { eps, centred = true } = attrs;
  const size = abs(centred ? sub(x, x.mean(last)) : x).max(last);
  const flat = equal(size, 0);
  return where(flat, 1 / Math.sqrt(eps), div(abs(z).max(last), where(flat, 1, size)));
}

export const normalizeRules: RulesFor<typeof commonFamilies.normalize> = {
  // dy = y (dx − Σ y dx)
  softmax: fromOut(({ out }) => [(g) => softmaxGrad(out, g)]),
  // dy = dx − Σ eʸ dx
  logSoftmax: fromOut(({ out }) => [(g) => logSoftmaxGrad(out, g)]),
  // d log Σ eˣ = Σ softmax(x) dx; 0 if all are −∞, since the result is constant there; equal shares
  // among +∞
  logSumExp: fromBoth(({ inputs: [x], out }) => [
    (g) => {
      const column = reshape(out, [...out.shape, 1]);
      const top = where(equal(x, column), 0, Number.NEGATIVE_INFINITY);
      const shares = softmax(where(isInf(column), top, x));
      const slope = where(equal(column, Number.NEGATIVE_INFINITY), 0, shares);
      return mul(reshape(g, column.shape), slope);
    },
  ]),
  // dz = r (dx − mean(dx) − z mean(z dx)), r = 1/√(variance + eps); without mean(dx) if x is not
  // centred
  standardize: fromInputs(({ inputs: [x], attrs }) => [(g) => standardizeGrad(x, g, attrs)]),
  // P(g), the result, is a symmetric linear map of g; for x:
  // −r [ z mean(c P(g)) + mean(g z) P(c) + mean(c z) P(g) ]
  standardizeGrad: fromInputs(({ inputs: [x, g], attrs }) => [
    (c) => {
      const z = standardize(x, attrs);
      const pg = standardizeGrad(x, g, attrs);
      const pc = standardizeGrad(x, c, attrs);
      const scale = rowScale(x, z, attrs);
      const terms = mul(z, mul(c, pg).mean(last))
        .add(mul(pc, mul(g, z).mean(last)))
        .add(mul(pg, mul(c, z).mean(last)));
      return mul(terms, scale).neg();
    },
    (c) => standardizeGrad(x, c, attrs),
  ]),
  layerNorm: fromInputs(({ inputs: [x, weight], attrs }) => {
    const lead = x.shape.slice(0, -1).map((_, i) => i);
    const overRows = (t: Tensor) => (lead.length === 0 ? t : sum(t, { axis: lead }));
    return [
      (g) => standardizeGrad(x, mul(g, weight), attrs),
      (g) => overRows(mul(g, standardize(x, attrs))),
      (g) => overRows(g),
    ];
  }),
};
