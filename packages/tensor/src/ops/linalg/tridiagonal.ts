/**
 * @file Eigenvalues of large symmetric matrices: Householder's reduction to a tridiagonal matrix,
 * then QL with implicit shifts.
 *
 * @internal
 */
import { dot, identity, rotate } from "./rows.js";

const EPS = 2 ** -52;
/** Steps for one eigenvalue; two are usual. */
const STEPS = 80;

/**
 * The vector v and β of the reflection I − β v vᵀ that maps a[k+1 …, k] on a multiple of the first
 * axis.
 */
function reflector(a: Float64Array, n: number, k: number, v: Float64Array): number {
  v.fill(0);
  let tail = 0;
  for (let i = k + 1; i < n; i++) {
    v[i] = a[k * n + i] as number; // row k is column k: a is symmetric
    if (i > k + 1) tail += (v[i] as number) ** 2;
  }
  if (tail === 0) return 0;
  const head = v[k + 1] as number;
  v[k + 1] = head + (head < 0 ? -1 : 1) * Math.sqrt(head * head + tail);
  return 2 / (tail + (v[k + 1] as number) ** 2);
}

/** a ← H a H with H = I − β v vᵀ, for the rows and columns from `from` on: a − v wᵀ − w vᵀ. */
function reflectBothSides(
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  beta: number,
): void {
  const w = new Float64Array(n);
  let along = 0;
  for (let i = from; i < n; i++) {
    w[i] = beta * dot(a, i * n + from, v, from, n - from);
    along += (w[i] as number) * (v[i] as number);
  }
  const half = (beta * along) / 2;
  for (let i = from; i < n; i++) (w[i] as number) -= half * (v[i] as number);
  for (let i = from; i < n; i++) {
    const [vi, wi] = [v[i] as number, w[i] as number];
    for (let j = from; j < n; j++) {
      (a[i * n + j] as number) -= vi * (w[j] as number) + wi * (v[j] as number);
    }
  }
}

/** rows ← rows·H, for the columns from `from` on. */
function reflectRows(
  rows: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  beta: number,
): void {
  for (let i = 0; i < n; i++) {
    const f = beta * dot(rows, i * n + from, v, from, n - from);
    for (let j = from; j < n; j++) (rows[i * n + j] as number) -= f * (v[j] as number);
  }
}

/**
 * Diagonal and subdiagonal of the tridiagonal T = Qᵀ A Q, and Qᵀ. Destroys `a`, whose entries
 * should be about 1 (Golub and Van Loan 2013, §8.3.1).
 */
function tridiagonal(
  a: Float64Array,
  n: number,
): { d: Float64Array; e: Float64Array; qt: Float64Array } {
  const reflections: [Float64Array, number][] = [];
  for (let k = 0; k < n - 2; k++) {
    const v = new Float64Array(n);
    const beta = reflector(a, n, k, v);
    reflections.push([v, beta]);
    if (beta === 0) continue;
    const head = v[k + 1] as number;
    const next = a[k * n + k + 1] as number;
    reflectBothSides(a, n, k + 1, v, beta);
    a[k * n + k + 1] = next - head; // what the reflection makes of the column
  }
  const qt = identity(n);
  for (let k = n - 3; k >= 0; k--) {
    const [v, beta] = reflections[k] as [Float64Array, number];
    if (beta !== 0) reflectRows(qt, n, k + 1, v, beta);
  }
  const d = Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number);
  const e = Float64Array.from(
    { length: n },
    (_, i) => (i < n - 1 ? a[i * n + i + 1] : 0) as number,
  );
  return { d, e, qt };
}

/** The end of the block that begins at `l` and does not fall apart. */
function blockEnd(d: Float64Array, e: Float64Array, l: number): number {
  const n = d.length;
  for (let m = l; m < n - 1; m++) {
    const size = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
    if (Math.abs(e[m] as number) <= EPS * size + EPS * EPS) return m;
  }
  return n - 1;
}

/** One QL step with Wilkinson's shift on the block l … m; `rows` are rotated along. */
function qlStep(d: Float64Array, e: Float64Array, rows: Float64Array, l: number, m: number): void {
  const n = d.length;
  const el = e[l] as number;
  const ratio = ((d[l + 1] as number) - (d[l] as number)) / (2 * el);
  const root = Math.hypot(ratio, 1);
  let g = (d[m] as number) - (d[l] as number) + el / (ratio + (ratio < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * (e[i] as number);
    const b = c * (e[i] as number);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      (d[i + 1] as number) -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = (d[i + 1] as number) - p;
    const t = ((d[i] as number) - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotate(rows, n, i, i + 1, c, s);
  }
  (d[l] as number) -= p;
  e[l] = g;
  e[m] = 0;
}

/** Gives every row the norm 1: rounded c² + s² stray from 1, and a row is rotated many times. */
function normalize(rows: Float64Array, n: number): void {
  for (let i = 0; i < n * n; i += n) {
    const size = Math.sqrt(dot(rows, i, rows, i, n));
    for (let j = i; j < i + n; j++) (rows[j] as number) /= size;
  }
}

/**
 * Eigenvalues, in no order, and eigenvectors as rows, of a symmetric n×n matrix of numbers not far
 * from 1, which is destroyed. Errors are a few units of 2⁻⁵² of the largest eigenvalue (Golub and
 * Van Loan 2013, §8.3.5).
 */
export function tridiagonalEigen(
  a: Float64Array,
  n: number,
): { values: Float64Array; rows: Float64Array } {
  const { d, e, qt } = tridiagonal(a, n);
  for (let l = 0; l < n; l++) {
    for (let step = 0; step < STEPS; step++) {
      const m = blockEnd(d, e, l);
      if (m === l) break;
      qlStep(d, e, qt, l, m);
    }
  }
  normalize(qt, n);
  return { values: d, rows: qt };
}
