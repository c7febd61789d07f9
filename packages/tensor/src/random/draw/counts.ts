/**
 * @file Draws of counts: Poisson, binomial, geometric. Small ones by inversion, large ones by
 * Hörmann's transformed rejection with a squeeze. Knows no tensor.
 */
import { exp, log, log1p, logFactorial } from "../exact.js";
import { type Bits, unit } from "../fill.js";
import { open } from "./exponential.js";

/** Rejection pays from this mean on. */
const LARGE = 10;

/**
 * The first k at which the running sum of probabilities exceeds a uniform number; `ratio(k)` is
 * P(k)/P(k − 1).
 */
function invert(bits: Bits, first: number, ratio: (k: number) => number): number {
  const u = unit(bits);
  let [k, p, sum] = [0, first, first];
  while (u >= sum) {
    k++;
    p *= ratio(k);
    if (sum + p === sum) break; // rounding keeps the sum below 1
    sum += p;
  }
  return k;
}

/**
 * Draws whole numbers k ≤ `most` by the hat `(2a/(½ − |u|) + b)·u + c` of Hörmann 1993. `inside` is
 * the share that is accepted unseen; `logChance` is log P(k), up to a constant that is in `factor`.
 */
function reject(
  bits: Bits,
  { a, b, c, inside, factor, most }: Hat,
  logChance: (k: number) => number,
): number {
  for (;;) {
    const u = unit(bits) - 0.5;
    const v = 1 - unit(bits);
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= inside) return k;
    if (!(k >= 0 && k <= most) || (us < 0.013 && v > us)) continue;
    if (log((v * factor) / (a / (us * us) + b)) <= logChance(k)) return k;
  }
}

interface Hat {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly inside: number;
  readonly factor: number;
  readonly most: number;
}

/** P(k) = λᵏ e^(−λ) / k!. Algorithm PTRS: "The transformed rejection method", 1993. */
export function poissons(bits: Bits, rate: number): () => number {
  if (rate < LARGE) {
    const first = exp(-rate);
    return () => invert(bits, first, (k) => rate / k);
  }
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const factor = 1.1239 + 1.1328 / (b - 3.4);
  const hat = { a, b, c: rate + 0.43, inside: 0.9277 - 3.6224 / (b - 2), factor, most: Infinity };
  const step = log(rate);
  return () => reject(bits, hat, (k) => k * step - rate - logFactorial(k));
}

/** P(k) = C(n, k) pᵏ (1 − p)^(n − k). Algorithm BTRS: Hörmann, 1993. */
export function binomials(bits: Bits, n: number, p: number): () => number {
  if (p > 0.5) {
    const other = binomials(bits, n, 1 - p);
    return () => n - other();
  }
  const odds = p / (1 - p);
  if (n * p < LARGE) {
    const first = exp(n * log1p(-p));
    return () => invert(bits, first, (k) => ((n - k + 1) / k) * odds);
  }
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const factor = (2.83 + 5.1 / b) * spread;
  const hat = { a, b, c: n * p + 0.5, inside: 0.92 - 4.2 / b, factor, most: n };
  const mode = Math.floor((n + 1) * p);
  const step = log(odds);
  const top = logFactorial(mode) + logFactorial(n - mode);
  return () =>
    reject(bits, hat, (k) => top - logFactorial(k) - logFactorial(n - k) + (k - mode) * step);
}

/** The number of trials up to the first success: 1 + ⌊log u / log(1 − p)⌋. */
export function geometrics(bits: Bits, p: number): () => number {
  const each = log1p(-p);
  return () => 1 + Math.floor(log(open(bits)) / each);
}
