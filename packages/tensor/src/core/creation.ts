/** @file Where values come in: typed arrays and numbers become tensors. Knows no op. */
import { checkDType, checkNumber, type DType, makeArray, type TypedArray } from "../base/dtype.js";
import { DTypeError, ShapeError } from "../base/errors.js";
import { shown, worded } from "../base/options.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../base/shape.js";
import type { Device } from "./contract.js";
import { fromStorage } from "./handle.js";
import { getDevice } from "./registry.js";
import { roomOn } from "./storage.js";
import type { Tensor } from "./tensor.js";

/** Where and as what a tensor is made. */
export interface TensorOptions {
  /** Default: as the values say, else float32. */
  readonly dtype?: DType | undefined;
  /** Name of a device; default: the default device. */
  readonly device?: string | undefined;
}

/** The number of elements of a shape; throws when the device cannot hold them. */
export function roomFor(op: string, shape: Shape, dtype: DType, device?: string): number {
  checkDType(op, dtype);
  return roomOn(op, shape, dtype, getDevice(device, op), ShapeError);
}

/** A tensor over values in row-major order; the array and the shape are copied. */
export function fromTypedArray(
  data: TypedArray,
  shape: Shape,
  dtype: DType,
  device?: string,
): Tensor {
  const target = getDevice(device);
  expectHeld(target, dtype);
  checkShape("tensor", shape);
  if (!ArrayBuffer.isView(data) || data.length !== sizeOf(shape)) {
    const what = ArrayBuffer.isView(data) ? `${data.length} values` : shown(data);
    const problem = `${what} do not fill the shape ${formatShape(shape)}`;
    throw new ShapeError("tensor", problem, "give a typed array of as many elements");
  }
  return fromStorage({ shape: shape.slice(), dtype }, target.upload(data, dtype), "create");
}

/** A tensor of one element; `shape` holds ones only. Outside of every scope unless `scoped`. */
export function fromNumber(
  value: number,
  shape: Shape,
  dtype: DType,
  target: Device,
  scoped = true,
): Tensor {
  expectHeld(target, dtype);
  const storage =
    target.fromNumber?.(value, dtype) ?? target.upload(convert("tensor", [value], dtype), dtype);
  return fromStorage({ shape, dtype }, storage, "create", null, scoped);
}

function expectHeld(target: Device, dtype: DType): void {
  if (!target.dtypes.includes(dtype)) {
    throw new DTypeError(
      "tensor",
      `the device ${target.name} does not hold ${worded(dtype)}`,
      `it holds ${target.dtypes.join(", ")}: give one of these as dtype`,
    );
  }
}

/** Numbers as elements of `dtype`: fractions are dropped for int32, anything non-zero is true. */
export function convert(op: string, values: ArrayLike<number>, dtype: DType): TypedArray {
  const out = makeArray(dtype, values.length);
  if (dtype === "bool") {
    for (let i = 0; i < values.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
  } else {
    if (dtype === "int32" && !(values instanceof Int32Array)) {
      for (let i = 0; i < values.length; i++) checkNumber(op, values[i] as number, dtype);
    }
    out.set(values);
  }
  return out;
}
