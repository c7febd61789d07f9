/**
 * @file Condition numbers of matrices, by their singular values or by norms of their inverses.
 *
 * @noMethod
 */

import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { defineOp } from "../../core/op.js";
import { fromOut } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { div, mul } from "../elementwise/binary.js";
import { isNaN as isNaNOf, logicalAnd, logicalNot, where } from "../elementwise/compare.js";
import { neg } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { any, max, min } from "../reduce.js";
import { matrixTranspose } from "../shape/axes.js";
import { svdvals } from "./factors.js";
import { luFactor, luSolve } from "./lu.js";
import {
  asFloat,
  checkSquare,
  eachMatrix,
  expectMatrix,
  expectSquare,
  put,
  sizes,
} from "./matrices.js";
import { matrixNorm } from "./matrixFunctions.js";
import { identity } from "./rows.js";

/** The inverse of each matrix, NaN everywhere of a singular one. */
const inverseOp = defineOp<readonly [Tensor]>({
  name: "inverse",
  inFront: true,
  infer([x]) {
    checkSquare("cond", x);
    return x;
  },
  reference([x], _, out) {
    const [n] = sizes(x.shape);
    const one = identity(n);
    eachMatrix(x, (a, i) => {
      const lu = luFactor(a, n);
      put(out, i, lu.singularAt < 0 ? luSolve(lu, n, one, n) : a.fill(Number.NaN));
    });
  },
  // dA⁻¹ = −A⁻¹ dA A⁻¹
  rule: fromOut(({ out }) => [
    (g) => {
      const back = matrixTranspose(out);
      return neg(matmul(back, matmul(g, back)));
    },
  ]),
});

/** The norms of which there are condition numbers. */
const NORMS: readonly unknown[] = [
  ...["fro", "nuc"],
  ...[1, -1, 2, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

/** ‖A‖ ‖A⁻¹‖, or a quotient of singular values; NaN where it is infinite. */
function quotient(x: Tensor, p: number | "fro" | "nuc"): Tensor {
  if (p === 2 || p === -2) {
    const s = svdvals(x);
    const [most, least] = [max(s, { axis: -1 }), min(s, { axis: -1 })];
    return p === 2 ? div(most, least) : div(least, most);
  }
  const inverse = apply(inverseOp, [x], undefined);
  return mul(matrixNorm(x, { ord: p }), matrixNorm(inverse, { ord: p }));
}

/**
 * Condition numbers of matrices, `‖A‖ₚ ‖A⁻¹‖ₚ`, as NumPy's: for `p` of 2 (the default) the largest
 * singular value over the smallest, of matrices of any shape, for −2 the reverse; for "fro",
 * "nuc", ±1 and ±Infinity those norms, see {@link matrixNorm}, of square ones. Infinite for a
 * singular matrix.
 *
 * @throws UsageError for any other `p`; ShapeError for an empty matrix, or one that is not square
 * where it must be.
 * @example
 * cond(tensor([[4, 0], [0, 2]])).item(); // 2
 * cond(tensor([[1, 2], [2, 4]]), { p: 1 }).item(); // Infinity
 */
export function cond(
  x: Tensor,
  options?: { readonly p?: number | "fro" | "nuc" | undefined },
  ...surplus: []
): Tensor {
  noMore("cond", surplus);
  expectMatrix("cond", x);
  const { p = 2 } = given("cond", options, "p");
  if (!NORMS.includes(p)) {
    const known = 'use "fro", "nuc", ±1, ±2 or ±Infinity';
    throw new UsageError("cond", `there is no norm ${shown(p)}`, known);
  }
  if (p !== 2 && p !== -2) expectSquare("cond", x);
  if (sizes(x.shape).includes(0)) {
    throw new ShapeError(
      "cond",
      `the matrix is empty: ${formatShape(x.shape)}`,
      "give one row and one column or more",
    );
  }
  return scope(() =>
    asFloat("cond", x, (a) => {
      const found = quotient(a, p);
      const known = logicalNot(any(isNaNOf(a), { axis: [-2, -1] }));
      return where(logicalAnd(isNaNOf(found), known), Number.POSITIVE_INFINITY, found);
    }),
  );
}
