/**
 * @file The exponential of a matrix in float64, row-major: scaling, Padé's approximant of degree
 * 13, squaring (Higham 2005).
 *
 * @internal
 */

import { luFactor, luSolve } from "./lu.js";
import { identity, product } from "./rows.js";

/** Coefficients of Padé's numerator p of degree 13 for eˣ ≈ p(x)/p(−x), from x⁰ on. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
  10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
] as const;

/** Up to this norm the approximant is exact to half a unit of float64's precision. */
const REACH = 5.371920351148152;

/** The largest sum of |a| over a column. */
function norm1(a: Float64Array, n: number): number {
  const sums = new Float64Array(n);
  a.forEach((x, i) => {
    (sums[i % n] as number) += Math.abs(x);
  });
  return sums.reduce((most, s) => Math.max(most, s), 0);
}

/** Σ coefficients[k] · matrices[k] */
function combined(
  coefficients: readonly number[],
  matrices: readonly Float64Array[],
): Float64Array {
  const [first] = matrices as [Float64Array];
  return first.map((_, i) =>
    matrices.reduce((sum, m, k) => sum + (coefficients[k] as number) * (m[i] as number), 0),
  );
}

/** p(A)/p(−A), of the odd powers u and the even ones v of p: (v − u)⁻¹ (v + u). */
function approximant(a: Float64Array, n: number): Float64Array {
  const times = (x: Float64Array, y: Float64Array) => product(x, y, n, n, n);
  const one = identity(n);
  const a2 = times(a, a);
  const a4 = times(a2, a2);
  const a6 = times(a4, a2);
  const powers = [one, a2, a4, a6];
  /** Σ PADE[first + 2 k] A²ᵏ for k up to 3, and A⁶ times the three that follow. */
  const half = (first: number) => {
    const low = [0, 1, 2, 3].map((k) => PADE[first + 2 * k] as number);
    const high = [4, 5, 6].map((k) => PADE[first + 2 * k] as number);
    return combined([1, 1], [combined(low, powers), times(a6, combined(high, [a2, a4, a6]))]);
  };
  const [u, v] = [times(a, half(1)), half(0)];
  const below = luFactor(combined([1, -1], [v, u]), n);
  return luSolve(below, n, combined([1, 1], [v, u]), n);
}

/** Whether all elements outside of the diagonal are 0. */
function isDiagonal(a: Float64Array, n: number): boolean {
  return a.every((x, i) => x === 0 || i % (n + 1) === 0);
}

/** eᴬ of an n×n matrix; NaN everywhere where A has what is not finite. */
export function exponential(a: Float64Array, n: number): Float64Array {
  const size = norm1(a, n);
  if (!a.every(Number.isFinite)) return a.map(() => Number.NaN);
  if (isDiagonal(a, n)) return a.map((x, i) => (i % (n + 1) === 0 ? Math.exp(x) : 0));
  const sum = Number.isFinite(size) ? size : Number.MAX_VALUE;
  const squarings = Math.max(0, Math.ceil(Math.log2(sum / REACH)));
  const scale = 2 ** -squarings;
  let x = approximant(
    a.map((value) => value * scale),
    n,
  );
  for (let s = 0; s < squarings; s++) x = product(x, x, n, n, n);
  return x;
}
