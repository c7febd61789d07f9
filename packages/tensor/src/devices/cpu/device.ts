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
import { MAX_BYTES } from "./heap.js";
import {
  type CpuKernel,
  type CpuKernelMany,
  FALLBACK,
  type OpKernel,
  overwritten,
} from "./opKernel.js";
import { materialize } from "./ops/strideCopy.js";
import { kernels } from "./ops/table.js";
import { allocate, crewRuntime, type Runtime, runtime } from "./runtime.js";

type KernelsByName = Readonly<Record<string, CpuKernel | OpKernel | undefined>>;

/** The kernels of the common families by op: an op of a user's own may have the same name. */
export function kernelsByOp(): ReadonlyMap<Op, OpKernel> {
  const known = new Map<Op, OpKernel>();
  for (const [family, members] of Object.entries(commonFamilies)) {
    const own: KernelsByName = kernels[family as keyof typeof kernels] ?? {};
    for (const [name, op] of opsOf(members)) {
      const kernel = own[name];
      if (kernel !== undefined)
        known.set(op, typeof kernel === "function" ? { one: kernel } : kernel);
    }
  }
  return known;
}

/** Small uploads go element by element: a call of TypedArray.set costs more than a few stores. */
const SMALL = 16;
/** Elements of an operand or a result from which an op may be worth more than one thread. */
export const LARGE = 8192;

/** Where an op runs: on this thread alone, or on all of them when it is large. */
function runtimeFor(inputs: readonly Operand[], size: number): Runtime {
  if (size >= LARGE) return crewRuntime();
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as Operand).size >= LARGE) return crewRuntime();
  }
  return runtime();
}

type Hold = (dtype: DType, size: number, ptr: number) => Storage;
type Place = (ptr: number, operands: readonly Operand[], dtype: DType, size: number) => Storage;

/** Computes an op with one result, as nearly every step of a program does. */
function oneResult(
  rt: Runtime,
  kernelOf: ReturnType<typeof kernelsByOp>,
  hold: Hold,
  place: Place,
): NonNullable<HomeDevice["runOne"]> {
  const { heap } = rt;
  return (op, operands, attrs, spec, donated) => {
    const known = kernelOf.get(op);
    const kernel = known === undefined ? op.kernels?.cpu : known.one;
    const size = sizeOf(spec.shape);
    if (kernel !== undefined && size > 0 && noneEmpty(operands)) {
      const mark = heap.begin(); // when the kernel fails, the blocks that it took go back
      let ptr: number;
      try {
        ptr = kernel(runtimeFor(operands, size), operands, attrs, spec, donated);
      } catch (error) {
        heap.undo(mark);
        throw error;
      }
      heap.end(mark);
      if (ptr !== FALLBACK) return place(ptr, operands, spec.dtype, size);
    }
    const [ptr] = fallback(rt, op, operands, attrs, [spec]);
    return hold(spec.dtype, size, ptr as number);
  };
}

export function createCpuDevice(): HomeDevice {
  const rt = runtime();
  const kernelOf = kernelsByOp();
  const hold: Hold = (dtype, size, ptr) => new Block(device, dtype, size, ptr, null);
  const place: Place = (ptr, operands, dtype, size) =>
    overwritten(operands, ptr)?.storage ?? hold(dtype, size, ptr);
  const runOne = oneResult(rt, kernelOf, hold, place);
  const device: HomeDevice = {
    name: "cpu",
    dtypes,
    maxBytes: MAX_BYTES,
    strided: true,
    accepts: (op, operands, i) => kernelOf.get(op)?.accepts?.(operands, i) === true,
    runOne,
    run(op, operands, attrs, specs, donated) {
      const [spec] = specs;
      if (op.inferMany === undefined && spec !== undefined) {
        return [runOne(op, operands, attrs, spec, donated)];
      }
      const kernel = kernelOf.get(op)?.many ?? op.kernels?.cpuMany;
      const ptrs =
        computed(rt, kernel, operands, attrs, specs, donated) ??
        fallback(rt, op, operands, attrs, specs);
      return specs.map(({ shape, dtype }, i) =>
        place(ptrs[i] as number, operands, dtype, sizeOf(shape)),
      );
    },
    materialize: (x) =>
      hold(
        x.dtype,
        x.size,
        undoing(rt, () => materialize(rt, x)),
      ),
    ...dataOf(rt, hold),
  };
  return device;
}

/** How values come into the memory and out of it. */
function dataOf(
  rt: Runtime,
  hold: Hold,
): Pick<HomeDevice, "fromNumber" | "upload" | "release" | "read" | "readSync" | "memory"> {
  const { heap } = rt;
  const readSync = ({ dtype, ptr }: Storage, size: number): TypedArray => {
    const out = makeArray(dtype, size);
    out.set(viewArray(dtype, heap.memory.buffer, ptr, size));
    return out;
  };
  return {
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
    read: async (storage, size) => readSync(storage, size),
    readSync,
    memory: () => ({ bytes: heap.used, reserved: heap.memory.buffer.byteLength }),
  };
}

/** What a kernel of several results gives; null where there is none, or none for these dtypes. */
function computed(
  rt: Runtime,
  kernel: CpuKernelMany | undefined,
  operands: readonly Operand[],
  attrs: unknown,
  specs: readonly Spec[],
  donated: Donated,
): readonly number[] | null {
  if (kernel === undefined || !noneEmpty(operands)) return null;
  return undoing(rt, () => kernel(runtimeFor(operands, 0), operands, attrs, specs, donated));
}

/** Runs `compute`; when it fails, the blocks that it took go back. */
function undoing<R>({ heap }: Runtime, compute: () => R): R {
  const mark = heap.begin();
  try {
    const made = compute();
    heap.end(mark);
    return made;
  } catch (error) {
    heap.undo(mark);
    throw error;
  }
}

function noneEmpty(inputs: readonly Operand[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as Operand).size === 0) return false;
  }
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
): readonly number[] {
  return undoing(rt, () => {
    // before any view: growing the memory detaches them
    const ptrs = specs.map(({ shape, dtype }) => allocate(rt, dtype, sizeOf(shape)));
    const { buffer } = rt.heap.memory;
    const outs = specs.map(({ shape, dtype }, i): View => {
      const size = sizeOf(shape);
      const ptr = ptrs[i] as number;
      rt.core.clear(ptr, size * bytesOf(dtype));
      return { shape, dtype, strides: null, data: viewArray(dtype, buffer, ptr, size) };
    });
    const views = operands.map(({ shape, dtype, strides, size, storage }): View => {
      const data = viewArray(dtype, buffer, storage.ptr, strides === null ? size : storage.size);
      return { shape, dtype, strides, data };
    });
    runReference(op, views, attrs, outs);
    return ptrs;
  });
}
