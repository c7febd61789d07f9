/**
 * @file Moore–Penrose inverses, with the derivative of matrices whose rank stays as it is (Golub
 * and Pereyra 1973).
 *
 * @internal
 */

import type { DType } from "../../base/dtype.js";
import { apply } from "../../core/apply.js";
import type { Spec, View } from "../../core/contract.js";
import { defineOp } from "../../core/op.js";
import { fromBoth } from "../../core/rule.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { add, sub } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { neg } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { matrixTranspose } from "../shape/axes.js";
import { broadcastTo } from "../shape/movement.js";
import { matrixEquation } from "./equations.js";
import { allFinite, singularValues } from "./jacobi.js";
import { checkMatrix, eachMatrix, put, sizes } from "./matrices.js";
import { product, transposed } from "./rows.js";

/**
 * Singular values up to that share of the largest count as 0. Default: what rounding makes of 0.
 */
type PseudoAttrs = { readonly rtol: number } | undefined;

function inferred(x: Tensor): Spec {
  checkMatrix("pinv", x);
  const [m, n] = sizes(x.shape);
  return { shape: [...x.shape.slice(0, -2), n, m], dtype: x.dtype };
}

/** The inverse of each matrix, whose singular values up to `rtol(i)` of the largest count as 0. */
function invert(x: View, out: View, rtol: (matrix: number) => number): void {
  const [m, n] = sizes(x.shape);
  const k = Math.min(m, n);
  eachMatrix(x, (matrix, at) => {
    if (!allFinite(matrix)) return put(out, at, matrix.fill(Number.NaN));
    const { u, s, vt } = singularValues(matrix, m, n);
    const bound = rtol(at) * (s[0] ?? 0);
    const v = transposed(vt, k, n);
    for (let i = 0; i < v.length; i++) {
      const value = s[i % k] as number;
      v[i] = value > bound ? (v[i] as number) / value : 0;
    }
    put(out, at, product(v, transposed(u, m, k), n, k, m));
  });
}

const pinvOp = defineOp<readonly [Tensor], PseudoAttrs>({
  name: "pinv",
  inFront: true,
  infer: ([x]) => inferred(x),
  reference([x], attrs, out) {
    const rtol = attrs?.rtol ?? roundedShare(out.dtype, ...sizes(x.shape));
    invert(x, out, () => rtol);
  },
  rule: fromBoth(({ inputs: [a], out, attrs }) => [
    (g) => pinvGradient(a, out, g, attrs !== undefined),
  ]),
});

/** With a share for each matrix. It has no gradient: the result jumps where a value is cut off. */
const pinvOfOp = defineOp<readonly [Tensor, Tensor]>({
  name: "pinv",
  inFront: true,
  infer: ([x]) => inferred(x),
  reference: ([x, rtol], _, out) => invert(x, out, (i) => rtol.data[i] as number),
  rule: fromBoth(({ inputs: [a], out }) => [(g) => pinvGradient(a, out, g, true), null]),
});

/** max(m, n) times the dtype's precision, the bound of the standard. */
export function roundedShare(dtype: DType, m: number, n: number): number {
  return Math.max(m, n) * (dtype === "float64" ? 2 ** -52 : 2 ** -23);
}

export function pseudoInverse(x: Tensor, rtol?: TensorLike): Tensor {
  if (rtol === undefined) return apply(pinvOp, [x], undefined);
  if (!(rtol instanceof Tensor)) return apply(pinvOp, [x], { rtol: Number(rtol) });
  const own = castTo(rtol, x.dtype);
  return apply(pinvOfOp, [x, broadcastTo(own, x.shape.slice(0, -2))], undefined);
}

/**
 * dP = −P dA P + P Pᵀ dAᵀ (I − A P) + (I − P A) dAᵀ Pᵀ P. No singular value is divided by another's
 * difference from it: equal ones do no harm. This holds when D = A − A P A, the part of A that
 * counts as 0, is 0. Otherwise (`cut`) the last two terms, W and Zᵀ, solve
 * W − DᵀD W PᵀP = (I − P A) dAᵀ PᵀP + Dᵀ dA P PᵀP and
 * Z − D Dᵀ Z P Pᵀ = (I − A P) dA P Pᵀ + D dAᵀ Pᵀ P Pᵀ.
 */
function pinvGradient(a: Tensor, p: Tensor, g: Tensor, cut: boolean): Tensor {
  const [m, n] = sizes(a.shape);
  if (m < n) {
    const flipped = pinvGradient(matrixTranspose(a), matrixTranspose(p), matrixTranspose(g), cut);
    return matrixTranspose(flipped);
  }
  const pt = matrixTranspose(p);
  const inner = matmul(p, pt); // no product of two longer sides
  let [y, z] = [g, matrixTranspose(g)];
  let more: Tensor | null = null;
  if (cut) {
    const d = sub(a, matmul(a, matmul(p, a)));
    const outer = matmul(matrixTranspose(d), d);
    const solve = (c: Tensor) => matrixEquation(outer, inner, c, "product");
    y = add(g, matmul(matmul(outer, solve(matmul(g, pt))), p));
    z = add(z, matmul(d, solve(matmul(matmul(matrixTranspose(d), z), inner))));
    more = add(
      matmul(d, matmul(matmul(y, pt), inner)),
      matmul(pt, matmul(inner, matmul(matrixTranspose(z), d))),
    );
  }
  const left = matmul(pt, matmul(p, matrixTranspose(y)));
  const right = matmul(z, inner);
  const rows = sub(left, matmul(left, matmul(p, a)));
  const columns = sub(right, matmul(a, matmul(p, right)));
  const plain = add(neg(matmul(pt, matmul(g, pt))), add(columns, rows));
  return more === null ? plain : add(plain, more);
}
