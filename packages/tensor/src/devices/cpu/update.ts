/**
 * @file Optimiser steps on the CPU: fused, and in place where the caller gives its inputs away and
 * nobody else holds them.
 */
import type { AdamAttrs, Donating, LerpAttrs, SgdAttrs } from "../../ops/update.js";
import type { Tensor } from "../../tensor.js";
import type { Runtime } from "./runtime.js";
import { type CpuKernel, type CpuKernelMany, FALLBACK } from "./table.js";

/**
 * Where a result that replaces `x` goes: over `x` when it was given away, else into a new block.
 */
function placeFor(rt: Runtime, x: Tensor, donate: boolean): number {
  return donate && x.storage.holders === 1 ? x.storage.ptr : rt.heap.alloc(x.size * 4);
}

const adamUpdate: CpuKernelMany = (rt, inputs, attrs) => {
  const [p, g, m, v] = inputs as [Tensor, Tensor, Tensor, Tensor];
  if (p.dtype !== "float32") return null;
  const a = attrs as AdamAttrs;
  const out = [p, m, v].map((x) => placeFor(rt, x, a.donate));
  const [po, mo, vo] = out as [number, number, number];
  rt.core.adam(
    p.size,
    p.storage.ptr,
    g.storage.ptr,
    m.storage.ptr,
    v.storage.ptr,
    po,
    mo,
    vo,
    a.beta1,
    a.beta2,
    a.lr * a.correction1,
    Math.sqrt(a.correction2),
    a.eps,
    1 - a.lr * a.weightDecay,
  );
  return out;
};

const sgdUpdate: CpuKernelMany = (rt, inputs, attrs) => {
  const [p, g, b] = inputs as [Tensor, Tensor, Tensor];
  if (p.dtype !== "float32") return null;
  const a = attrs as SgdAttrs;
  const out = [p, b].map((x) => placeFor(rt, x, a.donate));
  const [po, bo] = out as [number, number];
  rt.core.momentum(
    p.size,
    p.storage.ptr,
    g.storage.ptr,
    b.storage.ptr,
    po,
    bo,
    a.lr,
    a.momentum,
    a.weightDecay,
    a.nesterov ? 1 : 0,
  );
  return out;
};

const lerpUpdate: CpuKernel = (rt, inputs, attrs) => {
  const [a, b] = inputs as [Tensor, Tensor];
  if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
  const { weight, donate } = attrs as LerpAttrs & Donating;
  const out = placeFor(rt, a, donate);
  rt.core.lerp(a.size, weight, a.storage.ptr, b.storage.ptr, out);
  return out;
};

const accumulate: CpuKernel = (rt, inputs) => {
  const [a, b] = inputs as [Tensor, Tensor];
  if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
  const out = placeFor(rt, a, true);
  rt.core.add(a.size, a.storage.ptr, 4, b.storage.ptr, 4, out);
  return out;
};

export const update: Readonly<Record<string, CpuKernel>> = { lerpUpdate, accumulate };
export const updateMany: Readonly<Record<string, CpuKernelMany>> = { adamUpdate, sgdUpdate };
