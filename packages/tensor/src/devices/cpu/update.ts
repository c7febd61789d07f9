/**
 * @file Optimiser steps on the CPU: fused, and in place where the caller gives its inputs away and
 * nobody else holds them.
 */
import type { Donated, Operand } from "../../core/contract.js";
import type { AdamAttrs, LerpAttrs, SgdAttrs } from "../../ops/update.js";
import { type CpuKernel, type CpuKernelMany, FALLBACK, over } from "./kernel.js";
import type { Runtime } from "./runtime.js";

/** Where a result that replaces operand `i` is written: over it when it was given away. */
interface Place {
  readonly at: number;
  /** What the kernel returns for it. */
  readonly result: number;
}

function placeFor(rt: Runtime, operands: readonly Operand[], i: number, donated: Donated): Place {
  const { size, storage } = operands[i] as Operand;
  if (donated?.[i] === true) return { at: storage.ptr, result: over(i) };
  const at = rt.heap.alloc(size * 4);
  return { at, result: at };
}

const adamUpdate: CpuKernelMany = (rt, inputs, attrs, _, donated) => {
  const [p, g, m, v] = inputs as [Operand, Operand, Operand, Operand];
  if (p.dtype !== "float32") return null;
  const a = attrs as AdamAttrs;
  const [po, mo, vo] = [0, 2, 3].map((i) => placeFor(rt, inputs, i, donated)) as [
    Place,
    Place,
    Place,
  ];
  rt.core.adam(
    p.size,
    p.storage.ptr,
    g.storage.ptr,
    m.storage.ptr,
    v.storage.ptr,
    po.at,
    mo.at,
    vo.at,
    a.beta1,
    a.beta2,
    a.lr * a.correction1,
    Math.sqrt(a.correction2),
    a.eps,
    1 - a.lr * a.weightDecay,
  );
  return [po.result, mo.result, vo.result];
};

const sgdUpdate: CpuKernelMany = (rt, inputs, attrs, _, donated) => {
  const [p, g, b] = inputs as [Operand, Operand, Operand];
  if (p.dtype !== "float32") return null;
  const a = attrs as SgdAttrs;
  const [po, bo] = [0, 2].map((i) => placeFor(rt, inputs, i, donated)) as [Place, Place];
  rt.core.momentum(
    p.size,
    p.storage.ptr,
    g.storage.ptr,
    b.storage.ptr,
    po.at,
    bo.at,
    a.lr,
    a.momentum,
    a.weightDecay,
    a.nesterov ? 1 : 0,
  );
  return [po.result, bo.result];
};

const lerpUpdate: CpuKernel = (rt, inputs, attrs, _, donated) => {
  const [a, b] = inputs as [Operand, Operand];
  if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
  const { weight } = attrs as LerpAttrs;
  const out = placeFor(rt, inputs, 0, donated);
  rt.core.lerp(a.size, weight, a.storage.ptr, b.storage.ptr, out.at);
  return out.result;
};

const accumulate: CpuKernel = (rt, inputs, _, __, donated) => {
  const [a, b] = inputs as [Operand, Operand];
  if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
  const out = placeFor(rt, inputs, 0, donated);
  rt.core.add(a.size, a.storage.ptr, 4, b.storage.ptr, 4, out.at);
  return out.result;
};

export const update: Readonly<Record<string, CpuKernel>> = { lerpUpdate, accumulate };
export const updateMany: Readonly<Record<string, CpuKernelMany>> = { adamUpdate, sgdUpdate };
