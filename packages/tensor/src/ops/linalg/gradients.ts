/**
 * @file Derivatives of linear algebra (Giles 2008; Seeger et al. 2017). G stands for the cotangent
 * of a result. All are written in ordinary ops over the last two axes.
 *
 * @internal
 */

import type { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation.js";

import { add, div, mul, sub } from "../elementwise/binary.js";
import {
  equal,
  lessEqual,
  logicalAnd,
  logicalOr,
  notEqual,
  where,
} from "../elementwise/compare.js";
import { abs, sqrt, square } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { any, sum } from "../reduce.js";
import { expandDims, matrixTranspose } from "../shape/axes.js";
import { slice } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";
import { tril } from "../shape/triangles.js";
import { type Cotangents, identity, nan, precision, sizes, symmetric } from "./matrices.js";
import { solveOrNan, solveTriangular } from "./systems.js";

const orZeros = (g: Tensor | null | undefined, like: Tensor): Tensor =>
  g ?? zeros(like.shape, { dtype: like.dtype, device: like.device });

/** M·R⁻ᵀ for an upper triangular R. */
const overTransposed = (m: Tensor, r: Tensor): Tensor =>
  matrixTranspose(solveTriangular(r, matrixTranspose(m), { upper: true }));

/** For m ≥ n: [Q̄ + Q·sym(M)] R⁻ᵀ with M = R R̄ᵀ − Q̄ᵀ Q, sym(M) its lower half mirrored. */
function tallQr(q: Tensor, r: Tensor, gq: Tensor, gr: Tensor): Tensor {
  const m = sub(matmul(r, matrixTranspose(gr)), matmul(matrixTranspose(gq), q));
  const mirrored = add(tril(m), matrixTranspose(tril(m, { k: -1 })));
  return overTransposed(add(gq, matmul(q, mirrored)), r);
}

/**
 * Whether a column of Q·R, of m numbers, depends on those before it up to rounding: [..., 1, 1].
 */
function dependent(r: Tensor, m: number): Tensor {
  const over = { axis: -2, keepdims: true };
  const share = 16 * Math.sqrt(m) * precision(r);
  const left = sum(abs(mul(r, identity(r))), over);
  return any(lessEqual(left, mul(sqrt(sum(square(r), over)), share)), { ...over, axis: -1 });
}

/**
 * Of Q and R together; a wide A is [X | Y]. Where a column depends on those before it, Q's is any:
 * NaN, or 0 when nothing depends on the factors.
 */
export function qrGradient([q, r]: readonly Tensor[], gs: Cotangents): Tensor {
  const [Q, R] = [q as Tensor, r as Tensor];
  const [gq, gr] = [orZeros(gs[0], Q), orZeros(gs[1], R)];
  const [m, n] = sizes(R.shape);
  const part = (x: Tensor, from: number, to: number) =>
    m === n ? x : slice(x, [...x.shape.slice(0, -1).map(() => null), [from, to]]);
  // A = [X | Y], R = [U | V]: X = Q U, and V = Qᵀ Y
  const [u, gu] = [part(R, 0, m), part(gr, 0, m)];
  const lost = dependent(u, Q.shape.at(-2) as number);
  const some = (x: Tensor) => any(notEqual(x, 0), { axis: [-2, -1], keepdims: true });
  const safe = where(lost, identity(u), u);
  const tall = (more: Tensor) => tallQr(Q, safe, more, gu);
  const wide = () => {
    const [v, gv] = [part(R, m, n), part(gr, m, n)];
    const gx = tall(add(gq, matmul(matmul(Q, v), matrixTranspose(gv))));
    return concat([gx, matmul(Q, gv)], { axis: -1 });
  };
  const found = m === n ? tall(gq) : wide();
  return mul(found, where(lost, where(logicalOr(some(gq), some(gr)), nan(R), 0), 1));
}

/**
 * d log|det A| = tr(A⁻¹ dA): c A⁻ᵀ for each number c. For a singular A: NaN, or 0 when c is 0.
 */
export function traceGradient(a: Tensor, c: Tensor): Tensor {
  const factor = expandDims(expandDims(c, -1), -1);
  const inverse = solveOrNan(matrixTranspose(a), identity(a));
  return mul(factor, where(logicalAnd(equal(factor, 0), notEqual(inverse, inverse)), 0, inverse));
}

/** Ā = L⁻ᵀ Φ(Lᵀ G) L⁻¹, Φ: the lower half, and half the diagonal (Murray 2016). */
export function choleskyGradient(l: Tensor, g: Tensor): Tensor {
  const m = matmul(matrixTranspose(l), tril(g));
  const phi = div(add(tril(m), tril(m, { k: -1 })), 2);
  const left = solveTriangular(matrixTranspose(l), phi, { upper: true });
  return symmetric(
    matrixTranspose(solveTriangular(matrixTranspose(l), matrixTranspose(left), { upper: true })),
  );
}
