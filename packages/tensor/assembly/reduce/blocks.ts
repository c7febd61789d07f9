/** @file Sums of one contiguous row. Blocks are summed in 16 float32 lanes, and these added up in float64: error about 1e-7. */
import { laneMask } from "../lib/simd";

/** Bytes of a block: each lane adds 16 elements of it. */
const BLOCK: usize = 256 << 2;

/** The four lanes in float64, added in pairs. */
// @ts-ignore: decorator
@inline function pairs(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)));
}

// @ts-ignore: decorator
@inline function both(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

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
  let totals = f64x2.splat(0);
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
    totals = f64x2.add(totals, pairs(f32x4.add(f32x4.add(a, b), f32x4.add(c, d))));
  }
  if (n & 3) totals = f64x2.add(totals, pairs(v128.and(v128.load(x), laneMask(n & 3))));
  return both(totals);
}

/**
 * Σ of each of four rows, `stride` bytes apart, into four numbers of o, divided by `divisor`: four streams at once keep
 * the memory busier than one.
 */
export function fourSums(n: i32, x: usize, stride: usize, o: usize, divisor: f64): void {
  const end = x + (<usize>(n >> 2) << 4);
  const y = stride, z = stride << 1, w = z + stride;
  let p = f64x2.splat(0), q = p, r = p, s = p;
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
    p = f64x2.add(p, pairs(f32x4.add(a, b)));
    q = f64x2.add(q, pairs(f32x4.add(c, d)));
    r = f64x2.add(r, pairs(f32x4.add(e, f)));
    s = f64x2.add(s, pairs(f32x4.add(g, h)));
  }
  if (n & 3) {
    const mask = laneMask(n & 3);
    p = f64x2.add(p, pairs(v128.and(v128.load(x), mask)));
    q = f64x2.add(q, pairs(v128.and(v128.load(x + y), mask)));
    r = f64x2.add(r, pairs(v128.and(v128.load(x + z), mask)));
    s = f64x2.add(s, pairs(v128.and(v128.load(x + w), mask)));
  }
  store<f32>(o, <f32>(both(p) / divisor));
  store<f32>(o, <f32>(both(q) / divisor), 4);
  store<f32>(o, <f32>(both(r) / divisor), 8);
  store<f32>(o, <f32>(both(s) / divisor), 12);
}

/** Σ (x[i] − mean)² */
export function blockDeviation(n: i32, x: usize, mean: f32): f64 {
  const end = x + (<usize>(n >> 2) << 4);
  const mu = f32x4.splat(mean);
  let totals = f64x2.splat(0);
  while (x < end) {
    const stop = min(end, x + (BLOCK >> 1));
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
    totals = f64x2.add(totals, pairs(f32x4.add(a, b)));
  }
  if (n & 3) {
    const u = v128.and(f32x4.sub(v128.load(x), mu), laneMask(n & 3));
    totals = f64x2.add(totals, pairs(f32x4.mul(u, u)));
  }
  return both(totals);
}
