/** @file Clipping of gradients by their global norm. */
import { noGrad } from "@isograd/autograd";
import {
  div,
  greater,
  less,
  maximum,
  minimum,
  onesLike,
  scope,
  sqrt,
  square,
  type Tensor,
  UsageError,
  where,
} from "@isograd/tensor";
import { mapTensors, namedTensors } from "../walk.js";

/** Clipped gradients, and the norm before. */
export interface Clipped<G> {
  readonly grads: G;
  /** 0-d tensor. */
  readonly norm: Tensor;
}

/** Squares of numbers outside of [1/edge, edge] may leave the range of floats: those are first divided by `far` or 1/far. */
const RANGES = {
  float32: { edge: 2 ** 50, far: 2 ** 90 },
  float64: { edge: 2 ** 400, far: 2 ** 700 },
} as const;

/** A power of 2 by which to divide numbers of which `most` is the largest. */
function unitOf(most: Tensor): Tensor {
  const { edge, far } = RANGES[most.dtype === "float64" ? "float64" : "float32"];
  const large = where(greater(most, edge), far, onesLike(most));
  return where(less(most, 1 / edge), 1 / far, large);
}

/**
 * Scales all gradients by `min(1, max / (‖g‖ + 10⁻⁶))`, where ‖g‖ is the 2-norm of all of them
 * together, as `torch.nn.utils.clip_grad_norm_`, but of gradients of any size: no square leaves the
 * range of floats. Where one of them is infinite or NaN, all are NaN afterwards, and the norm says so.
 * Nothing is read to the host; the gradients given stay as they are.
 *
 * @throws UsageError unless max is positive and there is a gradient.
 * @example
 * const { grads, norm } = clipByGlobalNorm([tensor([3]), tensor([4])], 1);
 * norm.item(); // 5
 * grads[1].item().toFixed(3); // 0.800
 */
export function clipByGlobalNorm<G>(grads: G, max: number): Clipped<G> {
  if (!(max > 0)) throw new UsageError("clipByGlobalNorm", `max must be positive, got ${max}`);
  const all = namedTensors(grads);
  if (all.size === 0) throw new UsageError("clipByGlobalNorm", "there is no gradient in the tree");
  return noGrad(() =>
    scope(() => {
      const unit = unitOf([...all.values()].map(largest).reduce((a, b) => maximum(a, b)));
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
