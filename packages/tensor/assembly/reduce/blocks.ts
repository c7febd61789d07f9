/** @file Sums of one contiguous row. Blocks are summed in 16 float32 lanes and added up in float64: error about 1e-7·√256. */
import { hsum, laneMask } from "../lib/simd";

/** Elements per block: each lane adds 256 of them. */
const BLOCK: usize = 4096 << 2;

/** Σ x[i], `stride` bytes apart, in float64: for what float32 lanes have no range. */
export function wideSum(n: i32, x: usize, stride: usize): f64 {
  let total: f64 = 0;
  for (; n > 0; n--) {
    total += <f64>load<f32>(x);
    x += stride;
  }
  return total;
}

/** Σ (x[i] − mean)² in float64. */
export function wideDeviation(n: i32, x: usize, stride: usize, mean: f64): f64 {
  let total: f64 = 0;
  for (; n > 0; n--) {
    const d = <f64>load<f32>(x) - mean;
    total += d * d;
    x += stride;
  }
  return total;
}

/** Σ x[i] */
export function blockSum(n: i32, x: usize): f64 {
  const end = x + (<usize>(n >> 2) << 4);
  let total: f64 = 0;
  while (x < end) {
    const stop = min(end, x + BLOCK);
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (; x + 64 <= stop; x += 64) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    for (; x < stop; x += 16) a = f32x4.add(a, v128.load(x));
    total += hsum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  if (n & 3) total += hsum(v128.and(v128.load(x), laneMask(n & 3)));
  return total;
}

/**
 * Σ of each of four rows, `stride` bytes apart, into four numbers of o, divided by `divisor`: four streams at once keep
 * the memory busier than one.
 */
export function fourSums(n: i32, x: usize, stride: usize, o: usize, divisor: f64): void {
  const end = x + (<usize>(n >> 2) << 4);
  const y = stride, z = stride << 1, w = z + stride;
  let p: f64 = 0, q: f64 = 0, r: f64 = 0, s: f64 = 0;
  while (x < end) {
    const stop = min(end, x + (BLOCK >> 1));
    let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (; x + 32 <= stop; x += 32) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x + y));
      d = f32x4.add(d, v128.load(x + y, 16));
      e = f32x4.add(e, v128.load(x + z));
      f = f32x4.add(f, v128.load(x + z, 16));
      g = f32x4.add(g, v128.load(x + w));
      h = f32x4.add(h, v128.load(x + w, 16));
    }
    if (x < stop) {
      a = f32x4.add(a, v128.load(x));
      c = f32x4.add(c, v128.load(x + y));
      e = f32x4.add(e, v128.load(x + z));
      g = f32x4.add(g, v128.load(x + w));
      x += 16;
    }
    p += hsum(f32x4.add(a, b));
    q += hsum(f32x4.add(c, d));
    r += hsum(f32x4.add(e, f));
    s += hsum(f32x4.add(g, h));
  }
  if (n & 3) {
    const mask = laneMask(n & 3);
    p += hsum(v128.and(v128.load(x), mask));
    q += hsum(v128.and(v128.load(x + y), mask));
    r += hsum(v128.and(v128.load(x + z), mask));
    s += hsum(v128.and(v128.load(x + w), mask));
  }
  store<f32>(o, <f32>(p / divisor));
  store<f32>(o, <f32>(q / divisor), 4);
  store<f32>(o, <f32>(r / divisor), 8);
  store<f32>(o, <f32>(s / divisor), 12);
}

/** Σ (x[i] − mean)² */
export function blockDeviation(n: i32, x: usize, mean: f32): f64 {
  const end = x + (<usize>(n >> 2) << 4);
  const mu = f32x4.splat(mean);
  let total: f64 = 0;
  while (x < end) {
    const stop = min(end, x + BLOCK);
    let a = f32x4.splat(0), b = a;
    for (; x + 32 <= stop; x += 32) {
      const u = f32x4.sub(v128.load(x), mu), v = f32x4.sub(v128.load(x, 16), mu);
      a = f32x4.add(a, f32x4.mul(u, u));
      b = f32x4.add(b, f32x4.mul(v, v));
    }
    for (; x < stop; x += 16) {
      const u = f32x4.sub(v128.load(x), mu);
      a = f32x4.add(a, f32x4.mul(u, u));
    }
    total += hsum(f32x4.add(a, b));
  }
  if (n & 3) {
    const u = v128.and(f32x4.sub(v128.load(x), mu), laneMask(n & 3));
    total += hsum(f32x4.mul(u, u));
  }
  return total;
}
