/** @file max, min, prod, argmax and argmin of float32 tensors seen as [outer, n, inner], over the middle axis. NaN wins. */
import { loadTail, op } from "../lib/simd";
import { scratch } from "../lib/scratch";
import { foldColumns, Max, Min, Prod } from "./columns";

const WIDTH: i32 = 2048;

/** The fold of one row of n ≥ 1 elements; `unit` fills the lanes of the tail. NaNs are looked for on the side. */
// @ts-ignore: decorator
@inline function foldRow<O>(n: i32, x: usize, unit: f32): f32 {
  const f = op<O>();
  let a = f32x4.splat(unit), b = a, nan = i32x4.splat(0);
  const end = x + (<usize>(n >> 2) << 4);
  for (; x + 32 <= end; x += 32) {
    const u = v128.load(x), v = v128.load(x, 16);
    a = f.quick(a, u);
    b = f.quick(b, v);
    nan = v128.or(nan, unordered(u, v));
  }
  if (x < end) {
    const u = v128.load(x);
    a = f.quick(a, u);
    nan = v128.or(nan, f32x4.ne(u, u));
    x += 16;
  }
  if (n & 3) {
    const u = loadTail(x, n & 3, f32x4.splat(unit));
    b = f.quick(b, u);
    nan = v128.or(nan, f32x4.ne(u, u));
  }
  if (v128.any_true(nan)) return NaN;
  a = f.quick(a, b);
  a = f.quick(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  const best = f32x4.extract_lane(f.quick(a, v128.shuffle<f32>(a, a, 1, 0, 3, 2)), 0);
  return unit != 1 && best == 0 ? zeroOf(n, end, unit) : best;
}

// 0 is larger than −0, which `quick` does not know: whether the zero of that sign is among the n elements before `end`.
function zeroOf(n: i32, end: usize, unit: f32): f32 {
  const wanted: f32 = unit < 0 ? 0.0 : -0.0;
  for (let p = end - (<usize>(n & ~3) << 2); n > 0; n--) {
    if (load<i32>(p) == reinterpret<i32>(wanted)) return wanted;
    p += 4;
  }
  return -wanted;
}

// @ts-ignore: decorator
@inline function unordered(a: v128, b: v128): v128 {
  return v128.or(f32x4.ne(a, a), f32x4.ne(b, b));
}

// @ts-ignore: decorator
@inline function fold<O>(outer: i32, n: i32, inner: i32, x: usize, o: usize, unit: f32): void {
  const stride = <usize>inner << 2;
  for (let i = 0; i < outer; i++) {
    if (inner == 1) store<f32>(o, foldRow<O>(n, x, unit));
    else {
      for (let j = 0; j < inner; j += WIDTH) {
        const w = min(WIDTH, inner - j), at = <usize>j << 2;
        foldColumns<O>(n, w, x + at, stride, scratch());
        memory.copy(o + at, scratch(), <usize>w << 2);
      }
    }
    x += <usize>n * stride;
    o += stride;
  }
}

export function foldMax(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<Max>(outer, n, inner, x, o, -Infinity);
}
export function foldMin(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<Min>(outer, n, inner, x, o, Infinity);
}
export function foldProd(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<Prod>(outer, n, inner, x, o, 1);
}

// The first place of `best`, or of a NaN when best is one.
function find(n: i32, x: usize, best: f32): i32 {
  const b = f32x4.splat(best);
  let i = 0;
  if (best == best) {
    for (; i + 4 <= n && !v128.any_true(f32x4.eq(v128.load(x + (<usize>i << 2)), b)); i += 4);
    for (; i < n && load<f32>(x + (<usize>i << 2)) != best; i++);
  } else for (; i < n && load<f32>(x + (<usize>i << 2)) == load<f32>(x + (<usize>i << 2)); i++);
  return i;
}

// Column by column the best so far (scratch) and its row (o); `sign` −1 turns a minimum into a maximum.
function argColumns(n: i32, inner: i32, x: usize, o: usize, sign: f32): void {
  const stride = <usize>inner << 2, s = f32x4.splat(sign), best = scratch(), place = best + (WIDTH << 2);
  for (let j = 0; j < inner; j += WIDTH) {
    const w = min(WIDTH, inner - j), bytes = <usize>w << 2;
    let p = x + (<usize>j << 2);
    for (let i = 0; i < n; i++) {
      const row = i32x4.splat(i);
      for (let c: usize = 0; c < bytes; c += 16) {
        const v = f32x4.mul(v128.load(p + c), s), b = v128.load(best + c);
        // a NaN beats every number, and nothing beats a NaN
        let better = v128.or(f32x4.gt(v, b), v128.and(f32x4.ne(v, v), f32x4.eq(b, b)));
        if (i == 0) better = i32x4.splat(-1);
        v128.store(best + c, v128.bitselect(v, b, better));
        v128.store(place + c, v128.bitselect(row, v128.load(place + c), better));
      }
      p += stride;
    }
    memory.copy(o + (<usize>j << 2), place, bytes);
  }
}

export function argmax(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  for (let i = 0; i < outer; i++) {
    if (inner == 1) store<i32>(o, find(n, x, foldRow<Max>(n, x, -Infinity)));
    else argColumns(n, inner, x, o, 1);
    x += <usize>n * <usize>inner << 2;
    o += <usize>inner << 2;
  }
}

export function argmin(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  for (let i = 0; i < outer; i++) {
    if (inner == 1) store<i32>(o, find(n, x, foldRow<Min>(n, x, Infinity)));
    else argColumns(n, inner, x, o, -1);
    x += <usize>n * <usize>inner << 2;
    o += <usize>inner << 2;
  }
}

