/**
 * @file Eigenvalues of symmetric matrices and singular values, by Jacobi's rotations, which are
 * exact; larger ones get a start from QL.
 *
 * @internal
 */
import { qrFactor, transposedTriangle } from "./qr.js";
import { dot, identity, product, rotate, transposed } from "./rows.js";
import { tridiagonalEigen } from "./tridiagonal.js";

const EPS = 2 ** -52;
const SWEEPS = 60;
/**
 * Matrices with more rows begin with QL, whose cost grows less: n³, not n³ for each of some ten
 * sweeps.
 */
const LARGE = 32;
/**
 * What is that much smaller than the largest entry counts as 0: squares of it would lose digits.
 */
const NOTHING = 2 ** -400;

/** Cosine and sine of the smaller angle whose tangent t solves t² + 2 ζ t = 1. */
function angle(zeta: number): [number, number] {
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  return [c, t * c];
}

/** Whether all numbers are finite: only then do the sweeps end. */
export function allFinite(a: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Number.isFinite(a[i] as number)) return false;
  return true;
}

/**
 * A power of two, so that dividing by it is exact, that is near the largest entry; 1 where there is
 * none.
 */
export function scaleOf(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] as number));
  return largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
}

/** Eigenvalues, in no order, and eigenvectors as rows, by cyclic Jacobi; destroys `a`. */
function jacobiEigen(a: Float64Array, n: number): { values: Float64Array; rows: Float64Array } {
  const rows = identity(n);
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q] as number;
        const [x, y] = [a[p * n + p] as number, a[q * n + q] as number];
        if (Math.abs(off) <= EPS * EPS + (EPS / 4) * Math.sqrt(Math.abs(x * y))) continue;
        moved = true;
        const [c, s] = angle((y - x) / (2 * off));
        rotate(a, n, p, q, c, s);
        rotateColumns(a, n, p, q, c, s);
        rotate(rows, n, p, q, c, s);
        a[p * n + q] = a[q * n + p] = 0;
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), rows };
}

/**
 * Eigenvalues in ascending order and eigenvectors as columns, of a symmetric n×n matrix of finite
 * numbers: cyclic Jacobi (Golub and Van Loan 2013, §8.5) for small matrices, QL for others.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { values: Float64Array; vectors: Float64Array } {
  const scale = scaleOf(matrix);
  const a = matrix.map((x) => x / scale);
  const { values: found, rows } = n > LARGE ? tridiagonalEigen(a, n) : jacobiEigen(a, n);
  const order = Array.from(found.keys()).sort(
    (i, j) => (found[i] as number) - (found[j] as number),
  );
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let j = 0; j < n; j++) vectors[j * n + to] = rows[from * n + j] as number;
  });
  return { values: Float64Array.from(order, (i) => (found[i] as number) * scale), vectors };
}

function rotateColumns(
  a: Float64Array,
  n: number,
  p: number,
  q: number,
  c: number,
  s: number,
): void {
  for (let i = 0; i < n * n; i += n) {
    const x = a[i + p] as number;
    const y = a[i + q] as number;
    a[i + p] = c * x - s * y;
    a[i + q] = s * x + c * y;
  }
}

/** U [m, k], singular values in descending order, and Vᵀ [k, n]; k = min(m, n). */
export interface Svd {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly vt: Float64Array;
}

/**
 * The singular value decomposition of an m×n matrix of finite numbers: QR, then one-sided Jacobi on
 * the triangle (Demmel and Veselić 1992), which finds small singular values to high relative
 * accuracy.
 */
export function singularValues(matrix: Float64Array, m: number, n: number): Svd {
  if (m < n) {
    const { u, s, vt } = singularValues(transposed(matrix, m, n), n, m);
    return { u: transposed(vt, m, m), s, vt: transposed(u, n, m) };
  }
  const scale = scaleOf(matrix);
  const { q, r } = qrFactor(
    matrix.map((x) => x / scale),
    m,
    n,
  );
  const { b, v } = start(transposed(r, n, n), n);
  const norms = normsAfterSweeps(b, v, n);
  const order = Array.from(norms.keys()).sort(
    (i, j) => (norms[j] as number) - (norms[i] as number),
  );
  const left = leftVectors(b, norms, order, n);
  const vt = new Float64Array(n * n);
  order.forEach((from, to) => void vt.set(v.subarray(from * n, from * n + n), to * n));
  return {
    u: product(q, left, m, n, n),
    s: Float64Array.from(order, (i) => (norms[i] as number) * scale),
    vt,
  };
}

/** The singular values alone, as {@link singularValues} finds them: no vector is made. */
export function singularValuesAlone(matrix: Float64Array, m: number, n: number): Float64Array {
  if (m < n) return singularValuesAlone(transposed(matrix, m, n), n, m);
  const scale = scaleOf(matrix);
  const triangle = transposedTriangle(
    matrix.map((x) => x / scale),
    m,
    n,
  );
  const norms = normsAfterSweeps(start(triangle, n).b, null, n);
  return norms
    .map((x) => x * scale)
    .sort()
    .reverse();
}

/** Makes the rows of b orthogonal, turning those of v along; gives the norms that they end with. */
function normsAfterSweeps(b: Float64Array, v: Float64Array | null, n: number): Float64Array {
  const squares = Float64Array.from({ length: n }, (_, i) => dot(b, i * n, b, i * n, n));
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let i = 0; i < n - 1; i++) {
      for (let j = i + 1; j < n; j++) moved = orthogonal(b, v, squares, n, i, j) || moved;
    }
  }
  return Float64Array.from({ length: n }, (_, i) => {
    const norm = Math.sqrt(dot(b, i * n, b, i * n, n));
    return norm < NOTHING ? 0 : norm;
  });
}

/**
 * Where the rotations start, from the columns of R as rows: B = V Rᵀ with rows nearly orthogonal
 * already when V are the eigenvectors of RᵀR. They are too inexact to be the answer, and save most
 * of the sweeps.
 */
function start(triangle: Float64Array, n: number): { b: Float64Array; v: Float64Array } {
  const columnsOfR = triangle.map((x) => (Math.abs(x) < NOTHING ? 0 : x));
  if (n <= LARGE) return { b: columnsOfR, v: identity(n) };
  const gram = product(columnsOfR, transposed(columnsOfR, n, n), n, n, n);
  const { rows: v } = tridiagonalEigen(gram, n);
  return { b: product(v, columnsOfR, n, n, n), v };
}

/**
 * Makes two columns orthogonal by one rotation; false when they were. `squares` are those of their
 * norms.
 */
function orthogonal(
  b: Float64Array,
  v: Float64Array | null,
  squares: Float64Array,
  n: number,
  i: number,
  j: number,
): boolean {
  const [x, y, off] = [squares[i] as number, squares[j] as number, dot(b, i * n, b, j * n, n)];
  // the inner product itself is not more exact than that
  if (Math.abs(off) <= EPS * Math.sqrt(n) * Math.sqrt(x) * Math.sqrt(y)) return false;
  const [c, s] = angle((y - x) / (2 * off));
  rotate(b, n, i, j, c, s);
  if (v !== null) rotate(v, n, i, j, c, s);
  squares[i] = dot(b, i * n, b, i * n, n);
  squares[j] = dot(b, j * n, b, j * n, n);
  return true;
}

/** Columns bᵢ/‖bᵢ‖ in order; where a norm is 0, any vector orthogonal to the others. */
function leftVectors(
  b: Float64Array,
  norms: Float64Array,
  order: readonly number[],
  n: number,
): Float64Array {
  const columns = new Float64Array(n * n);
  order.forEach((from, to) => {
    const norm = norms[from] as number;
    if (norm === 0) return;
    for (let j = 0; j < n; j++) columns[j * n + to] = (b[from * n + j] as number) / norm;
  });
  const rank = order.filter((i) => norms[i] !== 0).length;
  if (rank === n) return columns;
  // the first columns of [U | I], made orthogonal, are U up to signs; those behind them complete it
  const wide = new Float64Array(n * (rank + n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < rank; j++) wide[i * (rank + n) + j] = columns[i * n + j] as number;
    wide[i * (rank + n) + rank + i] = 1;
  }
  const { q } = qrFactor(wide, n, rank + n);
  for (let i = 0; i < n; i++) {
    for (let j = rank; j < n; j++) columns[i * n + j] = q[i * n + j] as number;
  }
  return columns;
}
