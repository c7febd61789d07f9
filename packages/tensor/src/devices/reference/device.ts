/**
 * @file The reference device: each op's plain TypeScript over typed arrays. The oracle for every
 * other device.
 */
import { type DType, dtypes, makeArray, type TypedArray } from "../../dtype.js";
import { DeviceError } from "../../errors.js";
import { Storage } from "../../memory.js";
import { contiguousOp, type Op } from "../../op.js";
import { matmul } from "../../ops/matmul.js";
import { sizeOf } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Device, DeviceMemory, Spec, View } from "../device.js";

/** Whether an op's plain TypeScript walks strides itself: by the op, as users may reuse a name. */
export function walksStrides(op: unknown): boolean {
  return op === contiguousOp || op === matmul.op;
}

/** Runs an op's plain TypeScript: `views` in, `outs` (zero-filled) out. */
export function runReference(op: Op, views: readonly View[], attrs: unknown, out: View): void {
  if (op.reference === undefined) {
    throw new DeviceError(op.name, "this op has no plain TypeScript to run");
  }
  op.reference(views, attrs, out);
}

/** The same for ops of several results. */
export function runReferenceMany(
  op: Op,
  views: readonly View[],
  attrs: unknown,
  outs: readonly View[],
): void {
  if (op.referenceMany === undefined) {
    throw new DeviceError(op.name, "this op has no plain TypeScript to run");
  }
  op.referenceMany(views, attrs, outs);
}

function viewOf(x: Tensor): View {
  const data = x.storage.data as TypedArray;
  return {
    shape: x.shape,
    dtype: x.dtype,
    strides: x.strides,
    data: x.strides === null ? data.subarray(0, x.size) : data,
  };
}

/** A device of typed arrays on JavaScript's own heap. */
export function createReferenceDevice(name = "reference"): Device {
  let bytes = 0;
  const hold = (data: TypedArray, dtype: DType): Storage => {
    bytes += data.byteLength;
    return new Storage(device, dtype, data.length, 0, data);
  };
  const blank = (spec: Spec): View => ({
    ...specOf(spec),
    strides: null,
    data: makeArray(spec.dtype, sizeOf(spec.shape)),
  });
  const device: Device = {
    name,
    dtypes,
    strided: true,
    acceptsStrides: walksStrides,
    run(op, inputs, attrs, spec) {
      const out = blank(spec);
      runReference(op, inputs.map(viewOf), attrs, out);
      return hold(out.data, spec.dtype);
    },
    runMany(op, inputs, attrs, specs) {
      const outs = specs.map(blank);
      runReferenceMany(op, inputs.map(viewOf), attrs, outs);
      return outs.map((out) => hold(out.data, out.dtype));
    },
    upload: (data, dtype) => {
      const copy = makeArray(dtype, data.length);
      copy.set(data);
      return hold(copy, dtype);
    },
    release(storage) {
      bytes -= (storage.data as TypedArray).byteLength;
    },
    async read(storage, size) {
      return device.readSync(storage, size);
    },
    readSync: (storage, size) => (storage.data as TypedArray).slice(0, size),
    memory: (): DeviceMemory => ({ bytes, reserved: bytes }),
  };
  return device;
}

function specOf(spec: Spec): Spec {
  return { shape: spec.shape, dtype: spec.dtype };
}
