/**
 * @file The sum of singular values; its derivative is U·Vᵀ, which does not depend on the choice of
 * singular vectors.
 *
 * @internal
 */

import { apply } from "../../core/apply.js";
import { defineOp } from "../../core/op.js";
import { fromBoth, fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";

import { add, mul, sub } from "../elementwise/binary.js";
import { matmul } from "../matmul.js";
import { expandDims, matrixTranspose } from "../shape/axes.js";
import { matrixEquation } from "./equations.js";
import { allFinite, singularValues, singularValuesAlone } from "./jacobi.js";
import { checkMatrix, eachMatrix, put, sizes, symmetric } from "./matrices.js";
import { pseudoInverse } from "./pseudo.js";
import { product } from "./rows.js";

const EPS = 2 ** -52;

const nuclearOp = defineOp<readonly [Tensor]>({
  name: "nuclear",
  inFront: true,
  infer([x]) {
    checkMatrix("matrixNorm", x);
    return { shape: x.shape.slice(0, -2), dtype: x.dtype };
  },
  reference([x], _, out) {
    const [m, n] = sizes(x.shape);
    eachMatrix(x, (a, i) => {
      out.data[i] = allFinite(a)
        ? singularValuesAlone(a, m, n).reduce((sum, s) => sum + s, 0)
        : Number.NaN;
    });
  },
  rule: fromInputs(({ inputs: [a] }) => [
    (g) => mul(expandDims(expandDims(g, -1), -1), apply(polarOp, [a], undefined)),
  ]),
});

/** Sums of singular values. */
export function nuclearNorm(x: Tensor): Tensor {
  return apply(nuclearOp, [x], undefined);
}

/** U·Vᵀ over the singular values that are not 0: the shortest of all subgradients of the norm. */
const polarOp = defineOp<readonly [Tensor]>({
  name: "polar",
  inFront: true,
  infer: ([x]) => x,
  reference([x], _, out) {
    const [m, n] = sizes(out.shape);
    const k = Math.min(m, n);
    eachMatrix(x, (a, i) => {
      if (!allFinite(a)) return put(out, i, a.fill(Number.NaN));
      const { u, s, vt } = singularValues(a, m, n);
      const bound = Math.max(m, n) * EPS * (s[0] ?? 0);
      const live = u.map((value, j) => ((s[j % k] as number) > bound ? value : 0));
      put(out, i, product(live, vt, m, k, n));
    });
  },
  rule: fromBoth(({ inputs: [a], out }) => [(g) => polarGradient(a, out, g)]),
});

/**
 * Of A = Q P: dQ = Q Ω + (I − Q Qᵀ) dA P⁻¹, where Ω solves P Ω + Ω P = Qᵀ dA − dAᵀ Q, and P⁻¹ = A⁺
 * Q. NaN below full rank.
 */
function polarGradient(a: Tensor, q: Tensor, g: Tensor): Tensor {
  const [m, n] = sizes(a.shape);
  if (m < n) {
    const flipped = polarGradient(matrixTranspose(a), matrixTranspose(q), matrixTranspose(g));
    return matrixTranspose(flipped);
  }
  const k = matmul(matrixTranspose(q), g);
  const stretch = symmetric(matmul(matrixTranspose(q), a));
  const turn = matmul(q, matrixEquation(stretch, stretch, sub(k, matrixTranspose(k)), "sum"));
  if (m === n) return turn;
  const out = sub(g, matmul(q, k));
  return add(turn, matmul(out, matmul(pseudoInverse(a), q)));
}
