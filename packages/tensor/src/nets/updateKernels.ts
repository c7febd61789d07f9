/**
 * @file What steps of optimisers take, and their kernels for the CPU: fused, and in place where the
 * caller gives its inputs away and they have no other holder.
 *
 * @internal
 */
import type { Tensor } from "../core/tensor.js";
import { type CpuKernel, type CpuKernelMany, FALLBACK } from "../devices/cpu/opKernel.js";
import { placeFor } from "../devices/cpu/ops/update.js";

export interface AdamAttrs {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** `1 / (1 − β₁ᵗ)` and `1 / (1 − β₂ᵗ)`. */
  readonly correction1: number;
  readonly correction2: number;
  /** Decoupled: `p ← p − lr · decay · p` before the step. */
  readonly weightDecay: number;
}

export interface SgdAttrs {
  readonly lr: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient: `g + decay · p`. */
  readonly weightDecay: number;
}

export interface LerpAttrs {
  readonly weight: number;
}

type Four = readonly [Tensor, Tensor, Tensor, Tensor];

export const adamKernel: CpuKernelMany<Four, AdamAttrs> = (rt, [p, g, m, v], attrs, _, donated) => {
  if (p.dtype !== "float32") return null;
  const [po, mo, vo] = [
    placeFor(rt, p, 0, donated),
    placeFor(rt, m, 2, donated),
    placeFor(rt, v, 3, donated),
  ];
  const { beta1, beta2, lr, correction1, correction2, eps, weightDecay } = attrs;
  const [rate, unbias, keep] = [lr * correction1, Math.sqrt(correction2), 1 - lr * weightDecay];
  const [pp, gp, mp, vp] = [p.storage.ptr, g.storage.ptr, m.storage.ptr, v.storage.ptr];
  const { adam } = rt.core;
  adam(p.size, pp, gp, mp, vp, po.at, mo.at, vo.at, beta1, beta2, rate, unbias, eps, keep);
  return [po.result, mo.result, vo.result];
};

export const sgdKernel: CpuKernelMany<readonly [Tensor, Tensor, Tensor], SgdAttrs> = (
  rt,
  [p, g, b],
  { lr, momentum, weightDecay, nesterov },
  _,
  donated,
) => {
  if (p.dtype !== "float32") return null;
  const [po, bo] = [placeFor(rt, p, 0, donated), placeFor(rt, b, 2, donated)];
  const [pp, gp, bp] = [p.storage.ptr, g.storage.ptr, b.storage.ptr];
  const ahead = nesterov ? 1 : 0;
  rt.core.momentum(p.size, pp, gp, bp, po.at, bo.at, lr, momentum, weightDecay, ahead);
  return [po.result, bo.result];
};

export const lerpKernel: CpuKernel<readonly [Tensor, Tensor], LerpAttrs> = (
  rt,
  [a, b],
  { weight },
  _,
  donated,
) => {
  if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
  const out = placeFor(rt, a, 0, donated);
  rt.core.lerp(a.size, weight, a.storage.ptr, b.storage.ptr, out.at);
  return out.result;
};
