/** @file Copies from one layout to another, of elements of 1, 4 or 8 bytes, and fills. */
import { bytesOf, type DType } from "../../../base/dtype.js";
import { contiguousStrides, type Shape } from "../../../base/shape.js";
import type { Operand } from "../../../core/contract.js";
import { allocate, type Runtime } from "../runtime.js";
import { mergeStrides, padWalk, writeWalk } from "../strides.js";

/** Copies `shape` from strides `steps` (bytes) to strides `into` (contiguous when absent). */
export function strideCopy(
  rt: Runtime,
  bytes: number,
  shape: Shape,
  steps: readonly number[],
  from: number,
  to: number,
  into: readonly number[] = byteStrides(shape, bytes),
): void {
  const walk = mergeStrides(shape, steps, into);
  padWalk(1);
  const { rank, length, strides } = walk;
  // The source's contiguous axis goes next to the destination's: together they are a matrix to
  // transpose.
  const [src, dst] = strides;
  for (let d = 2; d < rank; d++) {
    if (src[d] !== bytes || src[0] === bytes) continue;
    for (const list of [length, src, dst]) {
      const own = list[d] as number;
      list.copyWithin(2, 1, d);
      list[1] = own;
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
export function byteStrides(shape: Shape, bytes: number): number[] {
  return contiguousStrides(shape).map((s) => s * bytes);
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
