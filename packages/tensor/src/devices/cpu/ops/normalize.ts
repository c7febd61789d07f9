/** @file Ops over the rows of the last axis on the CPU: softmax and its relatives. */
import type { Operand } from "../../../core/contract.js";
import type { Tensor } from "../../../core/tensor.js";
import type { commonFamilies } from "../../../ops/families.js";
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

export const normalize: KernelsFor<typeof commonFamilies.normalize> = {
  softmax: rowwise("softmax"),
  logSoftmax: rowwise("logSoftmax"),
  logSumExp: rowwise("logSumExp"),
};
