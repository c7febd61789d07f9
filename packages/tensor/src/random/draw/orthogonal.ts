/**
 * @file Random orthogonal matrices: the factor Q of normal numbers, with the signs that make it
 * uniform. Knows no tensor.
 */
import type { TypedArray } from "../../base/dtype.js";
import { type Bits, fillNormal } from "../fill.js";

/**
 * Orthonormal columns [m, n], m ≥ n, uniform by Haar's measure: A = QR of normal numbers by
 * Householder's reflections, each column of Q times the sign of its R (Mezzadri 2007). With
 * `turned`, rows: Qᵀ [n, m].
 */
export function fillOrthogonal(
  bits: Bits,
  out: TypedArray,
  m: number,
  n: number,
  turned: boolean,
): void {
  const columns = Array.from({ length: n }, () => new Float64Array(m));
  for (const column of columns) fillNormal(bits, column, 0, 1);
  const signs = columns.map((column, j) => {
    const sign = reflector(column, j);
    for (const other of columns.slice(j + 1)) reflect(column, other, j);
    return sign;
  });
  for (let j = 0; j < n; j++) {
    const q = new Float64Array(m);
    q[j] = signs[j] as number;
    for (let k = j; k >= 0; k--) reflect(columns[k] as Float64Array, q, k);
    for (let i = 0; i < m; i++) out[turned ? j * m + i : i * n + j] = q[i] as number;
  }
}

/**
 * Makes `x` from place `j` on the vector v, |v|² = 2, whose reflection 1 − v vᵀ takes it to ±|x| e;
 * returns that sign.
 */
function reflector(x: Float64Array, j: number): number {
  let squares = 0;
  for (let i = j; i < x.length; i++) squares += (x[i] as number) * (x[i] as number);
  const norm = Math.sqrt(squares);
  const first = x[j] as number;
  const sign = first < 0 ? 1 : -1; // of R: no digits cancel
  const scale = 1 / Math.sqrt(norm * (norm + Math.abs(first)));
  x[j] = first - sign * norm;
  for (let i = j; i < x.length; i++) (x[i] as number) *= scale;
  return sign;
}

/** x − v (vᵀx), from place `j` on. */
function reflect(v: Float64Array, x: Float64Array, j: number): void {
  let dot = 0;
  for (let i = j; i < x.length; i++) dot += (v[i] as number) * (x[i] as number);
  for (let i = j; i < x.length; i++) (x[i] as number) -= dot * (v[i] as number);
}
