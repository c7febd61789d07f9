/** @file Moving elements on the CPU: every op is a strided copy from one layout to another. */

import { bytesOf } from "../../../base/dtype.js";
import { sizeOf } from "../../../base/shape.js";
import type { commonFamilies } from "../../../ops/families.js";
import type { KernelsFor } from "../opKernel.js";
import { allocate } from "../runtime.js";
import { byteStrides, fill, strideCopy } from "./strideCopy.js";

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}

export const movement: KernelsFor<typeof commonFamilies.movement> = {
  slice(rt, [{ shape, dtype, storage }], { starts, steps, sizes }) {
    const bytes = bytesOf(dtype);
    const own = byteStrides(shape, bytes);
    const out = allocate(rt, dtype, sizeOf(sizes));
    const from = storage.ptr + dot(starts, own);
    const jumps = own.map((s, i) => s * (steps[i] as number));
    strideCopy(rt, bytes, sizes, jumps, from, out);
    return out;
  },

  flip(rt, [{ shape, dtype, size, storage }], { axes }) {
    const bytes = bytesOf(dtype);
    const own = byteStrides(shape, bytes);
    let from = storage.ptr;
    for (const d of axes) from += ((shape[d] as number) - 1) * (own[d] as number);
    const out = allocate(rt, dtype, size);
    const back = own.map((s, d) => (axes.includes(d) ? -s : s));
    strideCopy(rt, bytes, shape, back, from, out);
    return out;
  },

  place(rt, [{ shape, dtype, storage }], { starts, steps, value }, spec) {
    const bytes = bytesOf(dtype);
    const whole = byteStrides(spec.shape, bytes);
    const size = sizeOf(spec.shape);
    const out = allocate(rt, dtype, size);
    fill(rt, dtype, size, value, out);
    const into = whole.map((s, i) => s * (steps[i] as number));
    const to = out + dot(starts, whole);
    strideCopy(rt, bytes, shape, byteStrides(shape, bytes), storage.ptr, to, into);
    return out;
  },

  concat(rt, inputs, { axis }, spec) {
    const bytes = bytesOf(spec.dtype);
    const out = allocate(rt, spec.dtype, sizeOf(spec.shape));
    const into = byteStrides(spec.shape, bytes);
    let at = out;
    for (const { shape, storage } of inputs) {
      strideCopy(rt, bytes, shape, byteStrides(shape, bytes), storage.ptr, at, into);
      at += (shape[axis] as number) * (into[axis] as number);
    }
    return out;
  },

  split: {
    many(rt, [{ shape, dtype, storage }], { axis }, specs) {
      const bytes = bytesOf(dtype);
      const steps = byteStrides(shape, bytes);
      let at = storage.ptr;
      return specs.map((spec) => {
        const out = allocate(rt, dtype, sizeOf(spec.shape));
        if (sizeOf(spec.shape) > 0) strideCopy(rt, bytes, spec.shape, steps, at, out);
        at += (spec.shape[axis] as number) * (steps[axis] as number);
        return out;
      });
    },
  },
};
