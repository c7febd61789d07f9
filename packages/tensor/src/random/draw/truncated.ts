/**
 * @file Normal numbers between two bounds, by rejection: Robert, "Simulation of truncated normal
 * variables", 1995. Knows no tensor.
 */
import { exp } from "../exact.js";
import { type Bits, unit } from "../fill.js";
import { exponential } from "./exponential.js";
import { normals } from "./gamma.js";

/** A normal distribution and its bounds. */
export interface Truncated {
  readonly mean: number;
  readonly std: number;
  readonly low: number;
  readonly high: number;
}

/** √(2π): wider intervals around the mean take normal numbers, narrower ones uniform numbers. */
const WIDE = 2.5066282746310002;

/** A function that gives the numbers. All of them lie in [low, high]. */
export function truncated(bits: Bits, { mean, std, low, high }: Truncated): () => number {
  const a = (low - mean) / std;
  const b = (high - mean) / std;
  if (b < 0) {
    const mirrored = beyond(bits, -b, (high - low) / std);
    return () => Math.max(low, high - std * mirrored());
  }
  if (a > 0) {
    const next = beyond(bits, a, (high - low) / std);
    return () => Math.min(high, low + std * next());
  }
  if (b - a <= WIDE) {
    const next = narrow(bits, a, b - a);
    return () => Math.min(high, low + std * next());
  }
  const normal = normals(bits);
  return () => {
    for (;;) {
      const x = mean + std * normal();
      if (x >= low && x <= high) return x;
    }
  };
}

/** x − a for a ≤ x ≤ a + width around 0: uniform, accepted with the probability exp(−x²/2). */
function narrow(bits: Bits, a: number, width: number): () => number {
  return () => {
    for (;;) {
      const t = width * unit(bits);
      const x = a + t;
      if (unit(bits) < exp(-0.5 * x * x)) return t;
    }
  };
}

/**
 * t = x − a for 0 < a ≤ x ≤ a + width: as what is beyond the bound, which keeps its digits in far
 * tails. Exponential of the rate λ = (a + √(a² + 4))/2, accepted with exp(−(t − 1/λ)²/2), as
 * λ(λ − a) = 1; or uniform, accepted with exp((a² − x²)/2), where the interval is short.
 */
function beyond(bits: Bits, bound: number, width: number): () => number {
  const a = Math.min(bound, 1e150);
  const rate = (a + Math.sqrt(a * a + 4)) / 2;
  if (width <= (1.6487212707001282 / rate) * exp(-a / (2 * rate))) {
    return () => {
      for (;;) {
        const t = width * unit(bits);
        if (unit(bits) < exp(-t * (a + 0.5 * t))) return t;
      }
    };
  }
  return () => {
    for (;;) {
      const t = exponential(bits) / rate;
      const d = t - 1 / rate;
      if (t <= width && unit(bits) < exp(-0.5 * d * d)) return t;
    }
  };
}
