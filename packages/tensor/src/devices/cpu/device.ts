/**
 * @file The CPU device: tensors in WebAssembly memory, a kernel per op, and plain TypeScript over
 * the same memory for the rest.
 */
import {
  bytesOf,
  type DType,
  dtypes,
  makeArray,
  type TypedArray,
  viewArray,
} from "../../base/dtype.js";
import { sizeOf } from "../../base/shape.js";
import type { Donated, HomeDevice, Op, Operand, Spec, Storage, View } from "../../core/contract.js";
import { Storage as Block } from "../../core/storage.js";

import { commonFamilies, opsOf } from "../../ops/families.js";
import { runReference } from "../reference/device.js";
import { convolution } from "./convolution.js";
import { type Accepts, accepting, elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { type CpuKernel, type CpuKernelMany, FALLBACK, overwritten } from "./kernel.js";
import { matmul } from "./matmul.js";
import { materialize, movement, movementMany } from "./movement.js";
import { reduce } from "./reduce.js";
import { rows } from "./rows.js";
import { crewRuntime, type Runtime, runtime } from "./runtime.js";
import { update, updateMany } from "./update.js";

const KERNELS: ReadonlyMap<string, CpuKernel> = new Map(
  Object.entries({
    ...convolution,
    ...elementwise,
    ...indexing,
    ...movement,
    ...reduce,
    ...rows,
    ...update,
    matmul,
  }),
);
const KERNELS_MANY: ReadonlyMap<string, CpuKernelMany> = new Map(
  Object.entries({ ...movementMany, ...updateMany }),
);
/** What the tables above say of the built-in ops. An op of a user's own may bear the same name. */
interface Known {
  readonly kernel: CpuKernel | undefined;
  readonly many: CpuKernelMany | undefined;
  readonly accepts: Accepts | undefined;
}

function knownOps(): ReadonlyMap<Op, Known> {
  return new Map(
    [...opsOf(commonFamilies).values()].map((op) => {
      const { name } = op;
      const accepts = name === "matmul" ? () => true : accepting[name];
      return [op, { kernel: KERNELS.get(name), many: KERNELS_MANY.get(name), accepts }];
    }),
  );
}

/** Small uploads go element by element: a call of TypedArray.set costs more than a few stores. */
const SMALL = 16;
/** Elements of an operand or a result from which an op may be worth more than one thread. */
const LARGE = 8192;

/** Where an op runs: on this thread alone, or on all of them when it is large. */
function runtimeFor(inputs: readonly Operand[], size: number): Runtime {
  if (size >= LARGE) return crewRuntime();
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as Operand).size >= LARGE) return crewRuntime();
  }
  return runtime();
}

export function createCpuDevice(): HomeDevice {
  const rt = runtime();
  const { heap } = rt;
  const known = knownOps();
  const hold = (dtype: DType, size: number, ptr: number): Storage =>
    new Block(device, dtype, size, ptr, null);
  const device: HomeDevice = {
    name: "cpu",
    dtypes,
    strided: true,
    accepts: (op, operands, i) => known.get(op)?.accepts?.(operands, i) === true,
    runOne(op, operands, attrs, spec, donated) {
      const kernel = known.get(op)?.kernel ?? op.kernels?.cpu;
      const size = sizeOf(spec.shape);
      if (kernel !== undefined && size > 0 && noneEmpty(operands)) {
        const mark = heap.begin();
        let ptr: number;
        try {
          ptr = kernel(runtimeFor(operands, size), operands, attrs, spec, donated);
        } catch (error) {
          heap.undo(mark);
          throw error;
        }
        heap.end(mark);
        if (ptr >= 0) return hold(spec.dtype, size, ptr);
        const own = overwritten(operands, ptr);
        if (own !== undefined) return own.storage;
      }
      return hold(spec.dtype, size, fallback(rt, op, operands, attrs, [spec])[0] as number);
    },
    run(op, operands, attrs, specs, donated) {
      const found = known.get(op);
      const kernel = found?.kernel ?? op.kernels?.cpu;
      const ptrs =
        computed(rt, kernel, found?.many, operands, attrs, specs, donated) ??
        fallback(rt, op, operands, attrs, specs);
      return specs.map((spec, i) => {
        const ptr = ptrs[i] as number;
        const own = overwritten(operands, ptr);
        return own?.storage ?? hold(spec.dtype, sizeOf(spec.shape), ptr);
      });
    },
    materialize: (x) =>
      hold(
        x.dtype,
        x.size,
        undoing(rt, () => materialize(rt, x)),
      ),
    fromNumber(value, dtype) {
      const ptr = heap.alloc(bytesOf(dtype));
      if (dtype === "float32") heap.f32[ptr >>> 2] = value;
      else if (dtype === "float64") heap.f64[ptr >>> 3] = value;
      else if (dtype === "int32") heap.i32[ptr >>> 2] = value;
      else heap.u8[ptr] = value;
      return hold(dtype, 1, ptr);
    },
    upload(data, dtype) {
      const ptr = heap.alloc(data.length * bytesOf(dtype));
      write(rt, data, dtype, ptr);
      return hold(dtype, data.length, ptr);
    },
    release: ({ ptr, size, dtype }) => heap.free(ptr, size * bytesOf(dtype)),
    read: async (storage, size) => device.readSync(storage, size),
    readSync({ dtype, ptr }, size) {
      const out = makeArray(dtype, size);
      out.set(viewArray(dtype, heap.memory.buffer, ptr, size));
      return out;
    },
    memory: () => ({ bytes: heap.used, reserved: heap.memory.buffer.byteLength }),
  };
  return device;
}

/** The addresses that a kernel gives; null where there is none, or none for these dtypes. */
function computed(
  rt: Runtime,
  kernel: CpuKernel | undefined,
  many: CpuKernelMany | undefined,
  operands: readonly Operand[],
  attrs: unknown,
  specs: readonly Spec[],
  donated: Donated,
): readonly number[] | null {
  if ((kernel === undefined && many === undefined) || !noneEmpty(operands)) return null;
  if (many !== undefined) {
    return undoing(rt, () => many(runtimeFor(operands, 0), operands, attrs, specs, donated));
  }
  const spec = specs[0] as Spec;
  const size = sizeOf(spec.shape);
  if (kernel === undefined || size === 0) return null;
  const ptr = undoing(rt, () => kernel(runtimeFor(operands, size), operands, attrs, spec, donated));
  return ptr === FALLBACK ? null : [ptr];
}

/** Runs a kernel; when it fails, the blocks that it took go back. */
function undoing<R>({ heap }: Runtime, run: () => R): R {
  const mark = heap.begin();
  let made: R;
  try {
    made = run();
  } catch (error) {
    heap.undo(mark);
    throw error;
  }
  heap.end(mark);
  return made;
}

function noneEmpty(inputs: readonly Operand[]): boolean {
  for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Operand).size === 0) return false;
  return true;
}

function write({ heap }: Runtime, data: TypedArray, dtype: DType, ptr: number): void {
  if (data.length > SMALL) {
    viewArray(dtype, heap.memory.buffer, ptr, data.length).set(data);
    return;
  }
  const [view, shift] =
    dtype === "float32"
      ? [heap.f32, 2]
      : dtype === "float64"
        ? [heap.f64, 3]
        : dtype === "int32"
          ? [heap.i32, 2]
          : [heap.u8, 0];
  const at = ptr >>> shift;
  for (let i = 0; i < data.length; i++) view[at + i] = data[i] as number;
}

/** The op's plain TypeScript over views of WASM memory. Returns the addresses of its results. */
function fallback(
  rt: Runtime,
  op: Op,
  operands: readonly Operand[],
  attrs: unknown,
  specs: readonly Spec[],
): number[] {
  return undoing(rt, () => {
    const { heap } = rt;
    const bytes = specs.map((spec) => sizeOf(spec.shape) * bytesOf(spec.dtype));
    // before any view: growing the memory detaches them
    const ptrs = bytes.map((n) => heap.alloc(n));
    const { buffer } = heap.memory;
    const outs: View[] = specs.map(({ shape, dtype }, i) => {
      const data = viewArray(dtype, buffer, ptrs[i] as number, sizeOf(shape));
      rt.core.clear(ptrs[i] as number, bytes[i] as number);
      return { shape, dtype, strides: null, data };
    });
    const views = operands.map(({ shape, dtype, strides, size, storage }): View => {
      const data = viewArray(dtype, buffer, storage.ptr, strides === null ? size : storage.size);
      return { shape, dtype, strides, data };
    });
    runReference(op, views, attrs, outs);
    return ptrs;
  });
}
