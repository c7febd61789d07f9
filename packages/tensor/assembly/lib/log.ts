/** @file Vector logarithms in float32: log, log1p, softplus. Relative error at most 2e-7 (log1p and softplus 3e-7). */
import { expNegative } from "./exp";
import { f32c, madd } from "./simd";

const SQRT_HALF: f32 = 0.70710678;

// x = 2ᵉ·(1 + m) with 1 + m in [√½, √2). Subtracting the bits of √½ before the shift saves a comparison.
// @ts-ignore: decorator
@inline function normal(x: v128, tiny: v128): v128 {
  return i32x4.sub(v128.bitselect(f32x4.mul(x, f32c(8388608)), x, tiny), f32c(SQRT_HALF)); // subnormals ·2²³
}

// @ts-ignore: decorator
@inline function exponent(shifted: v128, tiny: v128): v128 {
  return f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23)), v128.and(tiny, f32c(23)));
}

// @ts-ignore: decorator
@inline function mantissa(shifted: v128): v128 {
  return f32x4.sub(i32x4.add(v128.and(shifted, i32x4.splat(0x7fffff)), f32c(SQRT_HALF)), f32c(1));
}

// ln(1 + m) − m + m²/2 = m³·P(m), Cephes logf
// @ts-ignore: decorator
@inline function logTail(m: v128): v128 {
  let p = f32c(7.0376836292e-2);
  p = madd(p, m, f32c(-1.1514610310e-1));
  p = madd(p, m, f32c(1.1676998740e-1));
  p = madd(p, m, f32c(-1.2420140846e-1));
  p = madd(p, m, f32c(1.4249322787e-1));
  p = madd(p, m, f32c(-1.6668057665e-1));
  p = madd(p, m, f32c(2.0000714765e-1));
  p = madd(p, m, f32c(-2.4999993993e-1));
  p = madd(p, m, f32c(3.3333331174e-1));
  return f32x4.mul(f32x4.mul(m, f32x4.mul(m, m)), p);
}

// +∞ and NaN stay, 0 gives −∞, negatives NaN
// @ts-ignore: decorator
@inline function special(x: v128, y0: v128): v128 {
  const y = v128.bitselect(y0, x, f32x4.lt(x, f32c(Infinity)));
  return v128.or(v128.bitselect(f32c(-Infinity), y, f32x4.eq(x, f32c(0))), f32x4.lt(x, f32c(0)));
}

/** ln x = e·ln 2 + ln(1 + m) */
// @ts-ignore: decorator
@inline export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, f32c(1.17549435e-38));
  const s = normal(x, tiny), e = exponent(s, tiny), m = mantissa(s);
  const y = madd(f32x4.mul(m, m), f32c(-0.5), madd(e, f32c(-2.12194440e-4), logTail(m)));
  return special(x, madd(e, f32c(0.693359375), f32x4.add(m, y)));
}

/** log₂ x = e + ln(1 + m)/ln 2: exact for powers of two. */
// @ts-ignore: decorator
@inline export function log2(x: v128): v128 {
  const tiny = f32x4.lt(x, f32c(1.17549435e-38));
  const s = normal(x, tiny), e = exponent(s, tiny), m = mantissa(s);
  const y = madd(f32x4.mul(m, m), f32c(-0.5), logTail(m));
  return special(x, madd(f32x4.add(m, y), f32c(1.44269504088896341), e));
}

/** ln(1 + x) = ln u + (x − (u − 1))/u with u = 1 + x rounded: the second term puts back what the rounding lost. */
// @ts-ignore: decorator
@inline export function log1p(x: v128): v128 {
  const u = f32x4.add(x, f32c(1));
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, f32c(1))), u);
  const y = f32x4.add(log(u), lost);
  // x itself where u rounds to 1 (keeps −0) and at +∞; −1 → −∞ though its correction is 0/0
  const same = v128.or(f32x4.eq(u, f32c(1)), f32x4.eq(x, f32c(Infinity)));
  return v128.bitselect(f32c(-Infinity), v128.bitselect(x, y, same), f32x4.eq(x, f32c(-1)));
}

/**
 * ln(1 + eˣ) = max(x, 0) + ln u + (e − (u − 1))/u with e = e^−|x| and u = 1 + e rounded, in [1, 2]. There 3/2 − u/2 is near
 * enough to 1/u: its relative error, at most (u − 1)/2, meets a correction of at most 6e-8.
 */
// @ts-ignore: decorator
@inline export function softplus(x: v128): v128 {
  const one = f32c(1);
  const e = expNegative(f32x4.neg(f32x4.abs(x)));
  const u = f32x4.add(e, one);
  const lost = f32x4.mul(f32x4.sub(e, f32x4.sub(u, one)), madd(u, f32c(-0.5), f32c(1.5)));
  const none = i32x4.splat(0);
  const s = normal(u, none), k = exponent(s, none), m = mantissa(s);
  const y = madd(f32x4.mul(m, m), f32c(-0.5), madd(k, f32c(-2.12194440e-4), logTail(m)));
  const l = madd(k, f32c(0.693359375), f32x4.add(m, y));
  return f32x4.add(f32x4.pmax(x, f32c(0)), f32x4.add(l, lost));
}
