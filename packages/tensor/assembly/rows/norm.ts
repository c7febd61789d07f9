/** @file Layer normalisation over rows of any length: forward with and without weight and bias, and the gradient. */
import { blockDeviation, blockSum } from "../reduce/blocks";
import { f32c, hsum, laneMask, madd, storeTail } from "../lib/simd";

// @ts-ignore: decorator
@inline function rstd(n: i32, x: usize, mean: f32, eps: f32): f32 {
  return <f32>(1 / sqrt<f64>(blockDeviation(n, x, mean) / <f64>n + <f64>eps));
}

/** o = (x − x̄)·s with s = 1/√(variance + eps) */
export function standardize(rows: i32, n: i32, x: usize, eps: f32, o: usize): void {
  for (; rows > 0; rows--) {
    const mean = <f32>(blockSum(n, x) / <f64>n);
    const m = f32x4.splat(mean), s = f32x4.splat(rstd(n, x, mean, eps));
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
    const mean = <f32>(blockSum(n, x) / <f64>n);
    const m = f32x4.splat(mean), s = f32x4.splat(rstd(n, x, mean, eps));
    let w = weight, b = bias;
    for (const end = o + (<usize>(n >> 2) << 4); o < end; o += 16) {
      v128.store(o, madd(f32x4.mul(f32x4.sub(v128.load(x), m), s), v128.load(w), v128.load(b)));
      x += 16;
      w += 16;
      b += 16;
    }
    if (n & 3) storeTail(o, madd(f32x4.mul(f32x4.sub(v128.load(x), m), s), v128.load(w), v128.load(b)), n & 3);
    x += <usize>(n & 3) << 2;
    o += <usize>(n & 3) << 2;
  }
}

/** dx = s·(g − ḡ − z·mean(g·z)), z = (x − x̄)·s */
export function standardizeGrad(rows: i32, n: i32, x: usize, g: usize, eps: f32, o: usize): void {
  const whole = <usize>(n >> 2) << 4, rest = n & 3, left = <usize>rest << 2;
  for (; rows > 0; rows--) {
    const mean = <f32>(blockSum(n, x) / <f64>n);
    const scale = rstd(n, x, mean, eps);
    const m = f32x4.splat(mean), s = f32x4.splat(scale);
    let gz = f32c(0);
    for (let j: usize = 0; j < whole; j += 16) {
      gz = madd(v128.load(g + j), f32x4.sub(v128.load(x + j), m), gz);
    }
    if (rest) {
      const p = f32x4.mul(v128.load(g + whole), f32x4.sub(v128.load(x + whole), m));
      gz = f32x4.add(gz, v128.and(p, laneMask(rest)));
    }
    const gbar = f32x4.splat(<f32>(blockSum(n, g) / <f64>n));
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
