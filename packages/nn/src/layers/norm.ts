/** @file Options that norms share, and vectors over channels. */
import type { Tensor, TensorOptions } from "@isograd/tensor";

export interface NormOptions extends TensorOptions {
  /** Added to the variance, or in RMSNorm to the mean square. */
  readonly eps?: number | undefined;
  /** Whether there is a weight, and except in RMSNorm a bias; default: true. */
  readonly affine?: boolean | undefined;
}

/** A vector [channels], reshaped so that it broadcasts to x [n, channels, …]. */
export function overChannels(vector: Tensor, x: Tensor): Tensor {
  return vector.reshape([-1, ...x.shape.slice(2).map(() => 1)]);
}
