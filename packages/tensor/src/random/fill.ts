/**
 * @file Typed arrays full of random numbers. Only + − × ÷ √ and integer arithmetic, which are exact
 * in IEEE 754, so that the same state gives the same bits on every platform. Knows no tensor.
 */
import type { TypedArray } from "../base/dtype.js";
import { log } from "./exact.js";

/** Anything that gives 32 random bits, as a signed integer. */
export interface Bits {
  next(): number;
}

const WORD = 2 ** 32;

/** In [0, 1), a multiple of 2⁻⁵³. */
export function unit(bits: Bits): number {
  const high = bits.next() >>> 5;
  return (high * 2 ** 26 + (bits.next() >>> 6)) * 2 ** -53;
}

/** Uniform in [low, high): 24 random bits for float32, 53 for float64. */
export function fillUniform(bits: Bits, out: TypedArray, low: number, high: number): void {
  const span = high - low;
  if (out instanceof Float32Array) {
    const end = Math.fround(high);
    for (let i = 0; i < out.length; i++) {
      const x = Math.fround(low + span * ((bits.next() >>> 8) * 2 ** -24));
      out[i] = x < end ? x : low; // Rounding may reach the open end.
    }
    return;
  }
  for (let i = 0; i < out.length; i++) {
    const x = low + span * unit(bits);
    out[i] = x < high ? x : low;
  }
}

/**
 * Two normal numbers by Marsaglia's polar method (Marsaglia & Bray 1964): for (u, v) uniform in the
 * unit disc and s = u² + v², both u·√(−2 ln s / s) and v·√(−2 ln s / s) are standard normal and
 * independent.
 */
export function polar(bits: Bits, pair: Float64Array, std = 1): void {
  let u = 0;
  let v = 0;
  let s = 0;
  do {
    u = bits.next() * 2 ** -31;
    v = bits.next() * 2 ** -31;
    s = u * u + v * v;
  } while (s >= 1 || s === 0);
  const radius = Math.sqrt((-2 * log(s)) / s) * std;
  pair[0] = u * radius;
  pair[1] = v * radius;
}

/** Normal numbers, in pairs. */
export function fillNormal(bits: Bits, out: TypedArray, mean: number, std: number): void {
  const pair = new Float64Array(2);
  for (let i = 0; i < out.length; i += 2) {
    polar(bits, pair, std);
    out[i] = mean + (pair[0] as number);
    if (i + 1 < out.length) out[i + 1] = mean + (pair[1] as number);
  }
}

/**
 * A whole number in [0, span), each equally likely; span ≤ 2³². Uses the high bits, and rejects the
 * rest.
 */
export function below(bits: Bits, span: number): number {
  const width = Math.floor(WORD / span);
  for (;;) {
    const q = Math.floor((bits.next() >>> 0) / width);
    if (q < span) return q;
  }
}

/** Whole numbers in [low, low + span). */
export function fillIntegers(bits: Bits, out: TypedArray, low: number, span: number): void {
  for (let i = 0; i < out.length; i++) out[i] = low + below(bits, span);
}

/** 1 with probability p, else 0. */
export function fillBernoulli(bits: Bits, out: TypedArray, p: number): void {
  const limit = p * WORD;
  for (let i = 0; i < out.length; i++) out[i] = bits.next() >>> 0 < limit ? 1 : 0;
}

/**
 * Different numbers of 0 … n − 1, in random order (Fisher and Yates; Durstenfeld 1964). `moved` has
 * what is elsewhere by now, by place; it may be all of them.
 */
export function choose(
  bits: Bits,
  out: TypedArray,
  n: number,
  moved: { [place: number]: number },
): void {
  for (let i = 0; i < out.length; i++) {
    const j = i + below(bits, n - i);
    out[i] = moved[j] ?? j;
    moved[j] = moved[i] ?? i;
  }
}
