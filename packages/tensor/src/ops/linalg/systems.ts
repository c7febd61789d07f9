/**
 * @file Systems of linear equations, determinants and Cholesky factors, as ops over the last two
 * axes.
 *
 * @noMethod
 */

import { type DType, promoteTypes } from "../../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { broadcastShapes, formatShape } from "../../base/shape.js";
import { apply, applyMany } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromBoth, fromInputs, fromInputsMany } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";

import { mul } from "../elementwise/binary.js";
import { cast, exactType } from "../elementwise/cast.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import { expandDims } from "../shape/stack.js";
import { cofactors } from "./cofactors.js";
import {
  choleskyGradient,
  solveGradients,
  traceGradient,
  triangularGradients,
} from "./gradients.js";
import { choleskyFactor, luFactor, luSolve, substitute } from "./lu.js";
import { asFloat, checkSquare, eachMatrix, put, sizes, symmetrized } from "./matrices.js";

function singular(op: string, batch: number, column: number): UsageError {
  return new UsageError(
    op,
    `matrix ${batch} of the batch is singular: pivot ${column} is 0`,
    "use lstsq or pinv, or add a small multiple of the identity",
  );
}

type Pair = readonly [Tensor, Tensor];

function inferSolve(op: string, a: Tensor, b: Tensor) {
  checkSquare(op, a);
  const batch = (x: Tensor) => x.shape.slice(0, -2).join();
  if (b.shape.length < 2 || sizes(b.shape)[0] !== sizes(a.shape)[1] || batch(a) !== batch(b)) {
    throw new ShapeError(
      op,
      `a right side ${formatShape(b.shape)} does not fit the matrix ${formatShape(a.shape)}`,
      "its rows are as many as the matrix has",
    );
  }
  if (a.dtype !== b.dtype) {
    throw new DTypeError(op, `the matrix is ${a.dtype}, the right side ${b.dtype}`, "cast one");
  }
  return { shape: b.shape, dtype: b.dtype };
}

const solveOp = defineOp<Pair, { readonly as: string | null }>({
  name: "solve",
  infer: ([a, b], { as }) => inferSolve(as ?? "solve", a, b),
  reference([a, b], { as }, out) {
    const [n, k] = sizes(out.shape);
    const right = b as View;
    eachMatrix(a as View, (matrix, i) => {
      const lu = luFactor(matrix, n);
      if (lu.singularAt >= 0 && as !== null) throw singular(as, i, lu.singularAt);
      const own = Float64Array.from(right.data.subarray(i * n * k, (i + 1) * n * k));
      put(out, i, lu.singularAt < 0 ? luSolve(lu, n, own, k) : own.fill(Number.NaN));
    });
  },
  rule: fromBoth(solveGradients),
});

/**
 * A system of one dtype with equal leading axes and a right side of matrices; a vector becomes a
 * column and back.
 */
function system(op: string, a: Tensor, b: Tensor, run: (a: Tensor, b: Tensor) => Tensor): Tensor {
  expectTensor(op, a);
  expectTensor(op, b);
  const dtype: DType = promoteTypes(promoteTypes(a.dtype, b.dtype), "float32");
  const exact = exactType(dtype, [a, b]);
  return scope(() => {
    const [p, q] = [cast(a, exact), cast(b, exact)];
    checkSquare(op, p);
    const vector = q.shape.length === 1;
    const right = vector ? reshape(q, [q.size, 1]) : q;
    const n = sizes(right.shape)[0];
    if (n !== sizes(p.shape)[1]) inferSolve(op, p, right);
    const batch = broadcastShapes(op, p.shape.slice(0, -2), right.shape.slice(0, -2));
    const whole = (x: Tensor) => broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    const made = run(whole(p), whole(right));
    const out = exact === dtype ? made : cast(made, dtype);
    return vector ? reshape(out, out.shape.slice(0, -1)) : out;
  });
}

/**
 * X of A·X = B, by LU factors with partial pivoting, in float64 whatever the dtype. B is a matrix
 * [n, k], or one vector [n]; leading axes broadcast.
 *
 * @throws ShapeError when A is not square or B does not fit; UsageError when A is singular.
 * @example
 * solve(tensor([[2, 0], [0, 4]]), tensor([2, 2])).toArray(); // [1,0.5]
 */
export const solve = withOp(solveOp, (a: Tensor, b: Tensor): Tensor => {
  return system("solve", a, b, (p, q) => apply(solveOp, [p, q], { as: "solve" }));
});

/**
 * {@link solve} under the name of the function that calls it: errors name that. With null, singular
 * matrices give NaN.
 *
 * @internal
 */
export function solveFor(as: string | null, a: Tensor, b: Tensor): Tensor {
  return system(as ?? "solve", a, b, (p, q) => apply(solveOp, [p, q], { as }));
}

/** Which half of the matrix to read. */
export interface TriangularOptions {
  /** The upper half rather than the lower. */
  readonly upper?: boolean | undefined;
  /** Take the diagonal to be 1 without reading it. */
  readonly unitDiagonal?: boolean | undefined;
}

/** @internal */
export interface TriangularAttrs {
  readonly upper: boolean;
  readonly unit: boolean;
}

const solveTriangularOp = defineOp<Pair, TriangularAttrs>({
  name: "solveTriangular",
  infer: ([a, b]) => inferSolve("solveTriangular", a, b),
  reference([a, b], half, out) {
    const [n, k] = sizes(out.shape);
    const right = b as View;
    eachMatrix(a as View, (matrix, i) => {
      const x = Float64Array.from(right.data.subarray(i * n * k, (i + 1) * n * k));
      for (let j = 0; j < n && !half.unit; j++) {
        if (matrix[j * n + j] === 0) throw singular("solveTriangular", i, j);
      }
      substitute(matrix, n, x, k, half);
      put(out, i, x);
    });
  },
  rule: fromBoth(triangularGradients),
});

/**
 * X of T·X = B for a triangular T, by substitution; the other half of T is not read. As in `solve`,
 * B is a matrix or one vector, and leading axes broadcast.
 *
 * @throws ShapeError when T is not square or B does not fit; UsageError for a 0 on the diagonal.
 * @example
 * solveTriangular(tensor([[2, 0], [1, 1]]), tensor([2, 3])).toArray(); // [1,2]
 */
export const solveTriangular = withOp(
  solveTriangularOp,
  (a: Tensor, b: Tensor, options: TriangularOptions = {}): Tensor => {
    const { upper = false, unitDiagonal: unit = false } = options;
    return system("solveTriangular", a, b, (p, q) =>
      apply(solveTriangularOp, [p, q], { upper, unit }),
    );
  },
);

const slogdetOp = defineOp<readonly [Tensor]>({
  name: "slogdet",
  infer: ([x]) => x,
  inferMany([x]) {
    checkSquare("slogdet", x);
    const spec = { shape: x.shape.slice(0, -2), dtype: x.dtype };
    return [spec, spec];
  },
  referenceMany([x], _, [sign, log]) {
    const [n] = sizes((x as View).shape);
    eachMatrix(x as View, (matrix, i) => {
      const { lu, sign: swaps } = luFactor(matrix, n);
      let s = swaps;
      let sum = 0;
      for (let k = 0; k < n; k++) {
        const pivot = lu[k * n + k] as number;
        s *= Math.sign(pivot);
        sum += Math.log(Math.abs(pivot));
      }
      (sign as View).data[i] = s;
      (log as View).data[i] = sum;
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
export const slogdet = withOp(slogdetOp, (x: Tensor): { sign: Tensor; logabsdet: Tensor } => {
  const [sign, logabsdet] = asFloat("slogdet", x, (c) => applyMany(slogdetOp, [c], undefined));
  return { sign: sign as Tensor, logabsdet: logabsdet as Tensor };
});

const detOp = defineOp<readonly [Tensor]>({
  name: "det",
  infer([x]) {
    checkSquare("det", x);
    return { shape: x.shape.slice(0, -2), dtype: x.dtype };
  },
  reference([x], _, out) {
    const [n] = sizes((x as View).shape);
    eachMatrix(x as View, (matrix, i) => {
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
export const det = withOp(detOp, (x: Tensor): Tensor => {
  return asFloat("det", x, (c) => apply(detOp, [c], undefined));
});

const choleskyOp = defineOp<readonly [Tensor]>({
  name: "cholesky",
  infer([x]) {
    checkSquare("cholesky", x);
    return x;
  },
  reference([x], _, out) {
    const [n] = sizes(out.shape);
    eachMatrix(x as View, (matrix, i) => {
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
 * symmetric.
 *
 * @throws ShapeError when a matrix is not square; UsageError when it is not positive definite.
 * @example
 * cholesky(tensor([[4, 2], [2, 5]])).toArray(); // [[2,0],[1,2]]
 */
export const cholesky = withOp(choleskyOp, (x: Tensor): Tensor => {
  return asFloat("cholesky", x, (c) => apply(choleskyOp, [c], undefined));
});
