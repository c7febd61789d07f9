/**
 * @file A = Q·R by Householder reflections, in float64. Works on columns, so that each stays in the
 * cache while it is reflected.
 *
 * @internal
 */
import { dot, transposed } from "./rows.js";

/**
 * The columns of R as rows of m numbers, and the reflections that made them: Q is their product.
 */
function reflected(a: Float64Array, m: number, n: number) {
  const p = Math.min(m, n);
  const work = transposed(a, m, n); // columns as rows
  const vectors: Float64Array[] = [];
  const taus: number[] = [];
  for (let k = 0; k < p; k++) {
    const { v, tau, beta } = reflector(work.subarray(k * m + k, (k + 1) * m));
    reflect(work, m, k, k + 1, n, v, tau);
    work[k * m + k] = beta;
    work.fill(0, k * m + k + 1, (k + 1) * m);
    vectors.push(v);
    taus.push(tau);
  }
  return { work, vectors, taus };
}

/**
 * Rᵀ [n, n] of an m×n matrix, m ≥ n, as {@link qrFactor} has it, for less than half of the work.
 */
export function transposedTriangle(a: Float64Array, m: number, n: number): Float64Array {
  const { work } = reflected(a, m, n);
  const r = new Float64Array(n * n);
  for (let j = 0; j < n; j++) r.set(work.subarray(j * m, j * m + n), j * n);
  return r;
}

/** Q [m, p] and R [p, n] of an m×n matrix, p = min(m, n); signs as LAPACK has them. */
export function qrFactor(
  a: Float64Array,
  m: number,
  n: number,
): { q: Float64Array; r: Float64Array } {
  const p = Math.min(m, n);
  const { work, vectors, taus } = reflected(a, m, n);
  const q = new Float64Array(p * m);
  for (let i = 0; i < p; i++) q[i * m + i] = 1;
  for (let k = p - 1; k >= 0; k--) {
    reflect(q, m, k, k, p, vectors[k] as Float64Array, taus[k] as number);
  }
  return { q: transposed(q, p, m), r: transposed(work, n, m).slice(0, p * n) };
}

/** I − τ v vᵀ (v₀ = 1) that takes the vector x to β e₀ (LAPACK's dlarfg). */
function reflector(x: Float64Array): { v: Float64Array; tau: number; beta: number } {
  const v = new Float64Array(x.length);
  const alpha = x[0] as number;
  let largest = 0;
  for (let i = 1; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] as number));
  v[0] = 1;
  if (largest === 0) return { v, tau: 0, beta: alpha };
  const scale = Math.max(largest, Math.abs(alpha)); // squares must neither overflow nor vanish
  const first = alpha / scale;
  let squares = first ** 2;
  for (let i = 1; i < x.length; i++) squares += ((x[i] as number) / scale) ** 2;
  const beta = -(alpha < 0 ? -1 : 1) * Math.sqrt(squares);
  for (let i = 1; i < x.length; i++) v[i] = (x[i] as number) / scale / (first - beta);
  return { v, tau: (beta - first) / beta, beta: beta * scale };
}

/** Applies I − τ v vᵀ, from its element k on, to the columns `start` … `end`, each of length m. */
function reflect(
  columns: Float64Array,
  m: number,
  k: number,
  start: number,
  end: number,
  v: Float64Array,
  tau: number,
): void {
  if (tau === 0) return;
  for (let j = start; j < end; j++) {
    const at = j * m + k;
    const f = tau * dot(v, 0, columns, at, v.length);
    for (let i = 0; i < v.length; i++) (columns[at + i] as number) -= f * (v[i] as number);
  }
}
