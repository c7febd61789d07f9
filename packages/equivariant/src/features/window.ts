/** @file Windows: functions of the distance that fall smoothly to 0 at a cut-off. */
import { add, clip, cos, mul, relu, square, sub, type Tensor } from "@isograd/tensor";
import { expectPositive, expectTensorOf } from "../expect.js";

/** A window by name. */
export type WindowName = "polynomial" | "cosine";

/**
 * `1 − 28u⁶ + 48u⁷ − 21u⁸` with u = distance / cutoff, and 0 beyond the cut-off. The window and its
 * first two derivatives vanish at the cut-off. Source: J. Gasteiger et al., arXiv 2003.03123,
 * section 5, with p = 6.
 *
 * @throws UsageError unless the cut-off is positive.
 * @example
 * polynomialWindow(tensor([0, 1, 2]), 2).toString(); // Tensor(float32, [3]) [1, 0.8555, 0]
 */
export function polynomialWindow(distance: Tensor, cutoff: number): Tensor {
  // At u = 1 the polynomial and its slope are 0, so clipping u equals cutting off.
  const u = clipped("polynomialWindow", distance, cutoff);
  const u3 = mul(mul(u, u), u);
  const inner = mul(u, u.mul(-21).add(48)).sub(28);
  return mul(mul(u3, u3), inner).add(1);
}

/**
 * `((1 + cos πu) / 2)²` with u = distance / cutoff, and 0 beyond the cut-off, where three
 * derivatives vanish. It falls earlier than {@link polynomialWindow}. Source: J. Behler, J. Chem.
 * Phys. 134, 074106 (2011), squared.
 *
 * @throws UsageError unless the cut-off is positive.
 * @example
 * cosineWindow(tensor([0, 1, 2]), 2).toString(); // Tensor(float32, [3]) [1, 0.25, 0]
 */
export function cosineWindow(distance: Tensor, cutoff: number): Tensor {
  const u = clipped("cosineWindow", distance, cutoff);
  return square(cos(u.mul(Math.PI)).add(1).mul(0.5));
}

/**
 * The divisor of a weighted mean with weights w ∈ [0, 1] and Σ w = s: `s + max(0, 1 − s)³`, which
 * is s for s ≥ 1, and 1 for s = 0. It has two continuous derivatives. The mean of one element fades
 * with its weight, while `w x / w` would stay x until w = 0.
 */
export function softCount(total: Tensor): Tensor {
  const lack = relu(sub(1, total));
  return add(total, mul(square(lack), lack));
}

/** u = distance / cutoff, at most 1. */
function clipped(op: string, distance: Tensor, cutoff: number): Tensor {
  expectTensorOf(op, "distance", distance);
  expectPositive(op, "cutoff", cutoff);
  return clip(distance.mul(1 / cutoff), { max: 1 });
}

export const windows = { polynomial: polynomialWindow, cosine: cosineWindow } as const;
