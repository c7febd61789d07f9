/**
 * @file Triangular factors of square matrices in float64, row-major: LU with partial pivoting,
 * Cholesky, substitution.
 *
 * @internal
 */

/** P·A = L·U in one array, the rows' order and the sign of that permutation. */
export interface LU {
  readonly lu: Float64Array;
  readonly rows: Int32Array;
  readonly sign: number;
  /** Column of the first pivot that is exactly 0; −1 when there is none. */
  readonly singularAt: number;
}

/** Factors a copy of the n×n matrix `a`, largest pivot first (Golub and Van Loan 2013, §3.4). */
export function luFactor(a: Float64Array, n: number): LU {
  const lu = a.slice();
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  let singularAt = -1;
  for (let k = 0; k < n; k++) {
    let p = k;
    let best = Math.abs(lu[k * n + k] as number);
    for (let i = k + 1; i < n; i++) {
      const v = Math.abs(lu[i * n + k] as number);
      if (v > best) [best, p] = [v, i];
    }
    if (p !== k) {
      swapRows(lu, n, p, k);
      [rows[p], rows[k]] = [rows[k] as number, rows[p] as number];
      sign = -sign;
    }
    const pivot = lu[k * n + k] as number;
    if (pivot === 0) {
      if (singularAt < 0) singularAt = k;
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      const f = (lu[i * n + k] as number) / pivot;
      lu[i * n + k] = f;
      if (f !== 0) subtractRow(lu, i * n, k * n, f, k + 1, n);
    }
  }
  return { lu, rows, sign, singularAt };
}

function swapRows(a: Float64Array, n: number, p: number, q: number): void {
  for (let j = 0; j < n; j++) {
    const v = a[p * n + j] as number;
    a[p * n + j] = a[q * n + j] as number;
    a[q * n + j] = v;
  }
}

// row at `to` −= f · row at `from`
function subtractRow(
  a: Float64Array,
  to: number,
  from: number,
  f: number,
  start: number,
  n: number,
): void {
  for (let j = start; j < n; j++) (a[to + j] as number) -= f * (a[from + j] as number);
}

/** X of A·X = B for the n×k matrix B. */
export function luSolve({ lu, rows }: LU, n: number, b: Float64Array, k: number): Float64Array {
  const x = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const from = (rows[i] as number) * k;
    x.set(b.subarray(from, from + k), i * k);
  }
  substitute(lu, n, x, k, { upper: false, unit: true });
  substitute(lu, n, x, k, { upper: true, unit: false });
  return x;
}

/** Which half of a matrix is meant, and whether its diagonal is taken to be 1. */
export interface Half {
  readonly upper: boolean;
  readonly unit: boolean;
}

/**
 * Solves T·X = B in place of B (n×k) for a triangular T. A pivot of 0 gives what division gives.
 */
export function substitute(
  t: Float64Array,
  n: number,
  x: Float64Array,
  k: number,
  { upper, unit }: Half,
): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const [from, to] = upper ? [i + 1, n] : [0, i];
    for (let j = from; j < to; j++) {
      const f = t[i * n + j] as number;
      if (f === 0) continue;
      for (let c = 0; c < k; c++) (x[i * k + c] as number) -= f * (x[j * k + c] as number);
    }
    if (unit) continue;
    const pivot = t[i * n + i] as number;
    for (let c = 0; c < k; c++) (x[i * k + c] as number) /= pivot;
  }
}

/** Lower L with L·Lᵀ = A; null when a pivot is not positive. NaN goes through. */
export function choleskyFactor(a: Float64Array, n: number): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = a[i * n + j] as number;
      for (let p = 0; p < j; p++) s -= (l[i * n + p] as number) * (l[j * n + p] as number);
      if (i !== j) l[i * n + j] = s / (l[j * n + j] as number);
      else if (s <= 0) return null;
      else l[i * n + i] = Math.sqrt(s);
    }
  }
  return l;
}
