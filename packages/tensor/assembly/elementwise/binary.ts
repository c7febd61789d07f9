/** @file float32 arithmetic of two tensors. Each export has the signature of span: (n, a, sa, b, sb, o), strides in bytes. */
import { span } from "./span";

// @ts-ignore: decorator
@unmanaged class Add {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); }
}
// @ts-ignore: decorator
@unmanaged class Sub {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
}
// @ts-ignore: decorator
@unmanaged class Mul {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
}
// @ts-ignore: decorator
@unmanaged class Div {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.div(a, b); }
}
// wasm max and min return NaN when either side is NaN, as NumPy does
// @ts-ignore: decorator
@unmanaged class Maximum {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.max(a, b); }
}
// @ts-ignore: decorator
@unmanaged class Minimum {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.min(a, b); }
}

export function add(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Add>(n, a, sa, b, sb, o);
}
export function sub(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Sub>(n, a, sa, b, sb, o);
}
export function mul(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Mul>(n, a, sa, b, sb, o);
}
export function div(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Div>(n, a, sa, b, sb, o);
}
export function maximum(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Maximum>(n, a, sa, b, sb, o);
}
export function minimum(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  span<Minimum>(n, a, sa, b, sb, o);
}
