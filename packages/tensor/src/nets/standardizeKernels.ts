/**
 * @file What layer normalisation and its relatives take, and their kernels for the CPU.
 *
 * @internal
 */
import type { Tensor } from "../core/tensor.js";
import { type CpuKernel, FALLBACK } from "../devices/cpu/opKernel.js";
import { allFloat32, rowLength } from "../devices/cpu/ops/normalize.js";

export interface NormAttrs {
  readonly eps: number;
  /** Whether the mean is subtracted. Default: true. */
  readonly centred?: boolean | undefined;
}

export const standardizeKernel: CpuKernel<readonly [Tensor], NormAttrs> = (
  rt,
  inputs,
  { eps, centred = true },
) => {
  const [x] = inputs;
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  rt.math.standardize(x.size / n, n, x.storage.ptr, eps, centred ? 1 : 0, out);
  return out;
};

export const standardizeGradKernel: CpuKernel<readonly [Tensor, Tensor], NormAttrs> = (
  rt,
  inputs,
  { eps, centred = true },
) => {
  const [x, g] = inputs;
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  const rows = x.size / n;
  rt.math.standardizeGrad(rows, n, x.storage.ptr, g.storage.ptr, eps, centred ? 1 : 0, out);
  return out;
};

export const layerNormKernel: CpuKernel<readonly [Tensor, Tensor, Tensor], NormAttrs> = (
  rt,
  inputs,
  { eps },
) => {
  const [x, weight, bias] = inputs;
  if (!allFloat32(inputs)) return FALLBACK;
  const n = rowLength(x);
  const out = rt.heap.alloc(x.size * 4);
  rt.math.layerNorm(x.size / n, n, x.storage.ptr, weight.storage.ptr, bias.storage.ptr, eps, out);
  return out;
};
