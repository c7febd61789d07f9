/** @file Windows: functions of the distance that fall smoothly to zero at a cut-off. */
import { clip, mul, type Tensor, UsageError } from "@isograd/tensor";

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
  if (!(cutoff > 0))
    throw new UsageError("polynomialWindow", `cutoff must be positive: got ${cutoff}`);
  // At u = 1 the polynomial is 0 with its slope, so clipping u is the same as cutting off.
  const u = clip(distance.mul(1 / cutoff), { max: 1 });
  const u3 = mul(mul(u, u), u);
  const inner = mul(u, u.mul(-21).add(48)).sub(28);
  return mul(mul(u3, u3), inner).add(1);
}
