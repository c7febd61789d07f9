/** @file Vector sine, cosine and tangent in float32, reduced in double precision: relative error 2e-7 away from the zeros. */
import { f32c, madd } from "./simd";

const TWO_OVER_PI: f64 = 0.63661977236758134308;
const HALF_PI_HI: f64 = 1.57079631090164184570; // 25 bits: n·HALF_PI_HI is exact for n < 2²⁸ (FreeBSD rem_pio2f)
const HALF_PI_LO: f64 = 1.58932547735281966916e-8;
const MAGIC: f64 = 6755399441055744; // 1.5·2⁵²
const LARGE: f32 = 4e8; // beyond, the reduction in double precision runs out of bits
const TURN: f64 = 8.51530395021638647334e-20; // π·2⁻⁶⁵

/** 256 bits of 2/π. */
// @ts-ignore: decorator
@lazy const TWO_OVER_PI_BITS = memory.data<u64>([0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561]);

// @ts-ignore: decorator
@inline function turns(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, f64x2.splat(TWO_OVER_PI)), f64x2.splat(MAGIC));
}

// @ts-ignore: decorator
@inline function remainder(x: v128, t: v128): v128 {
  const n = f64x2.sub(t, f64x2.splat(MAGIC));
  const r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(HALF_PI_HI)));
  return f32x4.demote_f64x2_zero(f64x2.sub(r, f64x2.mul(n, f64x2.splat(HALF_PI_LO))));
}

/** sin(x + quarter·π/2). With x = n·π/2 + r: ± sin r or ± cos r by the last two bits of n + quarter. */
export function sinQuarter(x: v128, quarter: i32): v128 {
  const lo = f64x2.promote_low_f32x4(x);
  const hi = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const tlo = turns(lo);
  const thi = turns(hi);
  let r = v128.shuffle<f32>(remainder(lo, tlo), remainder(hi, thi), 0, 1, 4, 5);
  let q = v128.shuffle<i32>(tlo, thi, 0, 2, 4, 6);
  const far = f32x4.ge(f32x4.abs(x), f32c(LARGE));
  if (v128.any_true(far)) {
    const a = i64x2.replace_lane(i64x2.splat(reduced(f32x4.extract_lane(x, 0))), 1, reduced(f32x4.extract_lane(x, 1)));
    const b = i64x2.replace_lane(i64x2.splat(reduced(f32x4.extract_lane(x, 2))), 1, reduced(f32x4.extract_lane(x, 3)));
    r = v128.bitselect(v128.shuffle<i32>(a, b, 0, 2, 4, 6), r, far);
    q = v128.bitselect(v128.shuffle<i32>(a, b, 1, 3, 5, 7), q, far);
  }
  q = i32x4.add(q, i32x4.splat(quarter));
  const z = f32x4.mul(r, r);
  let s = madd(f32c(-1.9515295891e-4), z, f32c(8.3321608736e-3));
  s = madd(s, z, f32c(-1.6666654611e-1));
  s = madd(f32x4.mul(s, z), r, r);
  s = v128.bitselect(s, r, i32x4.splat(0x7fffffff)); // sin r has the sign of r, at −0 too
  let c = madd(f32c(2.443315711809948e-5), z, f32c(-1.388731625493765e-3));
  c = madd(c, z, f32c(4.166664568298827e-2));
  c = madd(f32x4.mul(c, z), z, madd(z, f32c(-0.5), f32c(1)));
  const odd = i32x4.eq(v128.and(q, i32x4.splat(1)), i32x4.splat(1));
  const sign = i32x4.shl(v128.and(q, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/**
 * Payne and Hanek 1983 for |x| ≥ LARGE: of 2/π only the bits that reach the last two of n and the fraction behind are
 * multiplied by the mantissa. n in the upper half of the result, r as a float32 in the lower one; NaN of ∞.
 */
function reduced(x: f32): u64 {
  const u = reinterpret<u32>(x);
  const skipped = <i32>(u >> 23 & 255) - 152; // x = m·2^(skipped + 2): bits before stand for multiples of 4
  if (skipped < 0 || skipped > 102) return 0x7fc00000;
  const p = TWO_OVER_PI_BITS + (<usize>(skipped >> 6) << 3), shift = <u64>(skipped & 63);
  const b = load<u64>(p, 8);
  // A shift by 64 would be one by 0: by 1 and by 63 less the rest instead.
  const hi = load<u64>(p) << shift | b >> 1 >> (63 - shift);
  const lo = (b << shift | load<u64>(p, 16) >> 1 >> (63 - shift)) >> 32;
  const m = <u64>(u & 0x7fffff | 0x800000);
  const product = m * hi + (m * lo >> 32);
  const fraction = <i64>(product << 2); // of a quarter turn, in [−½, ½)
  const n = <i32>(product >> 62) + <i32>(fraction < 0);
  const r = <f32>(TURN * <f64>fraction);
  return <u64>(x < 0 ? -n : n) << 32 | <u64>reinterpret<u32>(x < 0 ? -r : r);
}
