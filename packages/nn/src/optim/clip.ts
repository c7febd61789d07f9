/** @file Gradient clipping by the global norm. */
import { noGrad } from "@isograd/autograd";
import {
  div,
  maximum,
  minimum,
  scope,
  sqrt,
  square,
  type Tensor,
  UsageError,
  where,
} from "@isograd/tensor";
import { expectLive, safeScale, shown } from "@isograd/tensor/engine";
import { isNumber } from "../expect.js";
import { mapTensors, namedTensors } from "../names.js";

/** Clipped gradients, and their norm before clipping. */
export interface Clipped<G> {
  readonly grads: G;
  /** A 0-d tensor. */
  readonly norm: Tensor;
}

/**
 * Scales all gradients by `min(1, max / (‖g‖ + 10⁻⁶))`, where ‖g‖ is the 2-norm of all of them
 * together, as `torch.nn.utils.clip_grad_norm_` does. Gradients of any size are scaled first, so no
 * square leaves the range of floats. If an element is infinite or NaN, all results are NaN, and the
 * norm is infinite or NaN. Nothing is read to the host; the given gradients stay as they are.
 *
 * @throws UsageError unless max is positive and there is a gradient.
 * @example
 * const { grads, norm } = clipByGlobalNorm([tensor([3]), tensor([4])], 1);
 * norm.item(); // 5
 * grads[1].item().toFixed(3); // 0.800
 */
export function clipByGlobalNorm<G>(grads: G, max: number): Clipped<G> {
  const op = "clipByGlobalNorm";
  if (!isNumber(max, (norm) => norm > 0)) {
    throw new UsageError(op, `max must be positive, got ${shown(max)}`, "such as 1");
  }
  const all = namedTensors(grads, op);
  if (all.size === 0) {
    throw new UsageError(op, "there is no gradient in the tree", "give what grad returned");
  }
  for (const g of all.values()) expectLive(op, g);
  return noGrad(() =>
    scope(() => {
      const unit = safeScale([...all.values()].map(largest).reduce((a, b) => maximum(a, b)));
      const scaled = new Map([...all].map(([name, g]) => [name, g.div(unit)] as const));
      const squares = [...scaled.values()].map((g) => scope(() => square(g).sum()));
      const norm = sqrt(squares.reduce((a, b) => a.add(b)));
      const factor = minimum(div(max, norm.add(div(1e-6, unit))), unit);
      const sound = where(norm.isFinite(), factor, Number.NaN);
      return {
        grads: mapTensors(grads, (_, name) => (scaled.get(name) as Tensor).mul(sound)),
        norm: norm.mul(unit),
      };
    }),
  );
}

/** max |g|; 0 of nothing. */
function largest(g: Tensor): Tensor {
  return scope(() => (g.size === 0 ? g.sum() : maximum(g.max(), g.min().neg())));
}
