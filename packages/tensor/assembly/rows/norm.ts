/** @file Layer normalisation over rows of any length: forward with and without weight and bias, and the gradient. */
import { blockDeviation, blockSum, wideDeviation, wideSum } from "../reduce/blocks";
import { f32c, hsum, laneMask, madd, storeTail } from "../lib/simd";

/** 1/√(variance + eps); 0 where squares leave the range of float32, for the row to be done in float64. */
// @ts-ignore: decorator
@inline function rstd(n: i32, x: usize, mean: f32, eps: f32): f32 {
  const v = blockDeviation(n, x, mean) / <f64>n + <f64>eps;
  return v > 1e-25 && v < Infinity ? <f32>(1 / sqrt<f64>(v)) : 0;
}

function wideStandardize(n: i32, x: usize, eps: f64, centred: i32, o: usize): void {
  const mean = centred ? wideSum(n, x, 4) / <f64>n : 0;
  const scale = 1 / sqrt<f64>(wideDeviation(n, x, 4, mean) / <f64>n + eps);
  for (const end = o + (<usize>n << 2); o < end; o += 4) {
    store<f32>(o, <f32>((<f64>load<f32>(x) - mean) * scale));
    x += 4;
  }
}

function wideStandardizeGrad(n: i32, x: usize, g: usize, eps: f64, centred: i32, o: usize): void {
  const mean = centred ? wideSum(n, x, 4) / <f64>n : 0;
  const gbar = centred ? wideSum(n, g, 4) / <f64>n : 0;
  const scale = 1 / sqrt<f64>(wideDeviation(n, x, 4, mean) / <f64>n + eps);
  const bytes = <usize>n << 2;
  let gz: f64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) gz += <f64>load<f32>(g + j) * ((<f64>load<f32>(x + j) - mean) * scale);
  gz /= <f64>n;
  for (let j: usize = 0; j < bytes; j += 4) {
    const z = (<f64>load<f32>(x + j) - mean) * scale;
    store<f32>(o + j, <f32>(scale * (<f64>load<f32>(g + j) - gbar - z * gz)));
  }
}

/** o = (x − x̄)·s with s = 1/√(variance + eps); x̄ counts as 0 unless `centred` */
export function standardize(rows: i32, n: i32, x: usize, eps: f32, centred: i32, o: usize): void {
  for (; rows > 0; rows--) {
    const mean = centred ? <f32>(blockSum(n, x) / <f64>n) : 0;
    const scale = rstd(n, x, mean, eps);
    if (scale == 0) {
      wideStandardize(n, x, <f64>eps, centred, o);
      x += <usize>n << 2;
      o += <usize>n << 2;
      continue;
    }
    const m = f32x4.splat(mean), s = f32x4.splat(scale);
    for (const end = o + (<usize>(n >> 2) << 4); o < end; o += 16) {
      v128.store(o, f32x4.mul(f32x4.sub(v128.load(x), m), s));
      x += 16;
    }
    if (n & 3) storeTail(o, f32x4.mul(f32x4.sub(v128.load(x), m), s), n & 3);
    x += <usize>(n & 3) << 2;
    o += <usize>(n & 3) << 2;
  }
}

/** o = (x − x̄)·s·weight + bias */
export function layerNorm(rows: i32, n: i32, x: usize, weight: usize, bias: usize, eps: f32, o: usize): void {
  for (; rows > 0; rows--) {
    let mean = <f32>(blockSum(n, x) / <f64>n);
    let scale = rstd(n, x, mean, eps), from = x;
    if (scale == 0) {
      wideStandardize(n, x, <f64>eps, 1, o);
      mean = 0, scale = 1, from = o;
    }
    const m = f32x4.splat(mean), s = f32x4.splat(scale);
    let w = weight, b = bias;
    for (const end = o + (<usize>(n >> 2) << 4); o < end; o += 16) {
      v128.store(o, madd(f32x4.mul(f32x4.sub(v128.load(from), m), s), v128.load(w), v128.load(b)));
      from += 16;
      w += 16;
      b += 16;
    }
    if (n & 3) storeTail(o, madd(f32x4.mul(f32x4.sub(v128.load(from), m), s), v128.load(w), v128.load(b)), n & 3);
    x += <usize>n << 2;
    o += <usize>(n & 3) << 2;
  }
}

/** dx = s·(g − ḡ − z·mean(g·z)), z = (x − x̄)·s; x̄ and ḡ count as 0 unless `centred` */
export function standardizeGrad(rows: i32, n: i32, x: usize, g: usize, eps: f32, centred: i32, o: usize): void {
  const whole = <usize>(n >> 2) << 4, rest = n & 3, left = <usize>rest << 2;
  for (; rows > 0; rows--) {
    const mean = centred ? <f32>(blockSum(n, x) / <f64>n) : 0;
    const scale = rstd(n, x, mean, eps);
    if (scale == 0) {
      wideStandardizeGrad(n, x, g, <f64>eps, centred, o);
      x += whole + left, g += whole + left, o += whole + left;
      continue;
    }
    const m = f32x4.splat(mean), s = f32x4.splat(scale);
    let gz = f32c(0);
    for (let j: usize = 0; j < whole; j += 16) {
      gz = madd(v128.load(g + j), f32x4.sub(v128.load(x + j), m), gz);
    }
    if (rest) {
      const p = f32x4.mul(v128.load(g + whole), f32x4.sub(v128.load(x + whole), m));
      gz = f32x4.add(gz, v128.and(p, laneMask(rest)));
    }
    const gbar = f32x4.splat(centred ? <f32>(blockSum(n, g) / <f64>n) : 0);
    const slope = f32x4.splat(-hsum(gz) * scale * scale / <f32>n);
    for (const end = x + whole; x < end; x += 16) {
      v128.store(o, f32x4.mul(s, madd(f32x4.sub(v128.load(x), m), slope, f32x4.sub(v128.load(g), gbar))));
      g += 16;
      o += 16;
    }
    if (rest) storeTail(o, f32x4.mul(s, madd(f32x4.sub(v128.load(x), m), slope, f32x4.sub(v128.load(g), gbar))), rest);
    x += left, g += left, o += left;
  }
}
