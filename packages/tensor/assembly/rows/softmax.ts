/** @file Softmax, its logarithm, log-sum-exp and their gradients over rows of any length. Masked scores of −∞ get weight 0. */
import { expm1, expNegative } from "../lib/exp";
import { log, log1p } from "../lib/log";
import { f32c, hsum, laneMask, loadTail, madd, storeTail } from "../lib/simd";

// The largest element that is not NaN; a NaN shows in the sum of exponentials.
function rowMax(n: i32, x: usize): f32 {
  let a = f32c(-Infinity), b = a, c = a, d = a;
  const end = x + (<usize>(n >> 2) << 4);
  for (; x + 64 <= end; x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = f32x4.pmax(a, v128.load(x));
  if (n & 3) b = f32x4.pmax(b, loadTail(x, n & 3, f32c(-Infinity)));
  a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  a = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(a, v128.shuffle<f32>(a, a, 1, 0, 3, 2)), 0);
}

/** e^(x − max) into o; returns its sum. */
function rowExp(n: i32, x: usize, top: f32, o: usize): f32 {
  const m = f32x4.splat(top);
  let s = f32c(0), t = s;
  const end = x + (<usize>(n >> 2) << 4);
  for (; x + 32 <= end; x += 32) {
    const u = expNegative(f32x4.sub(v128.load(x), m));
    const v = expNegative(f32x4.sub(v128.load(x, 16), m));
    v128.store(o, u);
    v128.store(o, v, 16);
    s = f32x4.add(s, u);
    t = f32x4.add(t, v);
    o += 32;
  }
  if (x < end) {
    const u = expNegative(f32x4.sub(v128.load(x), m));
    v128.store(o, u);
    s = f32x4.add(s, u);
    x += 16;
    o += 16;
  }
  if (n & 3) {
    const u = expNegative(f32x4.sub(v128.load(x), m));
    storeTail(o, u, n & 3);
    t = f32x4.add(t, v128.and(u, laneMask(n & 3)));
  }
  return hsum(f32x4.add(s, t));
}

function rowExpSum(n: i32, x: usize, top: f32): f32 {
  const m = f32x4.splat(top);
  let s = f32c(0);
  const end = x + (<usize>(n >> 2) << 4);
  for (; x < end; x += 16) s = f32x4.add(s, expNegative(f32x4.sub(v128.load(x), m)));
  if (n & 3) s = f32x4.add(s, v128.and(expNegative(f32x4.sub(v128.load(x), m)), laneMask(n & 3)));
  return hsum(s);
}

// Σ e^(x − max) less the 1 of one maximum: its logarithm by log1p has the digits that 1 + a small rest has not.
function rowExpRest(n: i32, x: usize, top: f32): f32 {
  const m = f32x4.splat(top);
  let s = f32c(0), own = true;
  for (; n > 0; n -= 4) {
    const d = f32x4.sub(n < 4 ? loadTail(x, n, f32c(-Infinity)) : v128.load(x), m);
    let e = expNegative(d);
    const tops = i32x4.bitmask(f32x4.eq(d, f32c(0)));
    if (own && tops) {
      e = v128.andnot(e, v128.load(ONE_LANE + (<usize>ctz(tops) << 4)));
      own = false;
    }
    s = f32x4.add(s, e);
    x += 16;
  }
  return hsum(s);
}

/** Masks of one lane each. */
// @ts-ignore: decorator
@lazy const ONE_LANE = memory.data<i32>([-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1], 16);

/** ln Σ e^(x − max), from the rest beside 1 where that is small. */
function rowLog(n: i32, x: usize, top: f32): f32 {
  const s = rowExpSum(n, x, top);
  if (s < 1.25) return f32x4.extract_lane(log1p(f32x4.splat(rowExpRest(n, x, top))), 0);
  return f32x4.extract_lane(log(f32x4.splat(s)), 0);
}

/** o = e^(x − max) / Σ e^(x − max); NaN where a whole row is −∞ or one element is +∞ or NaN, as in PyTorch. */
export function softmax(rows: i32, n: i32, x: usize, o: usize): void {
  const bytes = <usize>n << 2;
  for (; rows > 0; rows--) {
    const scale = f32x4.splat(<f32>1 / rowExp(n, x, rowMax(n, x), o));
    const end = o + (bytes & ~15);
    let q = o;
    for (; q + 64 <= end; q += 64) {
      v128.store(q, f32x4.mul(v128.load(q), scale));
      v128.store(q, f32x4.mul(v128.load(q, 16), scale), 16);
      v128.store(q, f32x4.mul(v128.load(q, 32), scale), 32);
      v128.store(q, f32x4.mul(v128.load(q, 48), scale), 48);
    }
    for (; q < end; q += 16) v128.store(q, f32x4.mul(v128.load(q), scale));
    if (n & 3) storeTail(q, f32x4.mul(v128.load(q), scale), n & 3);
    x += bytes;
    o += bytes;
  }
}

/** o = (x − max) − ln Σ e^(x − max) */
export function logSoftmax(rows: i32, n: i32, x: usize, o: usize): void {
  for (; rows > 0; rows--) {
    const top = rowMax(n, x);
    const m = f32x4.splat(top), l = f32x4.splat(rowLog(n, x, top));
    const end = o + (<usize>(n >> 2) << 4);
    for (; o < end; o += 16) {
      v128.store(o, f32x4.sub(f32x4.sub(v128.load(x), m), l));
      x += 16;
    }
    if (n & 3) {
      storeTail(o, f32x4.sub(f32x4.sub(v128.load(x), m), l), n & 3);
      x += <usize>(n & 3) << 2;
      o += <usize>(n & 3) << 2;
    }
  }
}

/** o[row] = max + ln Σ e^(x − max); ±∞ when the maximum is, NaN when any element is. */
export function logSumExp(rows: i32, n: i32, x: usize, o: usize): void {
  for (; rows > 0; rows--) {
    const top = rowMax(n, x);
    let y = top;
    if (abs(top) < Infinity) y += rowLog(n, x, top);
    else for (let i = 0; i < n; i++) if (load<f32>(x + (<usize>i << 2)) != load<f32>(x + (<usize>i << 2))) y = NaN;
    store<f32>(o, y);
    x += <usize>n << 2;
    o += 4;
  }
}

/** dx = y·(g − Σ g·y) with y = softmax(x) */
export function softmaxGrad(rows: i32, n: i32, y: usize, g: usize, o: usize): void {
  const whole = <usize>(n >> 2) << 4, rest = n & 3, left = <usize>rest << 2;
  for (; rows > 0; rows--) {
    let s = f32c(0);
    for (let j: usize = 0; j < whole; j += 16) s = madd(v128.load(y + j), v128.load(g + j), s);
    if (rest) s = f32x4.add(s, v128.and(f32x4.mul(v128.load(y + whole), v128.load(g + whole)), laneMask(rest)));
    const dot = f32x4.splat(hsum(s));
    for (const end = y + whole; y < end; y += 16) {
      v128.store(o, f32x4.mul(v128.load(y), f32x4.sub(v128.load(g), dot)));
      g += 16;
      o += 16;
    }
    if (rest) storeTail(o, f32x4.mul(v128.load(y), f32x4.sub(v128.load(g), dot)), rest);
    y += left, g += left, o += left;
  }
}

// −g (eʸ − 1) − eʸ (Σ g − g): where eʸ is near 1, g − eʸ·Σ g has lost 1 − eʸ
function besideOne(y: v128, g: v128, minus: v128): v128 {
  return f32x4.sub(f32x4.mul(expNegative(y), f32x4.add(minus, g)), f32x4.mul(g, expm1(y)));
}

// @ts-ignore: decorator
@inline function logSoftmaxSlope(y: v128, g: v128, minus: v128): v128 {
  const d = madd(expNegative(y), minus, g), near = f32x4.gt(y, f32c(-0.69));
  return v128.any_true(near) ? v128.bitselect(besideOne(y, g, minus), d, near) : d;
}

/** dx = g − eʸ·Σ g with y = logSoftmax(x) */
export function logSoftmaxGrad(rows: i32, n: i32, y: usize, g: usize, o: usize): void {
  const whole = <usize>(n >> 2) << 4, rest = n & 3, left = <usize>rest << 2;
  for (; rows > 0; rows--) {
    let s = f32c(0);
    for (let j: usize = 0; j < whole; j += 16) s = f32x4.add(s, v128.load(g + j));
    if (rest) s = f32x4.add(s, v128.and(v128.load(g + whole), laneMask(rest)));
    const minus = f32x4.splat(-hsum(s));
    for (const end = y + whole; y < end; y += 16) {
      v128.store(o, logSoftmaxSlope(v128.load(y), v128.load(g), minus));
      g += 16;
      o += 16;
    }
    if (rest) storeTail(o, logSoftmaxSlope(v128.load(y), v128.load(g), minus), rest);
    y += left, g += left, o += left;
  }
}
