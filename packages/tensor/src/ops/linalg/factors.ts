/**
 * @file Factorisations of matrices as ops over the last two axes: QR, eigenvalues, singular values.
 *
 * @noMethod
 */

import { UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { apply, applyMany } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromInputs, fromOuts } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { eye, zeros } from "../creation.js";
import { matrixTranspose } from "../shape/axes.js";
import { broadcastTo } from "../shape/movement.js";
import { slice } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";
import { qrGradient } from "./gradients.js";
import { allFinite, singularValues, singularValuesAlone, symmetricEigen } from "./jacobi.js";
import {
  asFloat,
  checkMatrix,
  checkSquare,
  eachMatrix,
  put,
  sizes,
  symmetrized,
} from "./matrices.js";
import { qrFactor } from "./qr.js";
import { eighGradient, svdGradient, svdvalsGradient } from "./spectra.js";

type Two = [Tensor, Tensor];

/** Identities of n rows beside the matrices of x. @internal */
export function identity(x: Tensor, n: number): Tensor {
  const dtype = x.dtype === "float64" ? "float64" : "float32";
  return broadcastTo(eye(n, n, { dtype, device: x.device }), [...x.shape.slice(0, -2), n, n]);
}

/** All columns from `start` on, of the last axis. */
function columns(x: Tensor, start: number, end: number): Tensor {
  return slice(x, [...x.shape.slice(0, -1).map(() => null), [start, end]]);
}

const qrOp = defineOp<readonly [Tensor]>({
  name: "qr",
  infer: ([x]) => x,
  inferMany([x]) {
    checkMatrix("qr", x);
    const [m, n] = sizes(x.shape);
    const p = Math.min(m, n);
    const batch = x.shape.slice(0, -2);
    return [
      { shape: [...batch, m, p], dtype: x.dtype },
      { shape: [...batch, p, n], dtype: x.dtype },
    ];
  },
  referenceMany([x], _, outs) {
    const [q, r] = outs as [View, View];
    const [m, n] = sizes(x.shape);
    eachMatrix(x, (matrix, i) => {
      const found = qrFactor(matrix, m, n);
      put(q, i, found.q);
      put(r, i, found.r);
    });
  },
  rule: fromOuts(({ out }) => [(gs) => qrGradient(out, gs)]),
});

/** Which columns of Q. */
export interface QrOptions {
  /** "reduced": min(m, n) of them; "complete": all m. */
  readonly mode?: "reduced" | "complete" | undefined;
}

/**
 * A = Q·R with orthonormal columns in Q and R upper triangular, by Householder reflections with
 * LAPACK's signs. Where the first min(m, n) columns of A depend on each other, the factors have no
 * derivative: the gradient is NaN.
 *
 * @throws ShapeError for less than two axes; UsageError for an unknown mode.
 * @example
 * qr(tensor([[0, 2], [3, 4]])).R.toArray(); // [[-3,-4],[0,-2]]
 */
export const qr = withOp(
  qrOp,
  (x: Tensor, options?: QrOptions, ...surplus: []): { Q: Tensor; R: Tensor } => {
    const { mode = "reduced" } = given("qr", options, "mode");
    if (mode !== "reduced" && mode !== "complete") {
      throw new UsageError(
        "qr",
        `there is no mode ${shown(mode)}`,
        'it is "reduced" or "complete"',
      );
    }
    expectTensor("qr", x, surplus);
    const [m = 0, n = 0] = x.shape.slice(-2);
    if (mode === "reduced" || x.shape.length < 2 || m <= n) {
      const [Q, R] = asFloat("qr", x, (c) => applyMany(qrOp, [c], undefined)) as Two;
      return { Q, R };
    }
    return scope(() => {
      const { Q, R } = qr(x);
      const shape = [...x.shape.slice(0, -2), m - n, n];
      const below = zeros(shape, { dtype: R.dtype, device: x.device });
      return { Q: concat([Q, beyond(x)], { axis: -1 }), R: concat([R, below], { axis: -2 }) };
    });
  },
);

/** The columns by which Q goes on behind those of a tall matrix: of [x | I]. */
function beyond(x: Tensor): Tensor {
  const [m = 0, n = 0] = x.shape.slice(-2);
  const { Q } = qr(concat([x, identity(x, m)], { axis: -1 }));
  return columns(Q, n, m);
}

const eighOp = defineOp<readonly [Tensor]>({
  name: "eigh",
  infer: ([x]) => x,
  inferMany([x]) {
    checkSquare("eigh", x);
    return [{ shape: x.shape.slice(0, -1), dtype: x.dtype }, x];
  },
  referenceMany([x], _, outs) {
    const [values, vectors] = outs as [View, View];
    const [n] = sizes(x.shape);
    eachMatrix(x, (matrix, i) => {
      const nan = new Float64Array(n * n).fill(Number.NaN);
      const found = allFinite(matrix)
        ? symmetricEigen(symmetrized(matrix, n), n)
        : { values: nan.subarray(0, n), vectors: nan };
      put(values, i, found.values);
      put(vectors, i, found.vectors);
    });
  },
  rule: fromOuts(({ out }) => [(gs) => eighGradient(out, gs)]),
});

/**
 * Eigenvalues in ascending order and orthonormal eigenvectors (columns) of symmetric matrices. Of a
 * matrix that is not symmetric, the symmetric part is taken. Signs of vectors are arbitrary, and so
 * are vectors of equal eigenvalues, which have no derivative: the gradient of what depends on them
 * is NaN, also where it does not depend on the choice. That of functions of the eigenvalues alone
 * is right where these take equal values alike, like Σ f(λ), and a subgradient else; their second
 * derivatives are NaN there. NaN or infinity in a matrix makes all of its results NaN.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * eigh(tensor([[2, 1], [1, 2]])).eigenvalues.toArray(); // [1,3]
 */
export const eigh = withOp(
  eighOp,
  (x: Tensor, ...surplus: []): { eigenvalues: Tensor; eigenvectors: Tensor } => {
    noMore("eigh", surplus, true);
    const found = asFloat("eigh", x, (c) => applyMany(eighOp, [c], undefined));
    const [eigenvalues, eigenvectors] = found as Two;
    return { eigenvalues, eigenvectors };
  },
);

/**
 * `values`: functions of the vectors may depend on S too, though no cotangent of S arrives.
 */
type SvdAttrs = { readonly values: boolean } | undefined;

const svdOp = defineOp<readonly [Tensor], SvdAttrs>({
  name: "svd",
  infer: ([x]) => x,
  inferMany([x]) {
    checkMatrix("svd", x);
    const [m, n] = sizes(x.shape);
    const k = Math.min(m, n);
    const batch = x.shape.slice(0, -2);
    return [
      { shape: [...batch, m, k], dtype: x.dtype },
      { shape: [...batch, k], dtype: x.dtype },
      { shape: [...batch, k, n], dtype: x.dtype },
    ];
  },
  referenceMany([x], _, outs) {
    const [u, s, vt] = outs as [View, View, View];
    const [m, n] = sizes(x.shape);
    const k = Math.min(m, n);
    eachMatrix(x, (matrix, i) => {
      const nan = (size: number) => new Float64Array(size).fill(Number.NaN);
      const found = allFinite(matrix)
        ? singularValues(matrix, m, n)
        : { u: nan(m * k), s: nan(k), vt: nan(k * n) };
      put(u, i, found.u);
      put(s, i, found.s);
      put(vt, i, found.vt);
    });
  },
  rule: fromOuts(({ out, attrs }) => [(gs) => svdGradient(out, gs, attrs?.values)]),
});

/** Orthonormal columns [m, k], and more of them up to m. */
function completed(u: Tensor): Tensor {
  return u.shape.at(-2) === u.shape.at(-1) ? u : concat([u, beyond(u)], { axis: -1 });
}

/**
 * A = U·diag(S)·Vh, singular values in descending order. With `fullMatrices` (the default, as in
 * the array API) U is [m, m] and Vh [n, n], else [m, k] and [k, n], k = min(m, n). Signs are
 * arbitrary. One-sided Jacobi: small singular values are as exact as large ones. NaN or infinity in
 * a matrix makes all of its results NaN. Equal singular values, and those that are 0, are to
 * gradients what equal eigenvalues are to {@link eigh}'s, but for functions of U·Vh alone (the
 * polar factor): those have theirs.
 *
 * @throws ShapeError for less than two axes.
 * @example
 * svd(tensor([[3, 0], [0, 4]])).S.toArray(); // [4,3]
 */
export const svd = withOp(
  svdOp,
  (
    x: Tensor,
    options?: { readonly fullMatrices?: boolean | undefined },
    ...surplus: []
  ): { U: Tensor; S: Tensor; Vh: Tensor } => {
    const { fullMatrices = true } = given("svd", options, "fullMatrices?");
    noMore("svd", surplus);
    return scope(() => {
      const found = asFloat("svd", x, (c) => applyMany(svdOp, [c], undefined));
      const [U, S, Vh] = found as [Tensor, Tensor, Tensor];
      return fullMatrices
        ? { U: completed(U), S, Vh: matrixTranspose(completed(matrixTranspose(Vh))) }
        : { U, S, Vh };
    });
  },
);

const svdvalsOp = defineOp<readonly [Tensor]>({
  name: "svdvals",
  infer([x]) {
    checkMatrix("svdvals", x);
    return { shape: [...x.shape.slice(0, -2), Math.min(...sizes(x.shape))], dtype: x.dtype };
  },
  reference([x], _, out) {
    const [m, n] = sizes(x.shape);
    eachMatrix(x, (matrix, i) => {
      const finite = allFinite(matrix);
      const nan = () => new Float64Array(Math.min(m, n)).fill(Number.NaN);
      put(out, i, finite ? singularValuesAlone(matrix, m, n) : nan());
    });
  },
  rule: fromInputs(({ inputs: [x] }) => [
    (g) => {
      const [U, , Vh] = applyMany(svdOp, [x], { values: true }) as [Tensor, Tensor, Tensor];
      return svdvalsGradient(U, Vh, g);
    },
  ]),
});

/**
 * Singular values in descending order, those of {@link svd} without its vectors, for less than half
 * of the work.
 *
 * @throws ShapeError for less than two axes.
 * @example
 * svdvals(tensor([[3, 0], [0, 4]])).toArray(); // [4,3]
 */
export const svdvals = withOp(svdvalsOp, (x: Tensor, ...surplus: []): Tensor => {
  noMore("svdvals", surplus, true);
  return asFloat("svdvals", x, (c) => apply(svdvalsOp, [c], undefined));
});
