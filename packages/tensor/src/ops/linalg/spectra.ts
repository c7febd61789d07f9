/**
 * @file Derivatives of eigenvalues, singular values and their vectors, where values may coincide
 * (Giles 2008; Townsend 2016). Vectors of equal values are no functions of the matrix: what depends
 * on them gets NaN.
 *
 * @internal
 */
import type { Tensor } from "../../core/tensor.js";
import { add, div, mul, sub } from "../elementwise/binary.js";
import { lessEqual, logicalAnd, logicalOr, notEqual, where } from "../elementwise/compare.js";
import { abs, neg } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { any, max } from "../reduce.js";
import { expandDims, matrixTranspose } from "../shape/axes.js";
import { type Cotangents, identity, nan, precision, symmetric } from "./matrices.js";

/**
 * Values nearer than that many units of precision of the largest are equal: no digit of the
 * difference is known.
 */
const TIE = 8;

const row = (v: Tensor): Tensor => expandDims(v, -2);
const column = (v: Tensor): Tensor => expandDims(v, -1);
const half = (x: Tensor): Tensor => div(x, 2);
const skew = (x: Tensor): Tensor => sub(x, matrixTranspose(x));
/** diag(v) */
const diag = (v: Tensor): Tensor => mul(row(v), identity(v));

/** Differences up to that are none, [..., 1, 1]. */
const tieOf = (v: Tensor): Tensor =>
  column(mul(max(abs(v), { axis: -1, keepdims: true }), TIE * precision(v)));

/** Which columns anything depends on, [..., k]. */
const touched = (gs: readonly Tensor[]): Tensor =>
  gs.map((g) => any(notEqual(g, 0), { axis: -2 })).reduce((a, b) => logicalOr(a, b));

/**
 * NaN for pairs of two columns of which one is touched, else 0: a factor, so that rules stay linear
 * in cotangents.
 */
function poison(touch: Tensor, v: Tensor): Tensor {
  const either = logicalOr(row(touch), column(touch));
  return where(logicalAnd(either, notEqual(identity(v), 1)), nan(v), 0);
}

/** 1/d, but `other` where `bad`. */
const inverse = (d: Tensor, bad: Tensor, other: Tensor): Tensor =>
  where(bad, other, div(1, where(bad, 1, d)));

/** dλ = diag(Vᵀ dA V), dV = V (F ∘ Vᵀ dA V), Fᵢⱼ = 1/(λⱼ − λᵢ) */
export function eighGradient([w, v]: readonly Tensor[], [gw, gv]: Cotangents): Tensor {
  const [W, V] = [w as Tensor, v as Tensor];
  if (V.size === 0) return mul(V, 0);
  const inner: Tensor[] = [];
  if (gw) inner.push(diag(gw));
  if (gv) {
    const gaps = sub(row(W), column(W));
    const tied = lessEqual(abs(gaps), tieOf(W));
    const turns = half(skew(matmul(matrixTranspose(V), gv)));
    inner.push(mul(turns, inverse(gaps, tied, poison(touched([gv]), W))));
  }
  return symmetric(matmul(matmul(V, inner.reduce(add)), matrixTranspose(V)));
}

/** What a rule sees of A = U S Vᵀ, and which functions of it there can be. */
interface Svd {
  readonly u: Tensor;
  readonly s: Tensor;
  readonly vt: Tensor;
  /**
   * Whether nothing depends on S, so that a function of U·Vᵀ may turn the vectors of equal values
   * as it likes.
   */
  readonly free: boolean;
}

/**
 * Where U and V enter as in f(U·Vᵀ), which joint turns of both leave alone: Uᵀ Ū = (Vᵀ V̄)ᵀ up to
 * rounding, for both columns of the pair.
 */
function joint(ku: Tensor, kv: Tensor, length: number): Tensor {
  const size = max(add(abs(ku), abs(kv)), { axis: [-2, -1], keepdims: true });
  const noise = mul(size, 2 * TIE * Math.sqrt(length) * precision(ku));
  const equal = lessEqual(abs(sub(ku, matrixTranspose(kv))), noise);
  const same = logicalAnd(equal, notEqual(size, 0));
  const alone = any(logicalAnd(same, notEqual(identity(ku), 0)), { axis: -1 });
  const both = logicalAnd(row(alone), column(alone));
  return logicalAnd(both, logicalAnd(same, matrixTranspose(same)));
}

/**
 * Uᵀ dA V of what turns U and V. With p and q, the skew parts of Uᵀ Ū and Vᵀ V̄: (p + q)/(σⱼ − σᵢ)
 * + (p − q)/(σⱼ + σᵢ), so that functions of U·Vᵀ, of which p + q = 0, do not see equal values.
 */
function turned({ u, s, vt, free }: Svd, gu: Tensor | null, gv: Tensor | null): Tensor {
  const ku = gu && matmul(matrixTranspose(u), gu);
  const kv = gv && matmul(vt, gv);
  const [p, q] = [ku && half(skew(ku)), kv && half(skew(kv))];
  const apart = p && q ? add(p, q) : ((p ?? q) as Tensor);
  const along = p && q ? sub(p, q) : (p ?? neg(q as Tensor));
  const [difference, total] = [sub(row(s), column(s)), add(row(s), column(s))];
  const tie = tieOf(s);
  const undefinedPairs = poison(touched([gu, gv].filter((g) => g !== null)), s);
  const tied = lessEqual(abs(difference), tie);
  let first = inverse(difference, tied, undefinedPairs);
  if (free && ku && kv) {
    // rounding alone, which a small difference would blow up; further away it does no harm
    const near = lessEqual(abs(difference), mul(tie, precision(s) ** -0.7));
    const length = (u.shape.at(-2) as number) + (vt.shape.at(-1) as number);
    first = where(logicalAnd(near, joint(ku, kv, length)), 0, first);
  }
  const second = inverse(total, lessEqual(total, tie), undefinedPairs);
  return add(mul(apart, first), mul(along, second));
}

/** (I − U Uᵀ) Ū S⁻¹; a column without length has no direction there. */
function outside(u: Tensor, s: Tensor, gu: Tensor): Tensor {
  const flat = lessEqual(row(s), tieOf(s));
  const out = sub(gu, matmul(u, matmul(matrixTranspose(u), gu)));
  return mul(out, inverse(row(s), flat, where(row(touched([gu])), nan(s), 0)));
}

/**
 * For A = U S Vᵀ: what turns U and V, what stretches, and what leaves their columns' spaces.
 * `whole`: the caller's S may enter beside these vectors though it has no cotangent.
 */
export function svdGradient(outs: readonly Tensor[], gs: Cotangents, whole = false): Tensor {
  const [u, s, vt] = outs as [Tensor, Tensor, Tensor];
  if (s.size === 0) return matmul(mul(u, 0), vt);
  const [gu, gv] = [gs[0] ?? null, gs[2] ? matrixTranspose(gs[2]) : null];
  const inner: Tensor[] = [];
  if (gs[1]) inner.push(diag(gs[1]));
  if (gu || gv) inner.push(turned({ u, s, vt, free: !gs[1] && !whole }, gu, gv));
  const [m, k, n] = [u.shape.at(-2), s.shape.at(-1), vt.shape.at(-1)];
  let a = matmul(matmul(u, inner.reduce(add)), vt);
  if (gu && m !== k) a = add(a, matmul(outside(u, s, gu), vt));
  if (gv && n !== k) a = add(a, matmul(u, matrixTranspose(outside(matrixTranspose(vt), s, gv))));
  return a;
}

/** dA = U·diag(G)·Vᵀ, where only values are asked for. */
export function svdvalsGradient(u: Tensor, vt: Tensor, g: Tensor): Tensor {
  return matmul(mul(u, row(g)), vt);
}
