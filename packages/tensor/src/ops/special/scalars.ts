/** @file Special functions of one number in double precision. Pure arithmetic. @internal */

const TWO_OVER_SQRT_PI = 1.1283791670955126;
const SQRT_HALF = Math.SQRT1_2;
const INV_SQRT_TWO_PI = 0.3989422804014327;

/**
 * `erf(x) = 2/√π ∫₀ˣ e^(−t²) dt`: the all-positive series near 0, the continued fraction beyond.
 */
export function erfScalar(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a < 2.5) return erfSeries(x);
  return Math.sign(x) * (1 - erfcFraction(a));
}

/** `erfc(x) = 1 − erf(x)`, without the cancellation for large x. */
function erfcScalar(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0.5) return 1 - erfScalar(x);
  return x < 2.5 ? 1 - erfSeries(x) : erfcFraction(x);
}

// erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!   (Abramowitz and Stegun 7.1.6)
function erfSeries(x: number): number {
  const s = x * x;
  let term = x;
  let sum = x;
  for (let n = 1; n < 120 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * s) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-s) * sum;
}

// erfc(x) = e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))   (Abramowitz and Stegun 7.1.14)
function erfcFraction(x: number): number {
  if (x > 27) return 0;
  let tail = x;
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail;
  return (Math.exp(-x * x) * TWO_OVER_SQRT_PI) / 2 / tail;
}

/** Density of the standard normal: `φ(x) = e^(−x²/2)/√(2π)`. */
function normalDensity(x: number): number {
  return INV_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
}

/** Distribution of the standard normal: `Φ(x) = ½ erfc(−x/√2)`. */
function normalDistribution(x: number): number {
  return 0.5 * erfcScalar(-x * SQRT_HALF);
}

/** `1/(1 + e^(−x))` without overflow. */
export function sigmoidScalar(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** `σ(x)(1 − σ(x)) = e/(1 + e)²` with `e = e^−|x|`: no digit is lost where σ rounds to 1. */
export function sigmoidSlope(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
}

/** `1 − tanh²(x) = 4e/(1 + e)²` with `e = e^(−2|x|)`. */
export function tanhSlope(x: number): number {
  return 4 * sigmoidSlope(2 * x);
}

/** `log(1 + eˣ)` without overflow. */
export function softplusScalar(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Rounds halves to even, as NumPy does. */
export function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

const GELU_K = Math.sqrt(2 / Math.PI);
const GELU_C = 0.044715;

/**
 * `x/2 · (1 + tanh u) = x σ(2u)`, `u = √(2/π)(x + 0.044715 x³)`; −∞ gives −0, as the limit does.
 */
export function geluTanhScalar(x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return -0;
  return x * sigmoidScalar(2 * GELU_K * (x + GELU_C * x * x * x));
}

/** Derivative of geluTanh, `σ(2u) + x · 2u′ σ′(2u)`; 1 and 0 at ±∞, its limits. */
export function geluTanhSlope(x: number): number {
  if (Math.abs(x) > 40) return x > 0 ? 1 : 0;
  const u2 = 2 * GELU_K * (x + GELU_C * x * x * x);
  return sigmoidScalar(u2) + x * sigmoidSlope(u2) * 2 * GELU_K * (1 + 3 * GELU_C * x * x);
}

/** `x · Φ(x)`; −∞ gives −0, as the limit does. */
export function geluScalar(x: number): number {
  return x === Number.NEGATIVE_INFINITY ? -0 : x * normalDistribution(x);
}

/** Derivative of gelu: `Φ(x) + x φ(x)`. */
export function geluSlope(x: number): number {
  const tail = Math.abs(x) > 40 ? 0 : x * normalDensity(x);
  return Number.isNaN(x) ? x : normalDistribution(x) + tail;
}

/** `x · sigmoid(x)`. */
export function siluScalar(x: number): number {
  return x === Number.NEGATIVE_INFINITY ? -0 : x * sigmoidScalar(x);
}

/** Derivative of silu: `σ(x) + x σ′(x)`. */
export function siluSlope(x: number): number {
  return sigmoidScalar(x) + (Number.isFinite(x) ? x * sigmoidSlope(x) : 0);
}
