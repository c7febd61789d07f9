/** @file Folding the rows of a float32 matrix into one: column sums, maxima, products. */
import { op } from "../lib/simd";

// @ts-ignore: decorator
@unmanaged export class Sum {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); }
}
// @ts-ignore: decorator
@unmanaged export class Prod {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
  // @ts-ignore: decorator
  @inline quick(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
}
// `of` returns NaN when either side is NaN, as wasm max and min do. `quick` is one instruction and drops a NaN in b.
// @ts-ignore: decorator
@unmanaged export class Max {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.max(a, b); }
  // @ts-ignore: decorator
  @inline quick(a: v128, b: v128): v128 { return f32x4.pmax(a, b); }
}
// @ts-ignore: decorator
@unmanaged export class Min {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 { return f32x4.min(a, b); }
  // @ts-ignore: decorator
  @inline quick(a: v128, b: v128): v128 { return f32x4.pmin(a, b); }
}

/**
 * acc[j] = f(x[0, j], x[1, j], …) for n ≥ 1 rows of w columns, `stride` bytes apart. Four rows per pass over acc, which stays
 * in the first-level cache. acc is scratch: it is read and written in whole vectors, up to ⌈w/4⌉·16 bytes.
 */
export function foldColumns<O>(n: i32, w: i32, x: usize, stride: usize, acc: usize): void {
  const f = op<O>();
  const bytes = <usize>w << 2;
  if (n >= 4) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const p = x + j, q = p + 2 * stride;
      v128.store(acc + j, f.of(f.of(v128.load(p), v128.load(p + stride)), f.of(v128.load(q), v128.load(q + stride))));
    }
    x += 4 * stride;
    n -= 4;
  } else {
    for (let j: usize = 0; j < bytes; j += 16) v128.store(acc + j, v128.load(x + j));
    x += stride;
    n -= 1;
  }
  for (; n >= 4; n -= 4) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const p = x + j, q = p + 2 * stride;
      const v = f.of(f.of(v128.load(p), v128.load(p + stride)), f.of(v128.load(q), v128.load(q + stride)));
      v128.store(acc + j, f.of(v128.load(acc + j), v));
    }
    x += 4 * stride;
  }
  for (; n > 0; n--) {
    for (let j: usize = 0; j < bytes; j += 16) v128.store(acc + j, f.of(v128.load(acc + j), v128.load(x + j)));
    x += stride;
  }
}
