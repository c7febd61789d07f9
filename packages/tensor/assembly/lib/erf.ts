/** @file Error function and the gelu family in float32, with their derivatives. */
import { expClamped, expNegative, logisticSlope, sigmoid } from "./exp";
import { f32c, madd } from "./simd";

const SQRT_HALF: f32 = 0.70710678118654752;
const INV_SQRT_2PI: f32 = 0.39894228040143268;
const SQRT_2_OVER_PI: f32 = 0.79788456080286536;
const CUBIC: f32 = 0.044715;

/** erf after Juffa: x + x·P(x²) near 0, 1 − e^Q(|x|) beyond 0.93. Relative error 2e-7. */
// @ts-ignore: decorator
@inline export function erf(x: v128): v128 {
  // beyond 4 float32 rounds erf to ±1, and the polynomial must not leave its range
  const t = f32x4.pmin(f32x4.abs(x), f32c(4));
  const s = f32x4.mul(t, t);
  let r = madd(f32c(-1.72853470e-5), t, f32c(3.83197126e-4));
  r = madd(r, s, madd(f32c(-3.88396438e-3), t, f32c(2.42546219e-2)));
  r = madd(r, t, f32c(-1.06777877e-1));
  r = madd(r, t, f32c(-6.34846687e-1));
  r = madd(r, t, f32c(-1.28717512e-1));
  r = madd(r, t, f32x4.neg(t));
  const far = f32x4.sub(f32c(1), expClamped(r));
  let p = madd(f32c(-5.96761703e-4), s, f32c(4.99119423e-3));
  p = madd(p, s, f32c(-2.67681349e-2));
  p = madd(p, s, f32c(1.12819925e-1));
  p = madd(p, s, f32c(-3.76125336e-1));
  p = madd(p, s, f32c(1.28379166e-1));
  const near = madd(p, t, t);
  const y = v128.bitselect(far, near, f32x4.gt(t, f32c(0.927734375)));
  return v128.or(y, v128.and(x, f32c(-0.0)));
}

// 1 − Φ(|x|) = e^(−x²/2) P(t), t = 1/(1 + 0.4 |x|): the form of Abramowitz and Stegun 7.1.26 with a P of degree 6
// that makes |x|·(1 − Φ) best, to 5e-8; 1 − Φ itself is good to 2e-7.
// @ts-ignore: decorator
@inline function upperTail(x: v128, e: v128): v128 {
  const t = f32x4.div(f32c(1), madd(f32x4.abs(x), f32c(0.4), f32c(1)));
  let p = madd(f32c(0.05669018626213074), t, f32c(-0.25576716661453247));
  p = madd(p, t, f32c(0.3411952257156372));
  p = madd(p, t, f32c(0.012180077843368053));
  p = madd(p, t, f32c(0.18903885781764984));
  p = madd(p, t, f32c(0.15666289627552032));
  return f32x4.mul(f32x4.mul(p, t), e);
}

/** x·Φ(x) = max(x, 0) − |x|·(1 − Φ(|x|)); error at most 1e-7·max(1, |x|). −∞ gives −0, its limit. */
// @ts-ignore: decorator
@inline export function gelu(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), f32c(15)); // the tail is 0 beyond
  const e = expNegative(f32x4.mul(f32x4.mul(a, a), f32c(-0.5)));
  const tail = f32x4.mul(a, upperTail(a, e));
  return f32x4.sub(f32x4.pmax(x, f32c(-0.0)), tail);
}

/**
 * Φ(x) + x·φ(x), φ(x) = e^(−x²/2)/√(2π), with Φ from the same exponential; absolute error 3e-7.
 */
// @ts-ignore: decorator
@inline export function geluSlope(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, f32c(-15)), f32c(15)); // φ is 0 beyond, and ∞·0 must not appear
  const e = expNegative(f32x4.mul(f32x4.mul(c, c), f32c(-0.5)));
  const tail = upperTail(c, e);
  const cdf = v128.bitselect(tail, f32x4.sub(f32c(1), tail), f32x4.lt(c, f32c(0)));
  return madd(f32x4.mul(c, e), f32c(INV_SQRT_2PI), cdf);
}

// √(2/π)·(x + 0.044715·x³)
// @ts-ignore: decorator
@inline function cubic(x: v128): v128 {
  const x3 = f32x4.mul(f32x4.mul(x, x), x);
  return f32x4.mul(f32c(SQRT_2_OVER_PI), madd(x3, f32c(CUBIC), x));
}

/** x·(1 + tanh u)/2 = x·σ(2u), u = √(2/π)(x + 0.044715x³): the sigmoid keeps the digits of the negative side. */
// @ts-ignore: decorator
@inline export function geluTanh(x: v128): v128 {
  const u = cubic(x);
  return f32x4.mul(f32x4.pmax(x, f32c(-1e4)), sigmoid(f32x4.add(u, u)));
}

/** σ + x·2u′·σ(1 − σ) with σ = σ(2u), u′ = √(2/π)(1 + 3·0.044715·x²) */
// @ts-ignore: decorator
@inline export function geluTanhSlope(x0: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, f32c(-12)), f32c(12)); // σ(1 − σ) is 0 beyond
  const u = cubic(x);
  const twice = madd(f32x4.mul(x, x), f32c(6 * CUBIC * SQRT_2_OVER_PI), f32c(2 * SQRT_2_OVER_PI));
  return logisticSlope(f32x4.add(u, u), f32x4.mul(x, twice));
}
