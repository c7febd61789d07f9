/** @file Vector exponentials and hyperbolic functions in float32. Relative error at most 2e-7 unless a line says otherwise. */
import { f32c, madd } from "./simd";

const LOG2E: f32 = 1.44269504088896341;
const LN2_HI: f32 = 0.693359375; // nine bits, so that n·LN2_HI is exact
const LN2_LO: f32 = -2.12194440e-4;
const MAGIC: f32 = 12582912; // 1.5·2²³: adding it rounds to an integer kept in the low mantissa bits

// eʳ − 1 = r + r²·P(r) for |r| ≤ ln 2 / 2 (Cephes expf, 1.2e-7)
// @ts-ignore: decorator
@inline function expLess1(r: v128): v128 {
  let p = f32c(1.9875691500e-4);
  p = madd(p, r, f32c(1.3981999507e-3));
  p = madd(p, r, f32c(8.3334519073e-3));
  p = madd(p, r, f32c(4.1665795894e-2));
  p = madd(p, r, f32c(1.6666665459e-1));
  p = madd(p, r, f32c(5.0000001201e-1));
  return madd(p, f32x4.mul(r, r), r);
}

// @ts-ignore: decorator
@inline function reduced(x: v128, n: v128): v128 {
  return madd(n, f32c(-LN2_LO), madd(n, f32c(-LN2_HI), x));
}

/** eˣ for −87.3 ≤ x ≤ 88.3, clamped outside (never 0, never ∞); NaN stays NaN. The fastest form. */
// @ts-ignore: decorator
@inline export function expClamped(x0: v128): v128 {
  // The first operand of pmin and pmax survives a failed comparison, so NaN passes through.
  const x = f32x4.pmin(f32x4.pmax(x0, f32c(-87.33654)), f32c(88.37626));
  const t = madd(x, f32c(LOG2E), f32c(MAGIC + 127)); // biased exponent ready to shift
  const r = reduced(x, f32x4.sub(t, f32c(MAGIC + 127)));
  return f32x4.mul(f32x4.add(expLess1(r), f32c(1)), i32x4.shl(t, 23));
}

/**
 * eˣ for x ≤ 0, exactly 0 below −87.7, where the biased exponent is 0 (so that a masked score of −∞ gets no weight).
 * 2ⁿ + (r·2ⁿ)·P(r) with the P of degree 4 that is best in the largest relative error (9.2e-8; 1.8e-7 with rounding).
 */
// @ts-ignore: decorator
@inline export function expNegative(x0: v128): v128 {
  const x = f32x4.pmax(x0, f32c(-88));
  const t = madd(x, f32c(LOG2E), f32c(MAGIC + 127));
  const r = reduced(x, f32x4.sub(t, f32c(MAGIC + 127)));
  const s = i32x4.shl(t, 23);
  let p = f32c(0.0082902722);
  p = madd(p, r, f32c(0.0418981612));
  p = madd(p, r, f32c(0.1666763872));
  p = madd(p, r, f32c(0.4999914765));
  p = madd(p, r, f32c(0.9999997020));
  return madd(f32x4.mul(r, s), p, s);
}

/** eˣ·2ˢ over the whole range: +∞ above, subnormals and 0 below. The power of two is applied in two halves. */
// @ts-ignore: decorator
@inline export function expScaled(x0: v128, s: i32): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, f32c(-105)), f32c(91));
  const t = madd(x, f32c(LOG2E), f32c(MAGIC));
  const r = reduced(x, f32x4.sub(t, f32c(MAGIC)));
  const n = i32x4.add(i32x4.sub(t, f32c(MAGIC)), i32x4.splat(s));
  const half = i32x4.shr_s(n, 1);
  const p = f32x4.add(expLess1(r), f32c(1));
  return f32x4.mul(f32x4.mul(p, power(half)), power(i32x4.sub(n, half)));
}

// 2ⁿ for −126 ≤ n ≤ 127
// @ts-ignore: decorator
@inline function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

// @ts-ignore: decorator
@inline export function exp(x: v128): v128 {
  return expScaled(x, 0);
}

/** eˣ − 1 = 2ⁿ·((eʳ − 1) + (1 − 2⁻ⁿ)): no cancellation, since n = 0 wherever the result is small. */
// @ts-ignore: decorator
@inline export function expm1(x0: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, f32c(-60)), f32c(91));
  const t = madd(x, f32c(LOG2E), f32c(MAGIC));
  const r = reduced(x, f32x4.sub(t, f32c(MAGIC)));
  const n = i32x4.sub(t, f32c(MAGIC));
  const half = i32x4.shr_s(n, 1);
  const rest = i32x4.sub(n, half);
  const inverse = f32x4.mul(power(i32x4.neg(half)), power(i32x4.neg(rest)));
  const p = f32x4.add(expLess1(r), f32x4.sub(f32c(1), inverse));
  const y = f32x4.mul(f32x4.mul(p, power(half)), power(rest));
  return v128.or(y, v128.and(x0, f32c(-0.0))); // the sign of x is the sign of the result, −0 included
}

/** 1 / (1 + e⁻ˣ) written with e^−|x|, so that neither side loses digits; below 2⁻¹²⁶ it is 0. */
// @ts-ignore: decorator
@inline export function sigmoid(x: v128): v128 {
  const e = expNegative(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, f32c(1), f32x4.lt(x, f32c(0)));
  return f32x4.div(numerator, f32x4.add(f32c(1), e));
}

/** x·σ(x); −∞ gives −0, its limit. */
// @ts-ignore: decorator
@inline export function silu(x: v128): v128 {
  return f32x4.mul(f32x4.pmax(x, f32c(-1e4)), sigmoid(x));
}

/** σ(x) + w·σ(x)(1 − σ(x)); with e = e^−|x| the second factor is e/(1 + e)², which loses no digits. */
// @ts-ignore: decorator
@inline export function logisticSlope(x: v128, w: v128): v128 {
  const e = expNegative(f32x4.neg(f32x4.abs(x)));
  const r = f32x4.div(f32c(1), f32x4.add(f32c(1), e));
  const s = f32x4.mul(v128.bitselect(e, f32c(1), f32x4.lt(x, f32c(0))), r);
  return madd(w, f32x4.mul(e, f32x4.mul(r, r)), s);
}

/** σ + x·σ·(1 − σ) */
// @ts-ignore: decorator
@inline export function siluSlope(x: v128): v128 {
  // the second term is 0 beyond, and ∞·0 must not appear
  return logisticSlope(x, f32x4.pmin(f32x4.pmax(x, f32c(-1e4)), f32c(1e4)));
}

/** σ(x)(1 − σ(x)) = e/(1 + e)², e = e^−|x|: no digit is lost where σ rounds to 1. */
// @ts-ignore: decorator
@inline export function sigmoidSlope(x: v128): v128 {
  const e = expNegative(v128.or(x, f32c(-0.0))); // −|x|
  const u = f32x4.add(f32c(1), e);
  return f32x4.div(e, f32x4.mul(u, u));
}

/** 1 − tanh²(x) = 4e/(1 + e)², e = e^(−2|x|) */
// @ts-ignore: decorator
@inline export function tanhSlope(x: v128): v128 {
  return f32x4.mul(f32c(4), sigmoidSlope(f32x4.add(x, x)));
}

/** tanh by the rational 13/6 minimax function of Eigen on |x| ≤ 7.9; exactly ±1 beyond 9.02, where float32 rounds to it. */
// @ts-ignore: decorator
@inline export function tanh(x0: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, f32c(-7.90531110763549805)), f32c(7.90531110763549805));
  const x2 = f32x4.mul(x, x);
  let p = f32c(-2.76076847742355e-16);
  p = madd(p, x2, f32c(2.00018790482477e-13));
  p = madd(p, x2, f32c(-8.60467152213735e-11));
  p = madd(p, x2, f32c(5.12229709037114e-8));
  p = madd(p, x2, f32c(1.48572235717979e-5));
  p = madd(p, x2, f32c(6.37261928875436e-4));
  p = madd(p, x2, f32c(4.89352455891786e-3));
  let q = f32c(1.19825839466702e-6);
  q = madd(q, x2, f32c(1.18534705686654e-4));
  q = madd(q, x2, f32c(2.26843463243900e-3));
  q = madd(q, x2, f32c(4.89352518554385e-3));
  const y = f32x4.mul(f32x4.div(p, q), x); // in this order no digit is lost where p·x would be subnormal
  const sign = v128.and(x0, f32c(-0.0));
  return v128.bitselect(v128.or(f32c(1), sign), y, f32x4.gt(f32x4.abs(x0), f32c(9.02)));
}

/** (eˣ − e⁻ˣ)/2; within |x| < 1 the Taylor series to x⁹, whose remainder is below 3e-8. */
// @ts-ignore: decorator
@inline export function sinh(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = f32c(2.7557319224e-6);
  p = madd(p, z, f32c(1.9841269841e-4));
  p = madd(p, z, f32c(8.3333333333e-3));
  p = madd(p, z, f32c(1.6666666667e-1));
  const small = madd(f32x4.mul(p, z), x, x);
  const large = f32x4.sub(expScaled(x, -1), expScaled(f32x4.neg(x), -1));
  return v128.bitselect(small, large, f32x4.lt(f32x4.abs(x), f32c(1)));
}

/** (eˣ + e⁻ˣ)/2 */
// @ts-ignore: decorator
@inline export function cosh(x: v128): v128 {
  return f32x4.add(expScaled(x, -1), expScaled(f32x4.neg(x), -1));
}
