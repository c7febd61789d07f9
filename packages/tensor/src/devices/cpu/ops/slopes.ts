/** @file Fused derivatives on the CPU: activations, and softmax by rows. */
import type { Tensor } from "../../../core/tensor.js";
import type { commonFamilies } from "../../../ops/families.js";
import { each, HEAVY_SLOPES, type ZipKernel } from "../exports.js";
import { type CpuKernel, FALLBACK, type KernelsFor } from "../opKernel.js";
import type { Runtime } from "../runtime.js";
import { allFloat32, rowLength } from "./normalize.js";

type Slope = CpuKernel<readonly [Tensor, Tensor], undefined>;
/** The name is checked to be one of the family: spreading a table does not do that. */
type Name = keyof KernelsFor<typeof commonFamilies.slopes>;

function slope(kernel: (rt: Runtime) => ZipKernel): Slope {
  return (rt, inputs) => {
    const [x, g] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const out = rt.heap.alloc(x.size * 4);
    kernel(rt)(x.size, x.storage.ptr, g.storage.ptr, out);
    return out;
  };
}

function rowSlope(name: "softmaxGrad" | "logSoftmaxGrad"): Slope {
  return (rt, inputs) => {
    const [y, g] = inputs;
    if (!allFloat32(inputs)) return FALLBACK;
    const n = rowLength(y);
    const out = rt.heap.alloc(y.size * 4);
    rt.math[name](y.size / n, n, y.storage.ptr, g.storage.ptr, out);
    return out;
  };
}

export const slopes: KernelsFor<typeof commonFamilies.slopes> = {
  ...each(HEAVY_SLOPES satisfies readonly Name[], (name) => slope((rt) => rt.math[name])),
  reluGrad: slope((rt) => rt.core.reluGrad),
  softmaxGrad: rowSlope("softmaxGrad"),
  logSoftmaxGrad: rowSlope("logSoftmaxGrad"),
};
