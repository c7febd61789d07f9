/**
 * @file Ops over the rows of the last axis on the CPU: softmax and its relatives, layer
 * normalisation.
 */
import type { Operand } from "../../core/contract.js";
import type { NormAttrs } from "../../ops/normalize.js";
import { type CpuKernel, FALLBACK } from "./kernel.js";

function rowLength(x: Operand): number {
  return x.shape[x.shape.length - 1] as number;
}

function allFloat32(inputs: readonly Operand[]): boolean {
  for (let i = 0; i < inputs.length; i++)
    if ((inputs[i] as Operand).dtype !== "float32") return false;
  return true;
}

function rowwise(name: "softmax" | "logSoftmax" | "logSumExp"): CpuKernel {
  return (rt, inputs) => {
    const x = inputs[0] as Operand;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(x);
    const rows = x.size / n;
    const out = rt.heap.alloc((name === "logSumExp" ? rows : x.size) * 4);
    rt.math[name](rows, n, x.storage.ptr, out);
    return out;
  };
}

function rowwiseGrad(name: "softmaxGrad" | "logSoftmaxGrad"): CpuKernel {
  return (rt, inputs) => {
    const [y, g] = inputs as [Operand, Operand];
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(y);
    const out = rt.heap.alloc(y.size * 4);
    rt.math[name](y.size / n, n, y.storage.ptr, g.storage.ptr, out);
    return out;
  };
}

const standardize: CpuKernel = (rt, inputs, attrs) => {
  const x = inputs[0] as Operand;
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  const { eps, centred = true } = attrs as NormAttrs;
  rt.math.standardize(x.size / n, n, x.storage.ptr, eps, centred ? 1 : 0, out);
  return out;
};

const standardizeGrad: CpuKernel = (rt, inputs, attrs) => {
  const [x, g] = inputs as [Operand, Operand];
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  const { eps, centred = true } = attrs as NormAttrs;
  const rows = x.size / n;
  rt.math.standardizeGrad(rows, n, x.storage.ptr, g.storage.ptr, eps, centred ? 1 : 0, out);
  return out;
};

const layerNorm: CpuKernel = (rt, inputs, attrs) => {
  const [x, weight, bias] = inputs as [Operand, Operand, Operand];
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  const { eps } = attrs as NormAttrs;
  rt.math.layerNorm(x.size / n, n, x.storage.ptr, weight.storage.ptr, bias.storage.ptr, eps, out);
  return out;
};

export const rows: Readonly<Record<string, CpuKernel>> = {
  softmax: rowwise("softmax"),
  logSoftmax: rowwise("logSoftmax"),
  logSumExp: rowwise("logSumExp"),
  softmaxGrad: rowwiseGrad("softmaxGrad"),
  logSoftmaxGrad: rowwiseGrad("logSoftmaxGrad"),
  standardize,
  standardizeGrad,
  layerNorm,
};
