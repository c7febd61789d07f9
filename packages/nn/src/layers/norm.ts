/** @file Options that norms share, and vectors over channels. */
import { ShapeError, type Tensor, type TensorOptions, UsageError } from "@isograd/tensor";
import { expectTensor, formatShape } from "@isograd/tensor/engine";

export interface NormOptions extends TensorOptions {
  /** Added to the variance, or in RMSNorm to the mean square. */
  readonly eps?: number | undefined;
  /** Whether there is a weight, and except in RMSNorm a bias; default: true. */
  readonly affine?: boolean | undefined;
}

/** @throws UsageError unless eps is finite and 0 or more. */
export function checkEps(op: string, eps: number): void {
  if (eps >= 0 && Number.isFinite(eps)) return;
  throw new UsageError(op, `eps must be 0 or more: got ${eps}`, "leave it out for its default");
}

/** @throws ShapeError unless x is [n, channels, …]. */
export function expectChannels(op: string, x: Tensor, channels: number): void {
  expectTensor(op, x);
  if (x.shape.length >= 2 && x.shape[1] === channels) return;
  throw new ShapeError(
    op,
    `the input is ${formatShape(x.shape)}, expected [n, ${channels}, …]`,
    "the second axis has the channels: permuteDims moves them there",
  );
}

/** A vector [channels], reshaped so that it broadcasts to x [n, channels, …]. */
export function overChannels(vector: Tensor, x: Tensor): Tensor {
  return vector.reshape([-1, ...x.shape.slice(2).map(() => 1)]);
}
