/** @file Copying between any two strided layouts: permuting, slicing, flipping, placing and repeating are all this. */
import { transpose } from "./transpose";

/**
 * Copies `rank` ≥ 1 axes of elements of type T. `axes` holds, outermost first, four words an axis: its length, the byte
 * strides of source and destination, and a counter. The order of the axes is free; the last should be the destination's
 * contiguous one, and the one before it the source's.
 */
// @ts-ignore: decorator
@inline function copy<T>(rank: i32, axes: usize, src: usize, dst: usize): void {
  const last = axes + (<usize>(rank - 1) << 4);
  const turn = sizeof<T>() == 4 && rank > 1 && turned(last);
  const outer = turn ? last - 16 : last;
  for (let p = axes; p < outer; p += 16) store<i32>(p, 0, 12);
  while (true) {
    if (turn) transpose(load<i32>(outer), load<i32>(last), src, load<i32>(last, 4), dst, load<i32>(outer, 8));
    else line<T>(load<i32>(last), src, load<i32>(last, 4), dst, load<i32>(last, 8));
    let p = outer;
    while (true) {
      if (p == axes) return;
      p -= 16;
      const at = load<i32>(p, 12) + 1;
      src += load<i32>(p, 4);
      dst += load<i32>(p, 8);
      if (at < load<i32>(p)) {
        store<i32>(p, at, 12);
        break;
      }
      store<i32>(p, 0, 12);
      src -= at * load<i32>(p, 4);
      dst -= at * load<i32>(p, 8);
    }
  }
}

// Whether the last two axes are a matrix and its transpose: the source runs along one, the destination along the other.
function turned(last: usize): bool {
  const m = load<i32>(last - 16), n = load<i32>(last);
  return m >= 4 && n >= 4 && load<i32>(last - 16, 4) == 4 && load<i32>(last, 8) == 4 && load<i32>(last, 4) != 4;
}

// @ts-ignore: decorator
@inline function line<T>(n: i32, src: usize, ss: i32, dst: usize, ds: i32): void {
  if (ss == sizeof<T>() && ds == sizeof<T>()) bytes(<usize>n * sizeof<T>(), src, dst);
  else {
    for (; n > 0; n--) {
      store<T>(dst, load<T>(src));
      src += ss;
      dst += ds;
    }
  }
}

/** memory.copy for long runs; short ones are not worth its call. */
export function bytes(n: usize, src: usize, dst: usize): void {
  if (n > 256) {
    memory.copy(dst, src, n);
    return;
  }
  const end = dst + n;
  for (; dst + 16 <= end; dst += 16) {
    v128.store(dst, v128.load(src));
    src += 16;
  }
  for (; dst + 4 <= end; dst += 4) {
    store<u32>(dst, load<u32>(src));
    src += 4;
  }
  for (; dst < end; dst++) store<u8>(dst, load<u8>(src++));
}

export function copy1(rank: i32, axes: usize, src: usize, dst: usize): void {
  copy<u8>(rank, axes, src, dst);
}
export function copy4(rank: i32, axes: usize, src: usize, dst: usize): void {
  copy<u32>(rank, axes, src, dst);
}
export function copy8(rank: i32, axes: usize, src: usize, dst: usize): void {
  copy<u64>(rank, axes, src, dst);
}

/** n elements of one value, given by its bits. */
// @ts-ignore: decorator
@inline function fill<T>(n: i32, value: T, o: usize): void {
  for (const end = o + <usize>n * sizeof<T>(); o < end; o += sizeof<T>()) store<T>(o, value);
}
export function fillF32(n: i32, value: f32, o: usize): void {
  const v = f32x4.splat(value), end = o + (<usize>n << 2);
  for (; o + 16 <= end; o += 16) v128.store(o, v);
  for (; o < end; o += 4) store<f32>(o, value);
}
export function fillI32(n: i32, value: i32, o: usize): void {
  fill<i32>(n, value, o);
}
export function fillF64(n: i32, value: f64, o: usize): void {
  fill<f64>(n, value, o);
}
export function fillBool(n: i32, value: i32, o: usize): void {
  memory.fill(o, <u8>value, n);
}

/** Zeroes bytes: on shared memory much faster than TypedArray.fill. */
export function clear(ptr: usize, n: usize): void {
  memory.fill(ptr, 0, n);
}

/** Copies bytes from one place to another: on shared memory faster than TypedArray.copyWithin. */
export function move(to: usize, from: usize, n: usize): void {
  memory.copy(to, from, n);
}
