/** @file Vector sine, cosine and tangent in float32, reduced in double precision: relative error 2e-7 away from the zeros. */
import { f32c, lanes, madd } from "./simd";

const TWO_OVER_PI: f64 = 0.63661977236758134308;
const HALF_PI_HI: f64 = 1.57079631090164184570; // 25 bits: n·HALF_PI_HI is exact for n < 2²⁸ (FreeBSD rem_pio2f)
const HALF_PI_LO: f64 = 1.58932547735281966916e-8;
const MAGIC: f64 = 6755399441055744; // 1.5·2⁵²

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
  if (v128.any_true(f32x4.ge(f32x4.abs(x), f32c(4e8)))) return sinHuge(x, quarter);
  const lo = f64x2.promote_low_f32x4(x);
  const hi = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const tlo = turns(lo);
  const thi = turns(hi);
  const r = v128.shuffle<f32>(remainder(lo, tlo), remainder(hi, thi), 0, 1, 4, 5);
  const q = i32x4.add(v128.shuffle<i32>(tlo, thi, 0, 2, 4, 6), i32x4.splat(quarter));
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

// Beyond 4e8 the double reduction runs out of bits: the library's Payne–Hanek reduction, lane by lane.
function sinHuge(x: v128, quarter: i32): v128 {
  const a = f32x4.extract_lane(x, 0);
  const b = f32x4.extract_lane(x, 1);
  const c = f32x4.extract_lane(x, 2);
  const d = f32x4.extract_lane(x, 3);
  if (quarter) return lanes(Mathf.cos(a), Mathf.cos(b), Mathf.cos(c), Mathf.cos(d));
  return lanes(Mathf.sin(a), Mathf.sin(b), Mathf.sin(c), Mathf.sin(d));
}
