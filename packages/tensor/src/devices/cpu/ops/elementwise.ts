/** @file Ops of one operand on the CPU, element by element. */
import type { Tensor } from "../../../core/tensor.js";
import type { commonFamilies } from "../../../ops/families.js";
import { type Core, each, HEAVY_MAPS, LIGHT_MAPS, type MapKernel } from "../exports.js";
import { type CpuKernel, FALLBACK, type KernelsFor } from "../opKernel.js";
import { allocate, type Runtime } from "../runtime.js";

type Unary = KernelsFor<typeof commonFamilies.unary>;

function mapped(kernel: (rt: Runtime) => MapKernel): CpuKernel<readonly [Tensor], undefined> {
  return (rt, [{ size, dtype, storage }]) => {
    if (dtype !== "float32") return FALLBACK;
    const out = rt.heap.alloc(size * 4);
    kernel(rt)(size, storage.ptr, out);
    return out;
  };
}

// `satisfies`: a spread of a table may have names that are no ops of the family
export const unary: Unary = {
  ...each(LIGHT_MAPS satisfies readonly (keyof Unary)[], (name) => mapped((rt) => rt.core[name])),
  ...each(HEAVY_MAPS satisfies readonly (keyof Unary)[], (name) => mapped((rt) => rt.math[name])),
};

const CASTS: Readonly<Record<string, keyof Core & `cast${string}`>> = {
  "float32 int32": "castF32I32",
  "int32 float32": "castI32F32",
  "bool float32": "castBoolF32",
  "float32 bool": "castF32Bool",
};

export const cast: KernelsFor<typeof commonFamilies.cast> = {
  cast(rt, [{ size, dtype, storage }], { dtype: to }) {
    const name = CASTS[`${dtype} ${to}`];
    if (name === undefined) return FALLBACK;
    const out = allocate(rt, to, size);
    rt.core[name](size, storage.ptr, out);
    return out;
  },
};
