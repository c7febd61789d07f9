/**
 * @file The stateless 64-bit hash of GPart's reference code, "hash-v1", by 32-bit halves: no
 * BigInt.
 */
import type { SeedWords } from "./mix.js";

/** High word of the product of two 32-bit words, by 16-bit digits. */
function mulHigh(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const cross = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const carried = (Math.imul(a0, b1) >>> 0) + (cross & 0xffff);
  return (Math.imul(a1, b1) + ((cross / 65536) | 0) + ((carried / 65536) | 0)) >>> 0;
}

/** x mod d for whole 0 ≤ x < 2⁵³, without the slow remainder of doubles. */
function modulo(x: number, d: number): number {
  const r = x - Math.floor(x / d) * d;
  return r < 0 ? r + d : r >= d ? r - d : r;
}

/** (high · 2³² + low) mod d for d < 2³¹, sixteen bits at a time. */
function wideModulo(high: number, low: number, d: number): number {
  const upper = modulo((high % d) * 65536 + (low >>> 16), d);
  return modulo(upper * 65536 + (low & 0xffff), d);
}

/**
 * out[k] = hash(from + k) mod d, on unsigned 64-bit words that wrap: `v = i + seed +
 * 0x9E3779B97F4A7C15; v = (v ^ v>>>30)·0xBF58476D1CE4E5B9; v = (v ^ v>>>27)·0x94D049BB133111EB; v
 * ^= v>>>31`. Seed s + 1 is seed s shifted by one index.
 *
 * Source: SplitMix64 (Steele, Lea & Flood 2014) as arXiv 2605.14841's code uses it.
 */
export function fillHash(out: Int32Array, from: number, d: number, seed: SeedWords): void {
  const start = seed[0] + 0x7f4a7c15;
  for (let k = 0; k < out.length; k++) {
    const sum = start + from + k;
    let low = sum >>> 0;
    let high = (seed[1] + 0x9e3779b9 + Math.floor(sum / 2 ** 32)) >>> 0;
    // v ^= v >>> 30
    let x = (low ^ ((low >>> 30) | (high << 2))) >>> 0;
    let y = high ^ (high >>> 30);
    high = (mulHigh(x, 0x1ce4e5b9) + Math.imul(x, 0xbf58476d) + Math.imul(y, 0x1ce4e5b9)) | 0;
    low = Math.imul(x, 0x1ce4e5b9);
    // v ^= v >>> 27
    x = (low ^ ((low >>> 27) | (high << 5))) >>> 0;
    y = high ^ (high >>> 27);
    high = (mulHigh(x, 0x133111eb) + Math.imul(x, 0x94d049bb) + Math.imul(y, 0x133111eb)) | 0;
    low = Math.imul(x, 0x133111eb);
    // v ^= v >>> 31
    x = (low ^ ((low >>> 31) | (high << 1))) >>> 0;
    y = (high ^ (high >>> 31)) >>> 0;
    out[k] = wideModulo(y, x, d);
  }
}
