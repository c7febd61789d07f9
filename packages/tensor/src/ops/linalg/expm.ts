/**
 * @file The matrix exponential as an op; its derivative is a block of a larger exponential.
 *
 * @noMethod
 */

import { noMore } from "../../base/options.js";
import { apply } from "../../core/apply.js";
import { defineOp } from "../../core/op.js";
import { fromInputs } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../creation.js";
import { div, mul, pow } from "../elementwise/binary.js";
import { greater, less, logicalAnd, where } from "../elementwise/compare.js";
import { abs, floor, log2 } from "../elementwise/unary.js";
import { max } from "../reduce.js";
import { matrixTranspose } from "../shape/axes.js";
import { slice } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";
import { exponential } from "./exponential.js";
import { asFloat, checkSquare, eachMatrix, expectSquare, put, sizes } from "./matrices.js";

const expmOp = defineOp<readonly [Tensor]>({
  name: "expm",
  inFront: true,
  infer([x]) {
    checkSquare("expm", x);
    return x;
  },
  reference([x], _, out) {
    const [n] = sizes(x.shape);
    eachMatrix(x, (a, i) => put(out, i, exponential(a, n)));
  },
  rule: fromInputs(({ inputs: [a] }) => [(g) => frechet(matrixTranspose(a), g)]),
});

/** A power of 2 near the largest |g| of each matrix: a constant in derivatives. */
function sizeOfEach(g: Tensor): Tensor {
  const most = max(abs(g), { axis: [-2, -1], keepdims: true });
  const usual = logicalAnd(greater(most, 0), less(most, Number.POSITIVE_INFINITY));
  return pow(2, floor(log2(where(usual, most, 1))));
}

/**
 * The derivative of eᴬ in the direction G, linear in G: the block above on the right of
 * exp [[A, G], [0, A]] (Higham 2008, equation 10.40). G is made about 1 for it, so that the
 * scaling of the exponential is that of A.
 */
function frechet(a: Tensor, g: Tensor): Tensor {
  const n = a.shape.at(-1) as number;
  if (g.size === 0) return zerosLike(g);
  const size = sizeOfEach(g);
  const above = concat([a, div(g, size)], { axis: -1 });
  const below = concat([zerosLike(a), a], { axis: -1 });
  const whole = apply(expmOp, [concat([above, below], { axis: -2 })], undefined);
  const front = a.shape.slice(2).map(() => null);
  return mul(slice(whole, [...front, [0, n], [n, 2 * n]]), size);
}

/**
 * Exponentials of square matrices, `Σₖ Aᵏ/k!`, by scaling, Padé's approximant of degree 13 and
 * squaring (Higham 2005): the solution of x′ = A x after a time of 1. Of one that is not finite,
 * NaN.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * expm(tensor([[0, 1], [0, 0]])).toArray(); // [[1,1],[0,1]]
 */
export function expm(x: Tensor, ...surplus: []): Tensor {
  noMore("expm", surplus, true);
  expectSquare("expm", x);
  return scope(() => asFloat("expm", x, (a) => apply(expmOp, [a], undefined)));
}
