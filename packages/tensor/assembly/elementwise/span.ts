/** @file The loops under every float32 function of two tensors: equal lengths, a number on either side, or any strides. */
import { op, storeTail } from "../lib/simd";

/**
 * o[i] = f(a[i·sa], b[i·sb]) for i < n, strides in bytes, o contiguous. O is a type with a method `of(a, b)` on vectors.
 * The tail is stored exactly, so a span may end anywhere inside a tensor, and o may be a or b.
 */
// @ts-ignore: decorator
@inline export function span<O>(n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  const f = op<O>();
  const end = o + (<usize>(n >> 2) << 4);
  const rest = n & 3;
  if (sa == 4 && sb == 4) {
    for (; o + 32 <= end; o += 32) { // the loop costs as much as one addition
      v128.store(o, f.of(v128.load(a), v128.load(b)));
      v128.store(o, f.of(v128.load(a, 16), v128.load(b, 16)), 16);
      a += 32;
      b += 32;
    }
    if (o < end) {
      v128.store(o, f.of(v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
      o += 16;
    }
    if (rest) storeTail(o, f.of(v128.load(a), v128.load(b)), rest);
  } else if (sa == 4 && sb == 0) {
    const y = v128.load32_splat(b);
    for (; o < end; o += 16) {
      v128.store(o, f.of(v128.load(a), y));
      a += 16;
    }
    if (rest) storeTail(o, f.of(v128.load(a), y), rest);
  } else if (sa == 0 && sb == 4) {
    const x = v128.load32_splat(a);
    for (; o < end; o += 16) {
      v128.store(o, f.of(x, v128.load(b)));
      b += 16;
    }
    if (rest) storeTail(o, f.of(x, v128.load(b)), rest);
  } else {
    for (; n > 0; n--) {
      v128.store32_lane(o, f.of(v128.load32_splat(a), v128.load32_splat(b)), 0);
      a += sa;
      b += sb;
      o += 4;
    }
  }
}

/** The same for one tensor: O has a method `of(x)`. */
// @ts-ignore: decorator
@inline export function map<O>(n: i32, a: usize, o: usize): void {
  const end = o + (<usize>(n >> 2) << 4);
  for (; o < end; o += 16) {
    v128.store(o, op<O>().of(v128.load(a)));
    a += 16;
  }
  if (n & 3) storeTail(o, op<O>().of(v128.load(a)), n & 3);
}

/** For two contiguous tensors of one shape: the fused derivatives. */
// @ts-ignore: decorator
@inline export function zip<O>(n: i32, a: usize, b: usize, o: usize): void {
  const end = o + (<usize>(n >> 2) << 4);
  for (; o < end; o += 16) {
    v128.store(o, op<O>().of(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  if (n & 3) storeTail(o, op<O>().of(v128.load(a), v128.load(b)), n & 3);
}
