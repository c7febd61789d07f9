/**
 * @file Draws by gamma numbers: gamma, beta, Dirichlet, Student's t. Knows no tensor.
 */
import type { TypedArray } from "../../base/dtype.js";
import { exp, log } from "../exact.js";
import { type Bits, polar } from "../fill.js";
import { exponential, open } from "./exponential.js";

/** A function that gives standard normal numbers one by one. */
export function normals(bits: Bits): () => number {
  const pair = new Float64Array(2);
  let left = false;
  return () => {
    left = !left;
    if (left) polar(bits, pair);
    return pair[left ? 0 : 1] as number;
  };
}

/**
 * A function that gives gamma numbers of scale 1 and α ≥ 1, by Marsaglia & Tsang 2000: for a
 * standard normal x, `d(1 + cx)³` with d = α − ⅓ and c = 1/√(9d), accepted with the probability
 * that makes its density right.
 */
function large(bits: Bits, alpha: number): () => number {
  const normal = normals(bits);
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  return () => {
    for (;;) {
      const x = normal();
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      const u = open(bits);
      const z = x * x;
      if (u < 1 - 0.0331 * z * z) return d * v;
      if (log(u) < 0.5 * z + d * (1 - v + log(v))) return d * v;
    }
  };
}

/** A function that gives gamma numbers of scale 1: for α < 1 those of α + 1 times `u^(1/α)`. */
export function gammas(bits: Bits, alpha: number): () => number {
  if (alpha >= 1) return large(bits, alpha);
  const above = large(bits, alpha + 1);
  return () => above() * exp(-exponential(bits) / alpha);
}

/** The logarithms of gamma numbers: finite where the numbers are too small to be held. */
function logGammas(bits: Bits, alpha: number): () => number {
  if (alpha >= 1) {
    const next = large(bits, alpha);
    return () => log(next());
  }
  const above = large(bits, alpha + 1);
  return () => log(above()) - exponential(bits) / alpha;
}

/** `X / (X + Y)` for gamma numbers X of α = a and Y of α = b. */
export function betas(bits: Bits, a: number, b: number): () => number {
  const [x, y] = [logGammas(bits, a), logGammas(bits, b)];
  return () => {
    const d = y() - x();
    // 1 / (1 + eᵈ), without an overflow.
    if (d <= 0) return 1 / (1 + exp(d));
    const e = exp(-d);
    return e / (1 + e);
  };
}

/** Rows of gamma numbers, one for each α, over their sum. */
export function fillDirichlet(bits: Bits, out: TypedArray, alpha: readonly number[]): void {
  const next = alpha.map((a) => logGammas(bits, a));
  const row = new Float64Array(alpha.length);
  for (let i = 0; i < out.length; i += row.length) {
    let top = -Infinity;
    for (let k = 0; k < row.length; k++) {
      row[k] = (next[k] as () => number)();
      top = Math.max(top, row[k] as number);
    }
    let sum = 0;
    for (let k = 0; k < row.length; k++) sum += row[k] = exp((row[k] as number) - top);
    for (let k = 0; k < row.length; k++) out[i + k] = (row[k] as number) / sum;
  }
}

/** `Z / √(G / (ν/2))` for a standard normal Z and a gamma number G of α = ν/2. */
export function students(bits: Bits, df: number): () => number {
  const [normal, gamma] = [normals(bits), gammas(bits, df / 2)];
  return () => normal() / Math.sqrt(gamma() / (df / 2));
}
