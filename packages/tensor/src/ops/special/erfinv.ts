/** @file The inverse of the error function. */
import { fromOut } from "../../core/rule.js";
import { unary } from "../define/elementwise.js";
import { ruled } from "../define/ruled.js";
import { mul } from "../elementwise/binary.js";
import { exp, square } from "../elementwise/unary.js";
import { erfScalar } from "./scalars.js";

const ROOT_PI = 1.7724538509055159;

/**
 * The inverse of {@link erf} on [−1, 1]: `erf(erfinv(x)) = x`; ±∞ at ±1, NaN outside. Source of the
 * first guess: Winitzki (2008), "A handy approximation for the error function and its inverse".
 *
 * @noMethod
 *
 * @example
 * erfinv(tensor([0, 0.5, 1])).toString(); // Tensor(float32, [3]) [0, 0.4769, inf]
 */
export const erfinv = ruled(
  unary("erfinv", { scalar: erfinvScalar, samples: { from: -0.9, to: 0.9 } }),
  // d erf⁻¹(x) = √π/2 e^(y²) dx
  fromOut(({ out: y }) => [(g) => mul(g, mul(exp(square(y)), ROOT_PI / 2))]),
);

/** Halley's steps from a guess: each triples its digits. */
function erfinvScalar(x: number): number {
  const a = Math.abs(x);
  if (!(a < 1)) return a === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN;
  if (a < 1e-9) return (x * ROOT_PI) / 2;
  let y = guess(a);
  for (let i = 0; i < 3; i++) {
    const off = y < 1 ? erfScalar(y) - a : 1 - a - erfcFraction(y);
    const step = (off * ROOT_PI * Math.exp(y * y)) / 2;
    y -= step / (1 + y * step);
  }
  return Math.sign(x) * y;
}

// √(√(t² − l/k) − t), t = 2/(πk) + l/2, l = log(1 − a²), to 2·10⁻³; three terms of the series below
function guess(a: number): number {
  const s = (Math.PI * a * a) / 4;
  if (a < 0.5) return ((a * ROOT_PI) / 2) * (1 + s / 3 + (7 * s * s) / 30);
  const k = 0.147;
  const l = Math.log((1 - a) * (1 + a));
  const t = 2 / (Math.PI * k) + l / 2;
  return Math.sqrt(Math.sqrt(t * t - l / k) - t);
}

/** erfc(x) for x from 1 on, by the continued fraction: the nearer to 1, the more terms. */
function erfcFraction(x: number): number {
  let rest = x;
  for (let n = Math.ceil(20 + 200 / (x * x)); n >= 1; n--) rest = x + n / 2 / rest;
  return Math.exp(-x * x) / ROOT_PI / rest;
}
