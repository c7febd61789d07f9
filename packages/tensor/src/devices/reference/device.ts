/**
 * @file The reference device: each op's plain TypeScript over typed arrays. The oracle for every
 * other device.
 */
import { type DType, dtypes, makeArray, type TypedArray } from "../../base/dtype.js";
import { DeviceError } from "../../base/errors.js";
import { contiguousStrides, sizeOf, walkStrides } from "../../base/shape.js";
import type {
  DeviceMemory,
  HomeDevice,
  Op,
  Operand,
  Spec,
  Storage,
  View,
} from "../../core/contract.js";
import { Storage as Block } from "../../core/storage.js";

import { matmul } from "../../ops/matmul.js";

/** Runs an op's plain TypeScript: `views` in, `outs` (zero-filled) out. */
export function runReference(
  op: Op,
  views: readonly View[],
  attrs: unknown,
  outs: readonly View[],
): void {
  const [out] = outs;
  if (op.referenceMany !== undefined) op.referenceMany(views, attrs, outs);
  else if (op.reference !== undefined && out !== undefined) op.reference(views, attrs, out);
  else
    throw new DeviceError(op.name, "this op has no plain TypeScript to run", "give it reference");
}

/** Writes the elements of a strided view, row-major, to `out`. */
function copyElements({ shape, strides, data }: View, out: TypedArray): void {
  walkStrides(shape, [strides ?? contiguousStrides(shape)], (k, [at]) => {
    out[k] = data[at as number] as number;
  });
}

function viewOf({ shape, dtype, size, strides, storage }: Operand): View {
  const data = storage.data as TypedArray;
  return { shape, dtype, strides, data: strides === null ? data.subarray(0, size) : data };
}

function blank({ shape, dtype }: Spec): View {
  return { shape, dtype, strides: null, data: makeArray(dtype, sizeOf(shape)) };
}

/** A device of typed arrays on JavaScript's own heap. */
export function createReferenceDevice(name = "reference"): HomeDevice {
  let bytes = 0;
  const hold = (data: TypedArray, dtype: DType): Storage => {
    bytes += data.byteLength;
    return new Block(device, dtype, data.length, 0, data);
  };
  const device: HomeDevice = {
    name,
    dtypes,
    maxBytes: 2 ** 32,
    strided: true,
    accepts: (op) => op === matmul.op,
    run(op, operands, attrs, specs) {
      const outs = specs.map(blank);
      runReference(op, operands.map(viewOf), attrs, outs);
      return outs.map((out) => hold(out.data, out.dtype));
    },
    materialize(x) {
      const data = makeArray(x.dtype, x.size);
      copyElements(viewOf(x), data);
      return hold(data, x.dtype);
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
