/**
 * @file Sums, means and variances of float32 tensors seen as [outer, n, inner], over the middle axis. Where the lanes leave
 * the range of float32, the sum is done again in float64: what is in range then comes out so.
 */
import { f32c, storeTail } from "../lib/simd";
import { scratch } from "../lib/scratch";
import { blockDeviation, blockSum, fourSums, wideDeviation, wideSum } from "./blocks";
import { foldColumns, Sum } from "./columns";

// Columns handled at a time, and rows summed in float32 before they are added to the float64 totals.
const WIDTH: i32 = 2048;
const DEPTH: i32 = 64;

/** o = Σ x / divisor */
export function sum(outer: i32, n: i32, inner: i32, x: usize, o: usize, divisor: f64): void {
  const bytes = <usize>n * <usize>inner << 2;
  if (inner == 1) {
    for (; outer >= 4; outer -= 4) {
      fourSums(n, x, bytes, o, divisor);
      again(false, 4, n, x, bytes, 4, o, divisor);
      x += bytes << 2;
      o += 16;
    }
  }
  for (let i = 0; i < outer; i++) {
    if (inner == 1) store<f32>(o, <f32>(blockSum(n, x) / divisor));
    else sumColumns(n, inner, x, o, divisor);
    again(false, inner, n, x, 4, <usize>inner << 2, o, divisor);
    x += bytes;
    o += <usize>inner << 2;
  }
}

/** o = Σ (x − x̄)² / divisor: two passes, so that nothing cancels. */
export function variance(outer: i32, n: i32, inner: i32, x: usize, o: usize, divisor: f64): void {
  const bytes = <usize>n * <usize>inner << 2;
  for (let i = 0; i < outer; i++) {
    if (inner == 1) {
      const mean = <f32>(blockSum(n, x) / <f64>n);
      store<f32>(o, <f32>(blockDeviation(n, x, mean) / divisor));
    } else varianceColumns(n, inner, x, o, divisor);
    again(true, inner, n, x, 4, <usize>inner << 2, o, divisor);
    x += bytes;
    o += <usize>inner << 2;
  }
}

// Sums that are ±∞ or NaN, or variances so small that squares have lost digits.
// @ts-ignore: decorator
@inline function strayed(y: v128, squares: bool): v128 {
  const inside = f32x4.lt(f32x4.abs(y), f32c(Infinity));
  if (!squares) return v128.not(inside);
  return v128.not(v128.or(v128.and(inside, f32x4.gt(y, f32c(1e-25))), f32x4.eq(y, f32c(0))));
}

// Does those of `count` results again in float64 that strayed, `step` bytes apart, each of n numbers `stride` bytes apart.
function again(squares: bool, count: i32, n: i32, x: usize, step: usize, stride: usize, o: usize, divisor: f64): void {
  while (count > 0) {
    const lanes = i32x4.bitmask(strayed(v128.load(o), squares));
    if (count >= 4 && lanes == 0) {
      count -= 4, x += step << 2, o += 16;
      continue;
    }
    if (lanes & 1) {
      const total = wideSum(n, x, stride);
      store<f32>(o, <f32>((squares ? wideDeviation(n, x, stride, total / <f64>n) : total) / divisor));
    }
    count--, x += step, o += 4;
  }
}

function sumColumns(n: i32, inner: i32, x: usize, o: usize, divisor: f64): void {
  // Few columns leave most of a vector empty: join rows into longer ones first and fold their parts afterwards.
  if (inner < 16 && n >= 64) return sumNarrow(n, inner, x, o, divisor);
  const stride = <usize>inner << 2;
  const part = scratch(), total = part + <usize>(WIDTH << 2);
  for (let j = 0; j < inner; j += WIDTH) {
    const w = min(WIDTH, inner - j), from = x + (<usize>j << 2);
    if (n > DEPTH) memory.fill(total, 0, <usize>(w + 3) << 3);
    for (let i = 0; i < n; i += DEPTH) {
      foldColumns<Sum>(min(DEPTH, n - i), w, from + <usize>i * stride, stride, part);
      if (n > DEPTH) addTotals(w, part, total);
    }
    if (n > DEPTH) takeTotals(w, total, part);
    finish(w, part, o + (<usize>j << 2), divisor);
  }
}

function addTotals(w: i32, part: usize, total: usize): void {
  for (; w > 0; w -= 4) {
    const v = v128.load(part);
    const hi = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
    v128.store(total, f64x2.add(v128.load(total), f64x2.promote_low_f32x4(v)));
    v128.store(total, f64x2.add(v128.load(total, 16), hi), 16);
    part += 16;
    total += 32;
  }
}

function takeTotals(w: i32, total: usize, part: usize): void {
  for (; w > 0; w--) {
    store<f32>(part, <f32>load<f64>(total));
    part += 4;
    total += 8;
  }
}

function finish(w: i32, part: usize, o: usize, divisor: f64): void {
  const d = f32x4.splat(<f32>divisor), zero = f32x4.splat(0); // a sum begins with 0: that of −0 alone is 0
  for (; w >= 4; w -= 4) {
    v128.store(o, f32x4.div(f32x4.add(v128.load(part), zero), d));
    part += 16;
    o += 16;
  }
  if (w) storeTail(o, f32x4.div(f32x4.add(v128.load(part), zero), d), w);
}

function sumNarrow(n: i32, inner: i32, x: usize, o: usize, divisor: f64): void {
  const times = inner < 4 ? 32 : 8; // rows joined: a multiple of four, so that vectors come out whole
  const long = scratch() + (<usize>WIDTH << 4);
  const whole = n / times;
  sumColumns(whole, times * inner, x, long, 1);
  const rest = x + (<usize>(whole * times * inner) << 2);
  for (let j = 0; j < inner; j++) {
    let s: f64 = 0;
    for (let t = 0; t < times; t++) s += load<f32>(long + (<usize>(t * inner + j) << 2));
    for (let t = 0; t < n - whole * times; t++) s += load<f32>(rest + (<usize>(t * inner + j) << 2));
    store<f32>(o + (<usize>j << 2), <f32>(s / divisor));
  }
}

function varianceColumns(n: i32, inner: i32, x: usize, o: usize, divisor: f64): void {
  sumColumns(n, inner, x, o, <f64>n); // o holds the means for now
  const stride = <usize>inner << 2;
  const part = scratch(), total = part + <usize>(WIDTH << 2);
  for (let j = 0; j < inner; j += WIDTH) {
    const w = min(WIDTH, inner - j), from = x + (<usize>j << 2), mean = o + (<usize>j << 2);
    memory.fill(total, 0, <usize>(w + 3) << 3);
    for (let i = 0; i < n; i += DEPTH) {
      deviations(min(DEPTH, n - i), w, from + <usize>i * stride, stride, mean, part);
      addTotals(w, part, total);
    }
    takeTotals(w, total, part);
    finish(w, part, mean, divisor);
  }
}

// part[j] = Σᵢ (x[i, j] − mean[j])², two rows per pass
function deviations(n: i32, w: i32, x: usize, stride: usize, mean: usize, part: usize): void {
  const bytes = <usize>w << 2;
  memory.fill(part, 0, bytes + 12);
  for (; n > 1; n -= 2) {
    for (let j: usize = 0; j < bytes; j += 16) {
      const m = v128.load(mean + j);
      const u = f32x4.sub(v128.load(x + j), m), v = f32x4.sub(v128.load(x + stride + j), m);
      v128.store(part + j, f32x4.add(v128.load(part + j), f32x4.add(f32x4.mul(u, u), f32x4.mul(v, v))));
    }
    x += 2 * stride;
  }
  if (n == 0) return;
  for (let j: usize = 0; j < bytes; j += 16) {
    const u = f32x4.sub(v128.load(x + j), v128.load(mean + j));
    v128.store(part + j, f32x4.add(v128.load(part + j), f32x4.mul(u, u)));
  }
}

/** Σ x² in float64: the square of a norm. */
export function sumSquares(n: i32, x: usize): f64 {
  return blockDeviation(n, x, 0);
}
