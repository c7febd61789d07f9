/**
 * @file The gamma function's logarithm and its derivatives of one number in double precision. Pure
 * arithmetic.
 *
 * @internal
 */

/** `B₂ₖ/(2k)!` from k = 1 on, the coefficients of Euler and Maclaurin. */
const BERNOULLI = [
  8.333333333333333e-2, -1.388888888888889e-3, 3.306878306878307e-5, -8.267195767195766e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.338253653068468e-11, -3.389680296322583e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.50900282836023e-18, -1.395446468581252e-19,
] as const;

const HALF_LOG_TWO_PI = 0.9189385332046728;
const LOG_PI = 1.1447298858494002;
/** 1 − γ. */
const SLOPE_AT_TWO = 0.42278433509846713;
/** Where ψ is 0, in two parts. */
const ROOT = 1.4616321449683622;
const ROOT_REST = 9.549995429965697e-17;

/** `Σₖ B₂ₖ/(2k)! (s + 1) … (s + 2k − 2) x^(1 − s − 2k)`: what an integral leaves of a sum. */
function tail(s: number, x: number): number {
  let term = x ** (-s - 1);
  let sum = 0;
  BERNOULLI.forEach((b, i) => {
    sum += b * term;
    const n = s + 2 * i + 1;
    term *= (n / x) * ((n + 1) / x);
  });
  return sum;
}

/** Hurwitz's `ζ(s, q) = Σₖ (q + k)^(−s)` for q > 0: Euler and Maclaurin from 10 + s on. */
function hurwitz(s: number, q: number): number {
  let sum = 0;
  let k = 0;
  for (; q + k < 10 + s; k++) sum += (q + k) ** -s;
  const x = q + k;
  return sum + (x ** (1 - s) / (s - 1) + x ** -s / 2 + s * tail(s, x));
}

const series = new Map<number, readonly number[]>();

/** `ζ(k, q)` for k from 2 on, where (½/q)ᵏ is above the last bit. */
function zetas(q: number): readonly number[] {
  let known = series.get(q);
  if (known === undefined) {
    known = Array.from({ length: 38 }, (_, k) => hurwitz(k + 2, q));
    series.set(q, known);
  }
  return known;
}

/** sin(πx): exactly 0 at whole numbers, and accurate beside them. */
export function sinPi(x: number): number {
  const r = x % 2;
  const near =
    Math.abs(r) > 0.5 ? (Math.abs(r) > 1.5 ? r - Math.sign(r) * 2 : Math.sign(r) - r) : r;
  return Math.sin(Math.PI * near);
}

/** cos(πx) = sin(π(½ − |x|)). */
export function cosPi(x: number): number {
  const r = Math.abs(x % 2);
  const near = r > 1 ? 2 - r : r;
  return near < 0.25 ? Math.cos(Math.PI * near) : Math.sin(Math.PI * (0.5 - near));
}

/** Whether x is a pole: 0, −1, −2, … */
const isPole = (x: number) => x <= 0 && x === Math.floor(x);

/** log Γ(2 + z) for |z| ≤ ½, `(1 − γ)z + Σ (ζ(k) − 1)(−z)ᵏ/k`: no digit is lost at 0. */
function nearTwo(z: number): number {
  const c = zetas(2);
  let sum = 0;
  for (let i = 27; i >= 0; i--) sum = (c[i] as number) / (i + 2) - z * sum;
  return z * (SLOPE_AT_TWO + z * sum);
}

/**
 * log |Γ(x)|: the series about 2, which 1 and the others up to 10 come back to, Stirling's beyond,
 * and `Γ(x) Γ(1 − x) = π/sin(πx)` below 0.
 */
export function lgammaScalar(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) === Number.POSITIVE_INFINITY || isPole(x)) return Number.POSITIVE_INFINITY;
  if (Math.abs(x) < 0.5) return nearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (x < 0) return LOG_PI - Math.log(Math.abs(sinPi(x))) - lgammaScalar(1 - x);
  if (x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x > 1e17) return x * (Math.log(x) - 1);
  if (x > 10) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + tail(0, x);
  let product = 1;
  let y = x;
  while (y > 2.5) {
    y -= 1;
    product *= y;
  }
  return nearTwo(y - 2) + Math.log(product);
}

/** ψ at its root plus h for |h| ≤ ½: `−Σ ζ(k + 1, root)(−h)ᵏ`. */
function nearRoot(h: number): number {
  const c = zetas(ROOT);
  let sum = 0;
  for (let i = c.length - 1; i >= 0; i--) sum = (c[i] as number) - h * sum;
  return h * sum;
}

/** ψ(x) = (log Γ(x))′: the series about its root, and Stirling's from 10 on. */
export function digammaScalar(x: number): number {
  if (x === 0) return -1 / x;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (Number.isNaN(x) || isPole(x)) return Number.NaN;
  if (x < 0) return digammaScalar(1 - x) - (Math.PI * cosPi(x)) / sinPi(x);
  if (x >= 10) return Math.log(x) - 0.5 / x - tail(1, x);
  if (x < 0.96) return nearRoot(x + 1 - ROOT - ROOT_REST) - 1 / x;
  let y = x;
  let sum = 0;
  while (y > 1.96) {
    y -= 1;
    sum += 1 / y;
  }
  return nearRoot(y - ROOT - ROOT_REST) + sum;
}

/** `ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x)`, n ≥ 1; below 0 by the derivatives of the cotangent. */
export function polygammaScalar(n: number, x: number): number {
  const odd = n % 2 === 1;
  if (Number.isNaN(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (isPole(x)) return odd ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (x < 0) {
    const other = polygammaScalar(n, 1 - x);
    return (odd ? -other : other) - Math.PI ** (n + 1) * cotangent(n, cosPi(x) / sinPi(x));
  }
  let zeta = hurwitz(n + 1, x);
  for (let k = 2; k <= n; k++) zeta *= k;
  return odd ? zeta : -zeta;
}

/** The n-th derivative of the cotangent as a polynomial in its value c: each is P′(c)(−1 − c²). */
function cotangent(n: number, c: number): number {
  let p = [0, 1];
  for (let k = 0; k < n; k++) {
    const next = new Array<number>(p.length + 1).fill(0);
    for (let i = 1; i < p.length; i++) {
      next[i - 1] = (next[i - 1] as number) - i * (p[i] as number);
      next[i + 1] = (next[i + 1] as number) - i * (p[i] as number);
    }
    p = next;
  }
  return p.reduceRight((sum, a) => sum * c + a);
}
