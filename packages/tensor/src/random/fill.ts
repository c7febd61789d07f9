/**
 * @file Typed arrays full of random numbers. Only + − × ÷ √ and integer arithmetic, which are exact
 * in IEEE 754, so that the same state gives the same bits on every platform. Knows no tensor.
 */
import type { TypedArray } from "../base/dtype.js";

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

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
const TOP = new Uint8Array(new Int32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Natural logarithm of a positive normal number, within 1 ulp: the algorithm of fdlibm's `e_log.c`
 * (Sun Microsystems 1993). `Math.log` may differ between engines in the last bit.
 */
export function log(x: number): number {
  // x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2.
  double[0] = x;
  const top = halves[TOP] as number;
  const shift = ((top & 0xfffff) + 0x95f64) & 0x100000;
  halves[TOP] = (top & 0xfffff) | (shift ^ 0x3ff00000);
  const k = (top >> 20) - 1023 + (shift >> 20);
  const f = double[0] - 1;
  // log(1 + f) = 2s + s·R(s²) with s = f / (2 + f), R a minimax polynomial.
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  // ln 2 in two parts, so that k times the first is exact.
  return (
    k * 0.6931471803691238 - (half - (s * (half + even + odd) + k * 1.9082149292705877e-10) - f)
  );
}

/**
 * Normal by Marsaglia's polar method (Marsaglia & Bray 1964): for (u, v) uniform in the unit disc
 * and s = u² + v², both u·√(−2 ln s / s) and v·√(−2 ln s / s) are standard normal and independent.
 */
export function fillNormal(bits: Bits, out: TypedArray, mean: number, std: number): void {
  for (let i = 0; i < out.length; i += 2) {
    let u = 0;
    let v = 0;
    let s = 0;
    do {
      u = bits.next() * 2 ** -31;
      v = bits.next() * 2 ** -31;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const radius = Math.sqrt((-2 * log(s)) / s) * std;
    out[i] = mean + u * radius;
    if (i + 1 < out.length) out[i + 1] = mean + v * radius;
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
