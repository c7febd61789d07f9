/** @file Ops over the rows of the last axis on the CPU: softmax, layer normalisation. */
import type { Operand } from "../../../core/contract.js";
import type { Tensor } from "../../../core/tensor.js";
import type { families } from "../../../ops/registry.js";
import { type CpuKernel, FALLBACK, type KernelsFor } from "../opKernel.js";

export function rowLength(x: Operand): number {
  return x.shape[x.shape.length - 1] as number;
}

export function allFloat32(inputs: readonly Operand[]): boolean {
  for (const { dtype } of inputs) if (dtype !== "float32") return false;
  return true;
}

function rowwise(
  name: "softmax" | "logSoftmax" | "logSumExp",
): CpuKernel<readonly [Tensor], undefined> {
  return (rt, inputs) => {
    const [x] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(x);
    const rows = x.size / n;
    const out = rt.heap.alloc((name === "logSumExp" ? rows : x.size) * 4);
    rt.math[name](rows, n, x.storage.ptr, out);
    return out;
  };
}

export const normalize: KernelsFor<typeof families.normalize> = {
  softmax: rowwise("softmax"),
  logSoftmax: rowwise("logSoftmax"),
  logSumExp: rowwise("logSumExp"),

  standardize(rt, inputs, { eps, centred = true }) {
    const [x] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(x);
    const out = rt.heap.alloc(x.size * 4);
    rt.math.standardize(x.size / n, n, x.storage.ptr, eps, centred ? 1 : 0, out);
    return out;
  },

  standardizeGrad(rt, inputs, { eps, centred = true }) {
    const [x, g] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(x);
    const out = rt.heap.alloc(x.size * 4);
    const rows = x.size / n;
    rt.math.standardizeGrad(rows, n, x.storage.ptr, g.storage.ptr, eps, centred ? 1 : 0, out);
    return out;
  },

  layerNorm(rt, inputs, { eps }) {
    const [x, weight, bias] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(x);
    const out = rt.heap.alloc(x.size * 4);
    rt.math.layerNorm(x.size / n, n, x.storage.ptr, weight.storage.ptr, bias.storage.ptr, eps, out);
    return out;
  },
};
