/**
 * @file Moving elements on the CPU: every op is a strided copy from one layout to another, of 1, 4
 * or 8 bytes.
 */

import { bytesOf, type DType } from "../../base/dtype.js";
import { contiguousStrides, type Shape, sizeOf } from "../../base/shape.js";
import type { Operand } from "../../core/contract.js";

import type { PlaceAttrs, SliceAttrs } from "../../ops/shape/movement.js";
import type { CpuKernel, CpuKernelMany } from "./kernel.js";
import { allocate, type Runtime } from "./runtime.js";
import { mergeStrides, padWalk, writeWalk } from "./walk.js";

/** Copies `shape` from strides `steps` (bytes) to strides `into` (contiguous when absent). */
export function strideCopy(
  rt: Runtime,
  bytes: number,
  shape: Shape,
  steps: readonly number[],
  from: number,
  to: number,
  into?: readonly number[],
): void {
  const target = into ?? contiguousStrides(shape).map((s) => s * bytes);
  const walk = mergeStrides(shape, steps, target);
  padWalk(1);
  const { rank, length, strides } = walk;
  // The source's contiguous axis goes next to the destination's: together they are a matrix to
  // transpose.
  const [src, dst] = strides;
  for (let d = 2; d < rank; d++) {
    if (src[d] !== bytes || src[0] === bytes) continue;
    for (const list of [length, src, dst]) {
      const held = list[d] as number;
      list.copyWithin(2, 1, d);
      list[1] = held;
    }
    break;
  }
  writeWalk(rt, 2);
  const { core, axes } = rt;
  if (bytes === 4) core.copy4(rank, axes, from, to);
  else if (bytes === 8) core.copy8(rank, axes, from, to);
  else core.copy1(rank, axes, from, to);
}

/** Writes n elements of one value. */
export function fill(rt: Runtime, dtype: DType, n: number, value: number, to: number): void {
  const { core } = rt;
  if (dtype === "float32") core.fillF32(n, value, to);
  else if (dtype === "float64") core.fillF64(n, value, to);
  else if (dtype === "int32") core.fillI32(n, value, to);
  else core.fillBool(n, value === 0 ? 0 : 1, to);
}

/** Byte strides of a contiguous shape. */
function stridesOf(shape: Shape, bytes: number): number[] {
  return contiguousStrides(shape).map((s) => s * bytes);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}

/** The elements of a strided operand, row-major, in a block of their own. */
export function materialize(rt: Runtime, x: Operand): number {
  const { shape, strides, dtype, size, storage } = x;
  const bytes = bytesOf(dtype);
  const out = allocate(rt, dtype, size);
  const steps = (strides ?? contiguousStrides(shape)).map((s) => s * bytes);
  strideCopy(rt, bytes, shape, steps, storage.ptr, out);
  return out;
}

const slice: CpuKernel = (rt, [x], attrs) => {
  const { shape, dtype, storage } = x as Operand;
  const { starts, steps, sizes } = attrs as SliceAttrs;
  const bytes = bytesOf(dtype);
  const own = stridesOf(shape, bytes);
  const out = allocate(rt, dtype, sizeOf(sizes));
  strideCopy(
    rt,
    bytes,
    sizes,
    own.map((s, i) => s * (steps[i] as number)),
    storage.ptr + dot(starts, own),
    out,
  );
  return out;
};

const flip: CpuKernel = (rt, [x], attrs) => {
  const { shape, dtype, size, storage } = x as Operand;
  const { axes } = attrs as { readonly axes: readonly number[] };
  const bytes = bytesOf(dtype);
  const own = stridesOf(shape, bytes);
  const start = axes.reduce(
    (at, d) => at + ((shape[d] as number) - 1) * (own[d] as number),
    storage.ptr,
  );
  const out = allocate(rt, dtype, size);
  strideCopy(
    rt,
    bytes,
    shape,
    own.map((s, d) => (axes.includes(d) ? -s : s)),
    start,
    out,
  );
  return out;
};

const place: CpuKernel = (rt, [x], attrs, spec) => {
  const { shape, dtype, storage } = x as Operand;
  const { starts, steps, value } = attrs as PlaceAttrs;
  const bytes = bytesOf(dtype);
  const whole = stridesOf(spec.shape, bytes);
  const size = sizeOf(spec.shape);
  const out = allocate(rt, dtype, size);
  fill(rt, dtype, size, value, out);
  const into = whole.map((s, i) => s * (steps[i] as number));
  strideCopy(
    rt,
    bytes,
    shape,
    stridesOf(shape, bytes),
    storage.ptr,
    out + dot(starts, whole),
    into,
  );
  return out;
};

const concat: CpuKernel = (rt, inputs, attrs, spec) => {
  const { axis } = attrs as { readonly axis: number };
  const bytes = bytesOf(spec.dtype);
  const out = allocate(rt, spec.dtype, sizeOf(spec.shape));
  const into = stridesOf(spec.shape, bytes);
  let at = out;
  for (const x of inputs) {
    strideCopy(rt, bytes, x.shape, stridesOf(x.shape, bytes), x.storage.ptr, at, into);
    at += (x.shape[axis] as number) * (into[axis] as number);
  }
  return out;
};

const split: CpuKernelMany = (rt, [x], attrs, specs) => {
  const { shape, dtype, storage } = x as Operand;
  const { axis } = attrs as { readonly axis: number };
  const bytes = bytesOf(dtype);
  const steps = stridesOf(shape, bytes);
  let at = storage.ptr;
  return specs.map((spec) => {
    const out = allocate(rt, dtype, sizeOf(spec.shape));
    if (sizeOf(spec.shape) > 0) strideCopy(rt, bytes, spec.shape, steps, at, out);
    at += (spec.shape[axis] as number) * (steps[axis] as number);
    return out;
  });
};

export const movement: Readonly<Record<string, CpuKernel>> = {
  slice,
  flip,
  place,
  concat,
};
export const movementMany: Readonly<Record<string, CpuKernelMany>> = { split };
