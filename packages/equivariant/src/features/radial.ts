/**
 * @file Bases of functions of a distance: Gaussians on a grid of distances, and Bessel functions.
 */
import {
  exp,
  expandDims,
  linspace,
  mul,
  square,
  sub,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { expectOneOf, expectPositive, expectTensorOf, synonyms } from "../expect.js";
import { sinc } from "../theory/series.js";

/** Which functions, and how many. */
export interface RadialBasis {
  readonly kind: "gaussian" | "bessel";
  readonly size: number;
}

/**
 * Features of distances [...] up to a cut-off c: [..., size].
 *
 * - `gaussian`: `exp(−(r − μ_k)² / 2δ²)`, with centres μ_k at even steps δ from 0 to c. Source:
 *   SchNet, arXiv 1706.08566.
 * - `bessel`: `√(2/c) sin(kπ r/c) / r`, k = 1 … size, finite at 0 with slope 0. Source: DimeNet,
 *   arXiv 2003.03123.
 *
 * @throws UsageError unless the cut-off is positive and the size a whole number, at least 1 (2 for
 * Gaussians).
 * @example
 * radialBasis(tensor([0, 1, 2]), 3, { kind: "bessel", size: 8 }).shape; // [3,8]
 */
export function radialBasis(distance: Tensor, cutoff: number, basis: RadialBasis): Tensor {
  expectTensorOf("radialBasis", "distance", distance);
  expectPositive("radialBasis", "cutoff", cutoff);
  const { kind, size } = radialOf("radialBasis", basis);
  const like = { dtype: distance.dtype, device: distance.device };
  if (kind === "gaussian") {
    const gap = cutoff / (size - 1);
    const off = sub(expandDims(distance, -1), linspace(0, cutoff, size, like));
    return exp(square(off).mul(-0.5 / (gap * gap)));
  }
  // sin(a r)/r = a sinc(a r), which is smooth in its square
  const waves = linspace(Math.PI / cutoff, (size * Math.PI) / cutoff, size, like);
  const angles = mul(expandDims(distance, -1), waves);
  return mul(sinc(square(angles)), waves.mul(Math.sqrt(2 / cutoff)));
}

/** The most functions of a basis. */
const MOST = 2 ** 16;

/** The kind and the number of functions. @throws UsageError as `radialBasis` does. */
export function radialOf(op: string, basis: RadialBasis): RadialBasis {
  const { kind, size } = given(op, basis, "kind size#", synonyms);
  expectOneOf(op, "no basis is called", kind, ["gaussian", "bessel"]);
  const least = kind === "gaussian" ? 2 : 1;
  if (Number.isInteger(size) && size >= least && size <= MOST) return { kind, size };
  const problem = `cannot make ${shown(size)} functions of kind ${kind}`;
  throw new UsageError(op, problem, `take a whole number from ${least} to ${MOST}`);
}
