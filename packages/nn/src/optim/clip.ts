/** @file Clipping of gradients by their global norm. */
import { noGrad } from "@isograd/autograd";
import { scope, sqrt, square, type Tensor, UsageError } from "@isograd/tensor";
import { mapTensors, namedTensors } from "../walk.js";

/** Clipped gradients, and the norm before. */
export interface Clipped<G> {
  readonly grads: G;
  /** 0-d tensor. */
  readonly norm: Tensor;
}

/**
 * Scales all gradients by `min(1, max / (‖g‖ + 10⁻⁶))`, where ‖g‖ is the 2-norm of all of them
 * together, as `torch.nn.utils.clip_grad_norm_`. Nothing is read to the host; the gradients given
 * stay as they are.
 *
 * @throws UsageError unless max is positive and there is a gradient.
 * @example
 * const { grads, norm } = clipByGlobalNorm([tensor([3]), tensor([4])], 1);
 * norm.item(); // 5
 * grads[1].item().toFixed(3); // 0.800
 */
export function clipByGlobalNorm<G>(grads: G, max: number): Clipped<G> {
  if (!(max > 0)) throw new UsageError("clipByGlobalNorm", `max must be positive, got ${max}`);
  const all = [...namedTensors(grads).values()];
  if (all.length === 0)
    throw new UsageError("clipByGlobalNorm", "there is no gradient in the tree");
  return noGrad(() =>
    scope(() => {
      const norm = sqrt(all.map((g) => square(g).sum()).reduce((a, b) => a.add(b)));
      const factor = norm.add(1e-6).reciprocal().mul(max).minimum(1);
      return { grads: mapTensors(grads, (g) => g.mul(factor)), norm };
    }),
  );
}
