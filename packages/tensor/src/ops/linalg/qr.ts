/** @file A = Q·R by Householder reflections, in float64, row-major. */

/** Q [m, p] and R [p, n] of an m×n matrix, p = min(m, n); signs as LAPACK has them. */
export function qrFactor(
  a: Float64Array,
  m: number,
  n: number,
): { q: Float64Array; r: Float64Array } {
  const p = Math.min(m, n);
  const work = a.slice();
  const vectors: Float64Array[] = [];
  const taus: number[] = [];
  for (let k = 0; k < p; k++) {
    const { v, tau, beta } = reflector(work, m, n, k);
    reflect(work, n, k, k + 1, v, tau);
    work[k * n + k] = beta;
    for (let i = k + 1; i < m; i++) work[i * n + k] = 0;
    vectors.push(v);
    taus.push(tau);
  }
  const q = new Float64Array(m * p);
  for (let i = 0; i < p; i++) q[i * p + i] = 1;
  for (let k = p - 1; k >= 0; k--) {
    reflect(q, p, k, k, vectors[k] as Float64Array, taus[k] as number);
  }
  return { q, r: work.slice(0, p * n) };
}

/** I − τ v vᵀ (v₀ = 1) that takes column k below its diagonal to β e₀ (LAPACK's dlarfg). */
function reflector(a: Float64Array, m: number, n: number, k: number) {
  const v = new Float64Array(m - k);
  const alpha = a[k * n + k] as number;
  let largest = 0;
  for (let i = k + 1; i < m; i++) largest = Math.max(largest, Math.abs(a[i * n + k] as number));
  v[0] = 1;
  if (largest === 0) return { v, tau: 0, beta: alpha };
  const scale = Math.max(largest, Math.abs(alpha)); // squares must neither overflow nor vanish
  const first = alpha / scale;
  let squares = first ** 2;
  for (let i = k + 1; i < m; i++) squares += ((a[i * n + k] as number) / scale) ** 2;
  const beta = -(alpha < 0 ? -1 : 1) * Math.sqrt(squares);
  for (let i = k + 1; i < m; i++) v[i - k] = (a[i * n + k] as number) / scale / (first - beta);
  return { v, tau: (beta - first) / beta, beta: beta * scale };
}

/** Applies I − τ v vᵀ to the rows from k on, in the columns from `start` on. */
function reflect(
  a: Float64Array,
  n: number,
  k: number,
  start: number,
  v: Float64Array,
  tau: number,
): void {
  if (tau === 0) return;
  const w = new Float64Array(n);
  for (let i = 0; i < v.length; i++) {
    const f = v[i] as number;
    const at = (k + i) * n;
    for (let j = start; j < n; j++) (w[j] as number) += f * (a[at + j] as number);
  }
  for (let i = 0; i < v.length; i++) {
    const f = tau * (v[i] as number);
    const at = (k + i) * n;
    for (let j = start; j < n; j++) (a[at + j] as number) -= f * (w[j] as number);
  }
}
