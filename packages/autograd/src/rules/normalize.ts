/** @file Derivatives of softmax and its relatives. */
import { equal, isInf, mul, reshape, softmax, where } from "@isograd/tensor";
import { type commonFamilies, logSoftmaxGrad, softmaxGrad } from "@isograd/tensor/engine";
import { fromBoth, fromOut, type RulesFor } from "./rule.js";

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
};
