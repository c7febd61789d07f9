/**
 * @file Kernels of sliding windows for the CPU: a border around the planes, then one strided copy,
 * or its transpose.
 *
 * @internal
 */

import { bytesOf, isFloat } from "../../base/dtype.js";
import { sizeOf } from "../../base/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { type CpuKernel, FALLBACK } from "../../devices/cpu/opKernel.js";
import { fill, strideCopy } from "../../devices/cpu/ops/strideCopy.js";
import { allocate } from "../../devices/cpu/runtime.js";
import { type AxisWindow, type FoldAttrs, type UnfoldAttrs, windowCount } from "./windows.js";

/** Length of an axis with its border; a border that would cut off places is none. */
function bordered(n: number, { before, after }: AxisWindow): number {
  return n + before + Math.max(0, after);
}

/** The kernel of unfold. */
export const unfoldKernel: CpuKernel<readonly [Tensor], UnfoldAttrs> = (
  rt,
  [{ shape, dtype, storage }],
  { windows: [v, h], value },
  spec,
) => {
  const [n, channels, height, width] = shape as [number, number, number, number];
  const bytes = bytesOf(dtype);
  const out = allocate(rt, dtype, sizeOf(spec.shape));
  const [tall, wide] = [bordered(height, v), bordered(width, h)];
  const [row, plane] = [wide * bytes, tall * wide * bytes];
  const padded = tall !== height || wide !== width;
  const size = n * channels * tall * wide;
  const from = padded ? allocate(rt, dtype, size) : storage.ptr;
  if (padded) {
    fill(rt, dtype, size, value, from);
    const own = [height * width * bytes, width * bytes, bytes];
    const at = from + v.before * row + h.before * bytes;
    const planes = [n * channels, height, width];
    strideCopy(rt, bytes, planes, own, storage.ptr, at, [plane, row, bytes]);
  }
  const [, , , , rows, columns] = spec.shape as [number, number, number, number, number, number];
  const lengths = [n * channels, v.kernel, h.kernel, rows, columns];
  const steps = [plane, v.dilation * row, h.dilation * bytes, v.stride * row, h.stride * bytes];
  strideCopy(rt, bytes, lengths, steps, from, out);
  if (padded) rt.heap.free(from, size * bytes);
  return out;
};

/** The kernel of fold. */
export const foldKernel: CpuKernel<readonly [Tensor], FoldAttrs> = (
  rt,
  [{ shape, dtype, storage }],
  { windows: [v, h], size: [height, width] },
  spec,
) => {
  if (!isFloat(dtype)) return FALLBACK;
  const planes = (shape[0] as number) * (shape[1] as number);
  const bytes = bytesOf(dtype);
  const out = allocate(rt, dtype, sizeOf(spec.shape));
  const [tall, wide] = [bordered(height, v), bordered(width, h)];
  const [row, plane] = [wide * bytes, tall * wide * bytes];
  const padded = tall !== height || wide !== width;
  const to = padded ? allocate(rt, dtype, planes * tall * wide) : out;
  rt.core.clear(to, planes * plane);
  const [rows, columns] = [windowCount(height, v), windowCount(width, h)];
  const kernel = dtype === "float32" ? rt.core.foldF32 : rt.core.foldF64;
  const inner = [v.dilation * row, h.dilation * bytes, v.stride * row, h.stride * bytes] as const;
  kernel(planes, v.kernel, h.kernel, rows, columns, plane, ...inner, storage.ptr, to);
  if (padded) {
    const at = to + v.before * row + h.before * bytes;
    strideCopy(rt, bytes, [planes, height, width], [plane, row, bytes], at, out);
    rt.heap.free(to, planes * plane);
  }
  return out;
};
