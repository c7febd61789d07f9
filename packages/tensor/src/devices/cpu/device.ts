/**
 * @file The CPU device: tensors in WebAssembly memory, a kernel per op, and plain TypeScript over
 * the same memory for the rest.
 */
import { bytesOf, type DType, dtypes, makeArray, type TypedArray, viewArray } from "../../dtype.js";
import { retain, Storage } from "../../memory.js";
import { contiguous, contiguousOp, type Op } from "../../op.js";
import { commonFamilies, opsOf } from "../../ops/families.js";
import { sizeOf } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Device, Spec, View } from "../device.js";
import { runReference, runReferenceMany, walksStrides } from "../reference/device.js";
import { convolution } from "./convolution.js";
import { BROADCASTING, elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { matmul } from "./matmul.js";
import { movement, movementMany } from "./movement.js";
import { reduce } from "./reduce.js";
import { rows } from "./rows.js";
import { crewRuntime, type Runtime, runtime } from "./runtime.js";
import type { CpuKernel, CpuKernelMany } from "./table.js";
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
/** Ops whose kernels walk strides. */
const STRIDED: ReadonlySet<string> = new Set([
  "matmul",
  contiguousOp.name,
  ...BROADCASTING,
  "where",
]);

/** What the tables above say of the built-in ops. An op of a user's own may bear the same name. */
interface Known {
  readonly kernel: CpuKernel | undefined;
  readonly many: CpuKernelMany | undefined;
  readonly strided: boolean;
}

function knownOps(): ReadonlyMap<Op, Known> {
  const ops = [...opsOf(commonFamilies).values(), contiguousOp as unknown as Op];
  return new Map(
    ops.map((op) => {
      const { name } = op;
      const strided = STRIDED.has(name);
      return [op, { kernel: KERNELS.get(name), many: KERNELS_MANY.get(name), strided }];
    }),
  );
}

/** Small uploads go element by element: a call of TypedArray.set costs more than a few stores. */
const SMALL = 16;
/** Elements of an operand or a result from which an op may be worth more than one thread. */
const LARGE = 8192;

/** Where an op runs: on this thread alone, or on all of them when it is large. */
function runtimeFor(inputs: readonly Tensor[], size: number): Runtime {
  if (size >= LARGE) return crewRuntime();
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as Tensor).size >= LARGE) return crewRuntime();
  }
  return runtime();
}

export function createCpuDevice(): Device {
  const rt = runtime();
  const { heap } = rt;
  const known = knownOps();
  const hold = (dtype: DType, size: number, ptr: number) =>
    new Storage(device, dtype, size, ptr, null);
  const device: Device = {
    name: "cpu",
    dtypes,
    strided: true,
    acceptsStrides: (op) => known.get(op)?.strided === true,
    run(op, inputs, attrs, spec) {
      const size = sizeOf(spec.shape);
      const kernel = known.get(op)?.kernel ?? op.cpu;
      if (kernel !== undefined && size > 0 && noneEmpty(inputs)) {
        const ptr = whole(rt, kernel, runtimeFor(inputs, size), inputs, attrs, spec);
        const first = (inputs[0] as Tensor).storage;
        if (ptr === first.ptr) return retain(first);
        if (ptr >= 0) return hold(spec.dtype, size, ptr);
      }
      const [ptr] = fallback(rt, op, inputs, attrs, [spec], false);
      return hold(spec.dtype, size, ptr as number);
    },
    runMany(op, inputs, attrs, specs) {
      const kernel = known.get(op)?.many;
      const found =
        kernel !== undefined && noneEmpty(inputs)
          ? whole(rt, kernel, runtimeFor(inputs, 0), inputs, attrs, specs)
          : null;
      const ptrs = found ?? fallback(rt, op, inputs, attrs, specs, true);
      return specs.map((spec, i) => {
        const ptr = ptrs[i] as number;
        const own = inputs.find((x) => x.storage.ptr === ptr);
        return own === undefined ? hold(spec.dtype, sizeOf(spec.shape), ptr) : retain(own.storage);
      });
    },
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

/** Runs a kernel; when it fails, the blocks that it took go back. */
function whole<S, R>(
  { heap }: Runtime,
  kernel: (rt: Runtime, inputs: readonly Tensor[], attrs: unknown, spec: S) => R,
  on: Runtime,
  inputs: readonly Tensor[],
  attrs: unknown,
  spec: S,
): R {
  const mark = heap.begin();
  let made: R;
  try {
    made = kernel(on, inputs, attrs, spec);
  } catch (error) {
    heap.undo(mark);
    throw error;
  }
  heap.end(mark);
  return made;
}

function noneEmpty(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Tensor).size === 0) return false;
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
  inputs: readonly Tensor[],
  attrs: unknown,
  specs: readonly Spec[],
  many: boolean,
): number[] {
  if (!walksStrides(op)) inputs.forEach((x) => void contiguous(x));
  const run = () => {
    const { heap } = rt;
    const bytes = specs.map((spec) => sizeOf(spec.shape) * bytesOf(spec.dtype));
    const ptrs = bytes.map((n) => heap.alloc(n)); // before any view: growing the memory detaches them
    const { buffer } = heap.memory;
    const outs: View[] = specs.map(({ shape, dtype }, i) => {
      const data = viewArray(dtype, buffer, ptrs[i] as number, sizeOf(shape));
      rt.core.clear(ptrs[i] as number, bytes[i] as number);
      return { shape, dtype, strides: null, data };
    });
    const views = inputs.map(({ shape, dtype, strides, size, storage }): View => {
      const data = viewArray(dtype, buffer, storage.ptr, strides === null ? size : storage.size);
      return { shape, dtype, strides, data };
    });
    if (many) runReferenceMany(op, views, attrs, outs);
    else runReference(op, views, attrs, outs[0] as View);
    return ptrs;
  };
  return whole(rt, run, rt, inputs, attrs, specs);
}
