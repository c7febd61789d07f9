/** @file Functions of one float32 tensor that need no multiply-add: exact to the last bit, special values as in IEEE 754. */
import { f32c, storeTail } from "../lib/simd";
import { map, zip } from "./span";

// ±1 with the sign of x, but x itself where it is 0 or NaN
// @ts-ignore: decorator
@unmanaged class Sign {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return v128.bitselect(v128.or(f32c(1), v128.and(x, f32c(-0.0))), x, f32x4.gt(f32x4.abs(x), f32c(0))); }
}
// 0 below 0; a NaN passes, because the comparison fails
// @ts-ignore: decorator
@unmanaged class Relu {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return v128.andnot(x, f32x4.le(x, f32c(0))); }
}
// halves to even
// @ts-ignore: decorator
@unmanaged class Round {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.nearest(x); }
}
// @ts-ignore: decorator
@unmanaged class Neg {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.neg(x); }
}
// @ts-ignore: decorator
@unmanaged class Abs {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.abs(x); }
}
// @ts-ignore: decorator
@unmanaged class Square {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.mul(x, x); }
}
// @ts-ignore: decorator
@unmanaged class Reciprocal {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.div(f32c(1), x); }
}
// @ts-ignore: decorator
@unmanaged class Sqrt {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.sqrt(x); }
}
// @ts-ignore: decorator
@unmanaged class Rsqrt {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.div(f32c(1), f32x4.sqrt(x)); }
}
// @ts-ignore: decorator
@unmanaged class Floor {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.floor(x); }
}
// @ts-ignore: decorator
@unmanaged class Ceil {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.ceil(x); }
}
// @ts-ignore: decorator
@unmanaged class Trunc {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return f32x4.trunc(x); }
}
// @ts-ignore: decorator
@unmanaged class ReluGrad {
  // @ts-ignore: decorator
  @inline of(x: v128, g: v128): v128 { return v128.and(g, f32x4.gt(x, f32c(0))); }
}

export function sign(n: i32, x: usize, o: usize): void {
  map<Sign>(n, x, o);
}
export function relu(n: i32, x: usize, o: usize): void {
  map<Relu>(n, x, o);
}
export function round(n: i32, x: usize, o: usize): void {
  map<Round>(n, x, o);
}
export function neg(n: i32, x: usize, o: usize): void {
  map<Neg>(n, x, o);
}
export function abs(n: i32, x: usize, o: usize): void {
  map<Abs>(n, x, o);
}
export function square(n: i32, x: usize, o: usize): void {
  map<Square>(n, x, o);
}
export function reciprocal(n: i32, x: usize, o: usize): void {
  map<Reciprocal>(n, x, o);
}
export function sqrt(n: i32, x: usize, o: usize): void {
  map<Sqrt>(n, x, o);
}
export function rsqrt(n: i32, x: usize, o: usize): void {
  map<Rsqrt>(n, x, o);
}
export function floor(n: i32, x: usize, o: usize): void {
  map<Floor>(n, x, o);
}
export function ceil(n: i32, x: usize, o: usize): void {
  map<Ceil>(n, x, o);
}
export function trunc(n: i32, x: usize, o: usize): void {
  map<Trunc>(n, x, o);
}
export function reluGrad(n: i32, x: usize, g: usize, o: usize): void {
  zip<ReluGrad>(n, x, g, o);
}
/** min(max(x, lo), hi): NaN wins, in a bound too, and 0 is larger than −0. */
export function clip(n: i32, x: usize, lo: f32, hi: f32, o: usize): void {
  const l = f32x4.splat(lo), h = f32x4.splat(hi);
  const end = o + (<usize>(n >> 2) << 4);
  for (; o < end; o += 16) {
    v128.store(o, f32x4.min(f32x4.max(v128.load(x), l), h));
    x += 16;
  }
  if (n & 3) storeTail(o, f32x4.min(f32x4.max(v128.load(x), l), h), n & 3);
}
