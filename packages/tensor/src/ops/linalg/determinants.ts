/**
 * @file Determinants, as ops over the last two axes.
 *
 * @noMethod
 */
import { noMore } from "../../base/options.js";

import { apply, applyMany } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromInputs, fromInputsMany } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { mul } from "../elementwise/binary.js";
import { expandDims } from "../shape/axes.js";
import { cofactors } from "./cofactors.js";
import { traceGradient } from "./gradients.js";
import { luFactor } from "./lu.js";
import { asFloat, checkSquare, eachMatrix, sizes } from "./matrices.js";

const slogdetOp = defineOp<readonly [Tensor]>({
  name: "slogdet",
  infer: ([x]) => x,
  inferMany([x]) {
    checkSquare("slogdet", x);
    const spec = { shape: x.shape.slice(0, -2), dtype: x.dtype };
    return [spec, spec];
  },
  referenceMany([x], _, outs) {
    const [sign, log] = outs as [View, View];
    const [n] = sizes(x.shape);
    eachMatrix(x, (matrix, i) => {
      const { lu, sign: swaps } = luFactor(matrix, n);
      let s = swaps;
      let sum = 0;
      for (let k = 0; k < n; k++) {
        const pivot = lu[k * n + k] as number;
        s *= Math.sign(pivot);
        sum += Math.log(Math.abs(pivot));
      }
      sign.data[i] = s;
      log.data[i] = sum;
    });
  },
  // the sign is constant
  rule: fromInputsMany(({ inputs: [a] }) => [([, g]) => (g ? traceGradient(a, g) : null)]),
});

/**
 * Sign and logarithm of the absolute value of the determinant, which itself may be too large or
 * small for a float. A singular matrix has sign 0 and −∞, whose gradient is NaN.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * slogdet(tensor([[0, 1], [1, 0]])).sign.item(); // -1
 */
export const slogdet = withOp(
  slogdetOp,
  (x: Tensor, ...surplus: []): { sign: Tensor; logabsdet: Tensor } => {
    noMore("slogdet", surplus, true);
    const found = asFloat("slogdet", x, (c) => applyMany(slogdetOp, [c], undefined));
    const [sign, logabsdet] = found as [Tensor, Tensor];
    return { sign, logabsdet };
  },
);

const detOp = defineOp<readonly [Tensor]>({
  name: "det",
  infer([x]) {
    checkSquare("det", x);
    return { shape: x.shape.slice(0, -2), dtype: x.dtype };
  },
  reference([x], _, out) {
    const [n] = sizes(x.shape);
    eachMatrix(x, (matrix, i) => {
      const { lu, sign } = luFactor(matrix, n);
      let product = sign;
      for (let k = 0; k < n; k++) product *= lu[k * n + k] as number;
      out.data[i] = product;
    });
  },
  rule: fromInputs(({ inputs: [a] }) => [
    (g) => mul(expandDims(expandDims(g, -1), -1), cofactors([a])),
  ]),
});

/**
 * Determinants of square matrices. The derivative is the matrix of cofactors, of singular matrices
 * too: a determinant is a polynomial, and has derivatives of every order.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * det(tensor([[1, 2], [3, 4]])).item().toFixed(4); // -2.0000
 */
export const det = withOp(detOp, (x: Tensor, ...surplus: []): Tensor => {
  noMore("det", surplus, true);
  return asFloat("det", x, (c) => apply(detOp, [c], undefined));
});
