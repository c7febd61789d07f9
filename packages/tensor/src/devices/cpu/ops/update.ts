/**
 * @file Optimiser steps on the CPU: fused, and in place where the caller gives its inputs away and
 * they have no other holder.
 */
import type { Donated, Operand } from "../../../core/contract.js";
import type { families } from "../../../ops/registry.js";
import { FALLBACK, type KernelsFor, over } from "../opKernel.js";
import type { Runtime } from "../runtime.js";

/** Where a result that replaces operand `i` is written: over it when it was given away. */
interface Place {
  readonly at: number;
  /** What the kernel returns for it. */
  readonly result: number;
}

function placeFor(rt: Runtime, { size, storage }: Operand, i: number, donated: Donated): Place {
  if (donated?.[i] === true) return { at: storage.ptr, result: over(i) };
  const at = rt.heap.alloc(size * 4);
  return { at, result: at };
}

export const update: KernelsFor<typeof families.update> = {
  adamUpdate: {
    many(rt, [p, g, m, v], attrs, _, donated) {
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
    },
  },

  sgdUpdate: {
    many(rt, [p, g, b], { lr, momentum, weightDecay, nesterov }, _, donated) {
      if (p.dtype !== "float32") return null;
      const [po, bo] = [placeFor(rt, p, 0, donated), placeFor(rt, b, 2, donated)];
      const [pp, gp, bp] = [p.storage.ptr, g.storage.ptr, b.storage.ptr];
      const ahead = nesterov ? 1 : 0;
      rt.core.momentum(p.size, pp, gp, bp, po.at, bo.at, lr, momentum, weightDecay, ahead);
      return [po.result, bo.result];
    },
  },

  lerpUpdate(rt, [a, b], { weight }, _, donated) {
    if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
    const out = placeFor(rt, a, 0, donated);
    rt.core.lerp(a.size, weight, a.storage.ptr, b.storage.ptr, out.at);
    return out.result;
  },

  accumulate(rt, [a, b], _, __, donated) {
    if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
    const out = placeFor(rt, a, 0, donated);
    rt.core.add(a.size, a.storage.ptr, 4, b.storage.ptr, 4, out.at);
    return out.result;
  },
};
