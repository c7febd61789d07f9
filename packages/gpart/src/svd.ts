/** @file Singular values of a tall matrix in float64: Householder QR, then one-sided Jacobi. For measurements. */

/** A matrix by columns, all of one length. */
export type Columns = readonly Float64Array[];

function dot(a: Float64Array, b: Float64Array, from = 0): number {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** a += factor · b from row `from` on. */
function addTo(a: Float64Array, factor: number, b: Float64Array, from: number): void {
  for (let i = from; i < a.length; i++) a[i] = (a[i] as number) + factor * (b[i] as number);
}

/** The square triangle R of A = QR, by columns; A has at least as many rows as columns. */
function triangle(a: Columns): Float64Array[] {
  const work = a.map((column) => column.slice());
  const d = work.length;
  const pivots = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    const v = work[k] as Float64Array;
    const size = Math.sqrt(dot(v, v, k));
    const pivot = (v[k] as number) > 0 ? -size : size;
    pivots[k] = pivot;
    if (size === 0) continue;
    // v becomes the Householder vector: x − pivot·e_k.
    v[k] = (v[k] as number) - pivot;
    const scale = -2 / dot(v, v, k);
    for (let j = k + 1; j < d; j++) {
      const column = work[j] as Float64Array;
      addTo(column, scale * dot(v, column, k), v, k);
    }
  }
  return work.map((column, j) => {
    const r = new Float64Array(d);
    r.set(column.subarray(0, j));
    r[j] = pivots[j] as number;
    return r;
  });
}

/** Turns columns i and j so that they become orthogonal; tells whether they were not. */
function rotate(work: Columns, squares: Float64Array, i: number, j: number): boolean {
  const [p, q] = [work[i] as Float64Array, work[j] as Float64Array];
  const [pp, qq, pq] = [squares[i] as number, squares[j] as number, dot(p, q)];
  if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq)) return false;
  const zeta = (qq - pp) / (2 * pq);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  for (let k = 0; k < p.length; k++) {
    const [x, y] = [p[k] as number, q[k] as number];
    p[k] = c * x - s * y;
    q[k] = s * x + c * y;
  }
  squares[i] = Math.max(0, pp - t * pq);
  squares[j] = qq + t * pq;
  return true;
}

/**
 * Singular values, largest first, accurate to about 1e-15 of the largest. A matrix with more columns than rows is
 * padded with rows of zeros.
 *
 * Source: Golub & Van Loan, Matrix Computations, 8.6.3 (one-sided Jacobi after QR).
 */
export function singularValues(columns: Columns): Float64Array {
  const d = columns.length;
  const rows = Math.max(d, columns[0]?.length ?? 0);
  const tall = columns.map((column) => {
    const padded = new Float64Array(rows);
    padded.set(column);
    return padded;
  });
  const r = triangle(tall);
  // Jacobi on Rᵀ converges in few sweeps; its singular values are those of R.
  const work = r.map((_, i) => Float64Array.from(r, (column) => column[i] as number));
  for (let sweep = 0; sweep < 30; sweep++) {
    let turned = false;
    const squares = Float64Array.from(work, (column) => dot(column, column));
    for (let i = 0; i < d; i++) {
      for (let j = i + 1; j < d; j++) {
        turned = rotate(work, squares, i, j) || turned;
      }
    }
    if (!turned) break;
  }
  return Float64Array.from(work, (column) => Math.sqrt(dot(column, column)))
    .sort()
    .reverse();
}
