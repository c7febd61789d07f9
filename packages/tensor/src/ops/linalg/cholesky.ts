/**
 * @file Cholesky factors of positive definite matrices, as an op over the last two axes.
 *
 * @noMethod
 */

import { UsageError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { apply } from "../../core/apply.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromBoth } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { matrixTranspose } from "../shape/axes.js";
import { choleskyGradient } from "./gradients.js";
import { choleskyFactor } from "./lu.js";
import { asFloat, checkSquare, eachMatrix, put, sizes, symmetrized } from "./matrices.js";

const choleskyOp = defineOp<readonly [Tensor]>({
  name: "cholesky",
  infer([x]) {
    checkSquare("cholesky", x);
    return x;
  },
  reference([x], _, out) {
    const [n] = sizes(out.shape);
    eachMatrix(x, (matrix, i) => {
      const l = choleskyFactor(symmetrized(matrix, n), n);
      if (l === null) {
        throw new UsageError(
          "cholesky",
          `matrix ${i} of the batch is not positive definite`,
          "add a small multiple of the identity, or use eigh",
        );
      }
      put(out, i, l);
    });
  },
  rule: fromBoth(({ out }) => [(g) => choleskyGradient(out, g)]),
});

/**
 * Lower triangular L with positive diagonal and L·Lᵀ = A, for positive definite matrices. Of a
 * matrix that is not symmetric, the symmetric part (A + Aᵀ)/2 is taken, and the gradient is
 * symmetric. With `upper`, its transpose U = Lᵀ: A = Uᵀ·U.
 *
 * @throws ShapeError when a matrix is not square; UsageError when it is not positive definite.
 * @example
 * cholesky(tensor([[4, 2], [2, 5]])).toArray(); // [[2,0],[1,2]]
 */
export const cholesky = withOp(
  choleskyOp,
  (x: Tensor, options?: { readonly upper?: boolean | undefined }, ...surplus: []): Tensor => {
    noMore("cholesky", surplus);
    const { upper = false } = given("cholesky", options, "upper?");
    const lower = () => asFloat("cholesky", x, (c) => apply(choleskyOp, [c], undefined));
    return upper ? scope(() => matrixTranspose(lower())) : lower();
  },
);
