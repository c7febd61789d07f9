/**
 * @file What the decompositions do with rows of matrices, stored one after the other: inner
 * products, rotations, products, transposes.
 *
 * @internal
 */

/**
 * The inner product of n numbers of a and b, in four sums at a time: one alone would wait for each
 * addition.
 */
export function dot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < n; k += 4) {
    s += (a[i + k] as number) * (b[j + k] as number);
    t += (a[i + k + 1] as number) * (b[j + k + 1] as number);
    u += (a[i + k + 2] as number) * (b[j + k + 2] as number);
    v += (a[i + k + 3] as number) * (b[j + k + 3] as number);
  }
  for (; k < n; k++) s += (a[i + k] as number) * (b[j + k] as number);
  return s + t + (u + v);
}

/** Rotates the rows p and q of matrices with n columns: (x, y) → (c x − s y, s x + c y). */
export function rotate(
  rows: Float64Array,
  n: number,
  p: number,
  q: number,
  c: number,
  s: number,
): void {
  const [a, b] = [p * n, q * n];
  for (let j = 0; j < n; j++) {
    const x = rows[a + j] as number;
    const y = rows[b + j] as number;
    rows[a + j] = c * x - s * y;
    rows[b + j] = s * x + c * y;
  }
}

/** The transpose of an m×n matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const t = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) t[j * m + i] = a[i * n + j] as number;
  return t;
}

/** The identity. */
export function identity(n: number): Float64Array {
  const e = new Float64Array(n * n);
  for (let i = 0; i < n; i++) e[i * n + i] = 1;
  return e;
}

/** A·B of an m×k and a k×n matrix. */
export function product(
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const f = a[i * k + p] as number;
      for (let j = 0; j < n; j++) (c[i * n + j] as number) += f * (b[p * n + j] as number);
    }
  }
  return c;
}
