/** @file What only the host can compute: ops without a kernel that can be recorded. */
import { kernelsByOp, type Runtime } from "@isograd/tensor/cpu";
import {
  bytesOf,
  FALLBACK,
  type Operand,
  runReference,
  Storage,
  sizeOf,
  type View,
  viewArray,
} from "@isograd/tensor/engine";
import type { Host, Place } from "./steps.js";
import { homeDevice } from "./trace.js";

/** Computes an instruction as the device does, and puts its results where they belong. */
export function compute(rt: Runtime, step: Host, address: (p: Place) => number): void {
  const { instruction, operands, results } = step;
  const { op, attrs } = instruction;
  const specs = results.map(({ spec }) => spec);
  const blocks: Operand[] = operands.map((own) => {
    const { shape, dtype, strides } = own;
    const size = sizeOf(shape);
    const capacity = own.block.bytes / bytesOf(dtype);
    const storage = new Storage(homeDevice(), dtype, capacity, address(own), null);
    return { shape, dtype, strides, size, storage };
  });
  const kernel = kernelFor(step);
  const empty = [
    ...blocks.map(({ size }) => size),
    ...specs.map(({ shape }) => sizeOf(shape)),
  ].includes(0);
  if (kernel !== undefined && !empty) {
    const [{ shape, dtype }] = specs as [(typeof specs)[0]];
    const ptr = kernel(rt, blocks, attrs.now, { shape, dtype }, null);
    if (ptr !== FALLBACK) {
      const bytes = sizeOf(shape) * bytesOf(dtype);
      rt.core.move(address(results[0] as Place), ptr, bytes);
      rt.heap.free(ptr, bytes);
      return;
    }
  }
  const { buffer } = rt.heap.memory;
  const outs = results.map((own): View => {
    const { shape, dtype } = own.spec;
    const at = address(own);
    rt.core.clear(at, sizeOf(shape) * bytesOf(dtype));
    return { shape, dtype, strides: null, data: viewArray(dtype, buffer, at, sizeOf(shape)) };
  });
  const views = blocks.map(({ shape, dtype, strides, size, storage }): View => {
    const length = strides === null ? size : storage.size;
    return { shape, dtype, strides, data: viewArray(dtype, buffer, storage.ptr, length) };
  });
  runReference(op, views, attrs.now, outs);
}

const known = { kernels: null as ReturnType<typeof kernelsByOp> | null };

/** The kernel of an instruction that reads memory by itself; undefined for plain TypeScript. */
function kernelFor({ instruction: { op } }: Host) {
  known.kernels ??= kernelsByOp();
  const own = known.kernels.get(op);
  return own === undefined ? op.kernels?.cpu : own.one;
}
