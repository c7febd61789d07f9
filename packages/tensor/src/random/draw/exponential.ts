/**
 * @file Draws by inversion: exponential numbers, and what is a function of them. Knows no tensor.
 */
import type { TypedArray } from "../../base/dtype.js";
import { exp, log } from "../exact.js";
import { type Bits, unit } from "../fill.js";

/** Uniform in (0, 1). */
export function open(bits: Bits): number {
  for (;;) {
    const u = unit(bits);
    if (u > 0) return u;
  }
}

/** Exponential of rate 1: −log u. Never 0. */
export const exponential = (bits: Bits): number => -log(open(bits));

/** Fills `out` with what `next` gives. */
export function fillBy(out: TypedArray, next: () => number): void {
  for (let i = 0; i < out.length; i++) out[i] = next();
}

/** `loc − scale · log E`: the largest of many exponential numbers, in the limit. */
export const gumbel = (bits: Bits): number => -log(exponential(bits));

/** Exponential with a random sign. */
export function laplace(bits: Bits): number {
  const x = exponential(bits);
  return bits.next() < 0 ? -x : x;
}

/** `E^(1/α)`. */
export const weibull = (bits: Bits, alpha: number): number => exp(log(exponential(bits)) / alpha);

/** The ratio v/u of a point uniform in the unit disc: the tangent of a uniform angle. */
export function cauchy(bits: Bits): number {
  for (;;) {
    const u = bits.next() * 2 ** -31;
    const v = bits.next() * 2 ** -31;
    if (u * u + v * v < 1 && u !== 0) return v / u;
  }
}
