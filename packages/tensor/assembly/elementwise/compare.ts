/** @file Comparisons and logic: one byte, 0 or 1, per element. NaN compares unequal to everything. */
import { op } from "../lib/simd";

// Four masks of four lanes become 16 bytes of 0 and 1.
// @ts-ignore: decorator
@inline function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const lo = i16x8.narrow_i32x4_s(a, b), hi = i16x8.narrow_i32x4_s(c, d);
  return v128.and(i8x16.narrow_i16x8_s(lo, hi), i8x16.splat(1));
}

/** float32: 16 elements at a time where both sides advance or one stands still; O has `of` on vectors and `at` on numbers. */
// @ts-ignore: decorator
@inline function compare<O>(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  const f = op<O>();
  if (sa == 4 && sb == 4) {
    for (; n >= 16; n -= 16) {
      v128.store(o, bytes(f.of(v128.load(a), v128.load(b)), f.of(v128.load(a, 16), v128.load(b, 16)),
                          f.of(v128.load(a, 32), v128.load(b, 32)), f.of(v128.load(a, 48), v128.load(b, 48))));
      a += 64;
      b += 64;
      o += 16;
    }
  } else if (sa == 4 && sb == 0) {
    const y = v128.load32_splat(b);
    for (; n >= 16; n -= 16) {
      v128.store(o, bytes(f.of(v128.load(a), y), f.of(v128.load(a, 16), y), f.of(v128.load(a, 32), y), f.of(v128.load(a, 48), y)));
      a += 64;
      o += 16;
    }
  }
  each<f32, O>(n, a, sa, b, sb, o);
}

// @ts-ignore: decorator
@inline function each<T, O>(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  for (; n > 0; n--) {
    store<u8>(o, <u8>op<O>().at<T>(load<T>(a), load<T>(b)));
    a += sa;
    b += sb;
    o += 1;
  }
}

// @ts-ignore: decorator
@unmanaged class Equal {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.eq(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x == y; }
}
// @ts-ignore: decorator
@unmanaged class NotEqual {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.ne(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x != y; }
}
// @ts-ignore: decorator
@unmanaged class Less {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.lt(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x < y; }
}
// @ts-ignore: decorator
@unmanaged class LessEqual {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.le(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x <= y; }
}
// @ts-ignore: decorator
@unmanaged class Greater {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.gt(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x > y; }
}
// @ts-ignore: decorator
@unmanaged class GreaterEqual {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.ge(a, b); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x >= y; }
}
// @ts-ignore: decorator
@unmanaged class LogicalAnd {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return v128.and(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0))); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x != <T>0 && y != <T>0; }
}
// @ts-ignore: decorator
@unmanaged class LogicalOr {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return v128.or(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0))); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return x != <T>0 || y != <T>0; }
}
// @ts-ignore: decorator
@unmanaged class LogicalXor {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return v128.xor(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0))); }
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): bool { return (x != <T>0) != (y != <T>0); }
}

export function equal(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<Equal>(n, a, sa, b, sb, o);
}
export function notEqual(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<NotEqual>(n, a, sa, b, sb, o);
}
export function less(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<Less>(n, a, sa, b, sb, o);
}
export function lessEqual(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<LessEqual>(n, a, sa, b, sb, o);
}
export function greater(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<Greater>(n, a, sa, b, sb, o);
}
export function greaterEqual(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  compare<GreaterEqual>(n, a, sa, b, sb, o);
}
export function equalI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Equal>(n, a, sa, b, sb, o);
}
export function notEqualI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, NotEqual>(n, a, sa, b, sb, o);
}
export function lessI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Less>(n, a, sa, b, sb, o);
}
export function lessEqualI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, LessEqual>(n, a, sa, b, sb, o);
}
export function greaterI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Greater>(n, a, sa, b, sb, o);
}
export function greaterEqualI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, GreaterEqual>(n, a, sa, b, sb, o);
}
export function logicalAndBool(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<u8, LogicalAnd>(n, a, sa, b, sb, o);
}
export function logicalOrBool(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<u8, LogicalOr>(n, a, sa, b, sb, o);
}
export function logicalXorBool(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<u8, LogicalXor>(n, a, sa, b, sb, o);
}
