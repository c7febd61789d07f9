/** @file Functions of two tensors one element at a time: those without a cheap vector form, and float64 and int32 arithmetic. */
import { op } from "../lib/simd";

/** o[i] = f(a[i·sa], b[i·sb]) for elements of type T; strides in bytes. O has a method `at(x, y)`. */
// @ts-ignore: decorator
@inline function each<T, O>(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  const end = o + <usize>n * sizeof<T>();
  for (; o < end; o += sizeof<T>()) {
    store<T>(o, op<O>().at<T>(load<T>(a), load<T>(b)));
    a += sa;
    b += sb;
  }
}

// @ts-ignore: decorator
@unmanaged class Add {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return x + y; }
}
// @ts-ignore: decorator
@unmanaged class Sub {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return x - y; }
}
// @ts-ignore: decorator
@unmanaged class Mul {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return x * y; }
}
// @ts-ignore: decorator
@unmanaged class Div {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return x / y; }
}
// @ts-ignore: decorator
@unmanaged class Maximum {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return max<T>(x, y); }
}
// @ts-ignore: decorator
@unmanaged class Minimum {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return min<T>(x, y); }
}
// The library's powf: within 1 ulp, by a logarithm in double precision. 1ʸ and (−1)^±∞ are 1 by IEEE 754, not by ECMAScript.
// @ts-ignore: decorator
@unmanaged class Pow {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T {
    if (x == 1 || (x == -1 && abs<T>(y) == Infinity)) return 1;
    return <T>Mathf.pow(<f32>x, <f32>y);
  }
}
// @ts-ignore: decorator
@unmanaged class Atan2 {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T { return <T>Mathf.atan2(<f32>x, <f32>y); }
}
// Squares of float32 are in range in double precision; an infinity beats a NaN, as in IEEE 754.
// @ts-ignore: decorator
@unmanaged class Hypot {
  // @ts-ignore: decorator
  @inline at<T>(x: T, y: T): T {
    if (abs<T>(x) == Infinity || abs<T>(y) == Infinity) return <T>Infinity;
    return <T>sqrt<f64>(<f64>x * <f64>x + <f64>y * <f64>y);
  }
}
// x − ⌊x/y⌋·y: the exact remainder, moved to the sign of y; a zero takes that sign too.
// @ts-ignore: decorator
@unmanaged class Mod {
  at<T>(x: T, y: T): T {
    const r = x % y;
    if (r == 0) return copysign<T>(r, y);
    return r < 0 != y < 0 ? r + y : r;
  }
}

/** One exponent for all: squares, reciprocals and roots need no logarithm. */
export function pow(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  const y = load<f32>(b);
  if (sb == 0 && sa == 4 && (y == 2 || y == -1 || y == 0.5)) {
    for (; n > 0; n--) {
      const x = load<f32>(a);
      // (−∞)^½ = ∞ and (−0)^½ = 0, unlike the square root
      store<f32>(o, y == 2 ? x * x : y == -1 ? <f32>1 / x : x == -Infinity ? Infinity : sqrt<f32>(x + <f32>0));
      a += 4;
      o += 4;
    }
  } else each<f32, Pow>(n, a, sa, b, sb, o);
}
export function atan2(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f32, Atan2>(n, a, sa, b, sb, o);
}
export function hypot(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f32, Hypot>(n, a, sa, b, sb, o);
}
export function mod(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f32, Mod>(n, a, sa, b, sb, o);
}
export function addF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Add>(n, a, sa, b, sb, o);
}
export function subF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Sub>(n, a, sa, b, sb, o);
}
export function mulF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Mul>(n, a, sa, b, sb, o);
}
export function divF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Div>(n, a, sa, b, sb, o);
}
export function maximumF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Maximum>(n, a, sa, b, sb, o);
}
export function minimumF64(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<f64, Minimum>(n, a, sa, b, sb, o);
}
export function addI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Add>(n, a, sa, b, sb, o);
}
export function subI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Sub>(n, a, sa, b, sb, o);
}
export function mulI32(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  each<i32, Mul>(n, a, sa, b, sb, o);
}
