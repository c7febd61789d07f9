/**
 * @file Linear equations for a matrix between two symmetric ones. Their derivatives are equations
 * of the same kind.
 *
 * @internal
 */

import { apply } from "../../core/apply.js";
import { defineOp } from "../../core/op.js";
import { fromBoth } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { neg } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { matrixTranspose } from "../shape/axes.js";
import { allFinite, symmetricEigen } from "./jacobi.js";
import { eachMatrix, matrixOf, put, sizes, symmetric, symmetrized } from "./matrices.js";
import { product, transposed } from "./rows.js";

/** "sum": P·Z + Z·R = C; "product": Z − P·Z·R = C. */
type Kind = "sum" | "product";

const equationOp = defineOp<readonly [Tensor, Tensor, Tensor], Kind>({
  name: "matrixEquation",
  inFront: true,
  infer: ([, , c]) => c,
  reference([p, r, c], kind, out) {
    const [n] = sizes(out.shape);
    eachMatrix(p, (left, at) => {
      const [right, c0] = [matrixOf(r, at), matrixOf(c, at)];
      const finite = allFinite(left) && allFinite(right);
      put(out, at, finite ? solved(left, right, c0, n, kind) : c0.fill(Number.NaN));
    });
  },
  // P dZ + dZ R = dC − dP Z − Z dR, and dZ − P dZ R = dC + dP Z R + P Z dR
  rule: fromBoth(({ inputs: [p, r], out: z, attrs: kind }) => {
    const back = (g: Tensor) => matrixEquation(p, r, g, kind);
    return [
      (g) =>
        kind === "sum"
          ? neg(symmetric(matmul(back(g), matrixTranspose(z))))
          : symmetric(matmul(back(g), matrixTranspose(matmul(z, r)))),
      (g) =>
        kind === "sum"
          ? neg(symmetric(matmul(matrixTranspose(z), back(g))))
          : symmetric(matmul(matrixTranspose(matmul(p, z)), back(g))),
      back,
    ];
  }),
});

/** Z of the equation for symmetric P and R, all n×n; NaN where it has no or many solutions. */
export function matrixEquation(p: Tensor, r: Tensor, c: Tensor, kind: Kind): Tensor {
  return apply(equationOp, [p, r, c], kind);
}

/** Between eigenvectors every number of Z has an equation of its own. */
function solved(
  p: Float64Array,
  r: Float64Array,
  c: Float64Array,
  n: number,
  kind: Kind,
): Float64Array {
  const eigen = (x: Float64Array) => symmetricEigen(symmetrized(x, n), n);
  const [a, b] = [eigen(p), eigen(r)];
  const [at, bt] = [transposed(a.vectors, n, n), transposed(b.vectors, n, n)];
  const [x, y] = [a.values, b.values];
  const largest = (v: Float64Array) => Math.max(Math.abs(v[0] ?? 0), Math.abs(v[n - 1] ?? 0));
  const size = kind === "sum" ? largest(x) + largest(y) : 1;
  const inner = product(product(at, c, n, n, n), b.vectors, n, n, n).map((value, k) => {
    const [i, j] = [x[Math.floor(k / n)] as number, y[k % n] as number];
    const factor = kind === "sum" ? i + j : 1 - i * j;
    return Math.abs(factor) > 4 * n * 2 ** -52 * size ? value / factor : Number.NaN;
  });
  return product(product(a.vectors, inner, n, n, n), bt, n, n, n);
}
