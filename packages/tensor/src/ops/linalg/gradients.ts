/**
 * @file Derivatives of linear algebra (Giles 2008; Seeger et al. 2017). G stands for the cotangent of a result. All are
 * written in ordinary ops over the last two axes.
 */
import { eye, zeros } from "../../creation.js";
import type { Send } from "../../rule.js";
import type { Tensor } from "../../tensor.js";
import { add, div, mul, sub } from "../binary.js";
import { equal, where } from "../compare.js";
import { expandDims } from "../compositions.js";
import { matmul } from "../matmul.js";
import { concat } from "../movement.js";
import { tril, triu } from "../rearrange.js";
import { neg } from "../unary.js";
import { solve, solveTriangular, type TriangularAttrs } from "./systems.js";

type Cotangents = readonly (Tensor | null | undefined)[];

/** The identity of the size, dtype and device of a square matrix. */
function identity(x: Tensor): Tensor {
  const n = x.shape.at(-1) as number;
  return eye(n, n, { dtype: x.dtype, device: x.device });
}

/** diag(v) */
const diag = (v: Tensor, like: Tensor): Tensor => mul(expandDims(v, -2), identity(like));
const symmetric = (x: Tensor): Tensor => div(add(x, x.mT), 2);
const orZeros = (g: Tensor | null | undefined, like: Tensor): Tensor =>
  g ?? zeros(like.shape, { dtype: like.dtype, device: like.device });

/** M·R⁻ᵀ for an upper triangular R. */
const overTransposed = (m: Tensor, r: Tensor): Tensor =>
  solveTriangular(r, m.mT, { upper: true }).mT;

/** 1/(vⱼ − vᵢ) beside the diagonal; 0 on it and where values are equal. */
function gaps(v: Tensor): Tensor {
  const d = sub(expandDims(v, -2), expandDims(v, -1));
  const same = equal(d, 0);
  return where(same, 0, div(1, where(same, 1, d)));
}

/** A's cotangent of A·X = B: −B̄ Xᵀ with B̄ = A⁻ᵀ G. */
const systemGradient = (a: Tensor, x: Tensor, g: Tensor): Tensor =>
  neg(matmul(solve(a.mT, g), x.mT));

/** For m ≥ n: [Q̄ + Q·sym(M)] R⁻ᵀ with M = R R̄ᵀ − Q̄ᵀ Q, sym(M) its lower half mirrored. */
function tallQr(q: Tensor, r: Tensor, gq: Tensor, gr: Tensor): Tensor {
  const m = sub(matmul(r, gr.mT), matmul(gq.mT, q));
  const mirrored = add(tril(m), tril(m, { k: -1 }).mT);
  return overTransposed(add(gq, matmul(q, mirrored)), r);
}

/** Of Q and R together; a wide A is [X | Y]. */
export function qrGradient([q, r]: readonly Tensor[], gs: Cotangents): Tensor {
  const [Q, R] = [q as Tensor, r as Tensor];
  const [gq, gr] = [orZeros(gs[0], Q), orZeros(gs[1], R)];
  const [m = 0, n = 0] = R.shape.slice(-2);
  if (m === n) return tallQr(Q, R, gq, gr);
  // A = [X | Y], R = [U | V]: X = Q U, and V = Qᵀ Y
  const part = (x: Tensor, from: number, to: number) =>
    x.slice([...x.shape.slice(0, -1).map(() => null), [from, to]]);
  const [u, v] = [part(R, 0, m), part(R, m, n)];
  const [gu, gv] = [part(gr, 0, m), part(gr, m, n)];
  const gy = matmul(Q, gv);
  const gx = tallQr(Q, u, add(gq, matmul(matmul(Q, v), gv.mT)), gu);
  return concat([gx, gy], { axis: -1 });
}

/** For A = U S Vᵀ: what turns U and V, what stretches, and what leaves their columns' spaces. */
export function svdGradient([u, s, vt]: readonly Tensor[], gs: Cotangents): Tensor {
  const [U, S, Vh] = [u as Tensor, s as Tensor, vt as Tensor];
  const squares = mul(S, S);
  const f = gaps(squares);
  const skew = (x: Tensor) => sub(x, x.mT);
  const [row, column] = [expandDims(S, -2), expandDims(S, -1)];
  const [m, k, n] = [U.shape.at(-2), S.shape.at(-1), Vh.shape.at(-1)];
  const gu = gs[0];
  const gv = gs[2]?.mT;
  const inner: Tensor[] = [];
  if (gs[1]) inner.push(diag(gs[1], matmul(U.mT, U)));
  if (gu) inner.push(mul(mul(skew(matmul(U.mT, gu)), f), row));
  if (gv) inner.push(mul(column, mul(skew(matmul(Vh, gv)), f)));
  let a = matmul(matmul(U, inner.reduce(add)), Vh);
  if (gu && m !== k) a = add(a, matmul(div(sub(gu, matmul(U, matmul(U.mT, gu))), row), Vh));
  if (gv && n !== k) {
    const out = sub(gv, matmul(Vh.mT, matmul(Vh, gv)));
    a = add(a, matmul(U, div(out, row).mT));
  }
  return a;
}

/** dA = U·diag(G)·Vᵀ, where only values are asked for. */
export function svdvalsGradient(u: Tensor, vt: Tensor, g: Tensor): Tensor {
  return matmul(mul(u, expandDims(g, -2)), vt);
}

/** What a rule sees of an op of A (and B). */
interface Seen<P = unknown> {
  readonly inputs: readonly [Tensor, ...Tensor[]];
  readonly out: Tensor;
  readonly attrs: P;
}

/** d(A⁻¹B) = A⁻¹ (dB − dA X) */
export function solveGradients({ inputs: [a], out: x }: Seen): [Send, Send] {
  return [(g) => systemGradient(a, x, g), (g) => solve(a.mT, g)];
}

/** The same, of the half that is read. */
export function triangularGradients({
  inputs: [a],
  out: x,
  attrs: { upper, unit },
}: Seen<TriangularAttrs>): [Send, Send] {
  const back = (g: Tensor) => solveTriangular(a.mT, g, { upper: !upper, unitDiagonal: unit });
  const half = (m: Tensor) =>
    upper ? triu(m, { k: unit ? 1 : 0 }) : tril(m, { k: unit ? -1 : 0 });
  return [(g) => neg(half(matmul(back(g), x.mT))), back];
}

/** d det A = det A · tr(A⁻¹ dA) */
export function detGradient(a: Tensor, det: Tensor, g: Tensor): Tensor {
  return traceGradient(a, mul(g, det));
}

/** d log|det A| = tr(A⁻¹ dA): c A⁻ᵀ for each number c. */
export function traceGradient(a: Tensor, c: Tensor): Tensor {
  return mul(expandDims(expandDims(c, -1), -1), solve(a.mT, identity(a)));
}

/** Ā = L⁻ᵀ Φ(Lᵀ G) L⁻¹, Φ: the lower half, and half the diagonal (Murray 2016). */
export function choleskyGradient(l: Tensor, g: Tensor): Tensor {
  const m = matmul(l.mT, tril(g));
  const phi = div(add(tril(m), tril(m, { k: -1 })), 2);
  const left = solveTriangular(l.mT, phi, { upper: true });
  return symmetric(solveTriangular(l.mT, left.mT, { upper: true }).mT);
}

/** dλ = diag(Vᵀ dA V), dV = V (F ∘ Vᵀ dA V), Fᵢⱼ = 1/(λⱼ − λᵢ) */
export function eighGradient([values, vectors]: readonly Tensor[], gs: Cotangents): Tensor {
  const [w, v] = [values as Tensor, vectors as Tensor];
  const inner: Tensor[] = [];
  if (gs[0]) inner.push(diag(gs[0], v));
  if (gs[1]) inner.push(mul(gaps(w), matmul(v.mT, gs[1])));
  const sum = inner.reduce((a, b) => add(a, b));
  return symmetric(matmul(matmul(v, sum), v.mT));
}
