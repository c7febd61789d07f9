/** @file Tensors from JavaScript values and from formulas. Knows no op. */
import { getDevice } from "./devices/registry.js";
import { bytesOf, checkDType, type DType, makeArray, type TypedArray } from "./dtype.js";
import { DTypeError, ShapeError, UsageError } from "./errors.js";
import type { Nested } from "./format.js";
import { expectTensor } from "./op.js";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

/** Where and as what a tensor is made. */
export interface TensorOptions {
  /** float32 unless said or plain from the values. */
  readonly dtype?: DType;
  /** Name of a device; the default device when absent. */
  readonly device?: string;
}

/** Values that `tensor` takes. */
export type TensorValues = Nested | ArrayBufferView | Tensor;

/** A tensor over values in row-major order; the array and the shape are copied. */
export function fromTypedArray(
  data: TypedArray,
  shape: Shape,
  dtype: DType,
  device?: string,
): Tensor {
  const target = getDevice(device);
  if (!target.dtypes.includes(dtype)) {
    throw new DTypeError(
      "tensor",
      `the device ${target.name} does not hold ${dtype}`,
      `it holds ${target.dtypes.join(", ")}: give one of these as dtype`,
    );
  }
  return new Tensor([...shape], dtype, target.upload(data, dtype), null);
}

/**
 * A tensor from nested arrays, a typed array, or a number. Numbers become float32, booleans bool, and typed
 * arrays keep their kind (integer arrays become int32); `dtype` overrules.
 *
 * @throws ShapeError when nested rows differ in length, or `shape` does not fit the values.
 * @example
 * tensor([[1, 2], [3, 4]]).shape; // [2,2]
 * tensor([true, false]).dtype; // bool
 */
export function tensor(
  values: TensorValues,
  options: TensorOptions & { readonly shape?: Shape } = {},
): Tensor {
  if (options.dtype !== undefined) checkDType("tensor", options.dtype);
  if (values instanceof Tensor) {
    const dtype = options.dtype ?? values.dtype;
    return fromTypedArray(convert(values.dataSync(), dtype), values.shape, dtype, options.device);
  }
  if (ArrayBuffer.isView(values)) return fromView(values, options);
  const found: number[] = [];
  const shape = measure(values);
  const kind = flatten(values, shape, 0, found);
  const dtype = options.dtype ?? (kind === "boolean" ? "bool" : "float32");
  const given = options.shape ?? shape;
  checkSize(found.length, given);
  return fromTypedArray(convert(found, dtype), given, dtype, options.device);
}

function fromView(
  values: ArrayBufferView,
  options: TensorOptions & { readonly shape?: Shape },
): Tensor {
  if (values instanceof DataView || values instanceof BigInt64Array) {
    throw new DTypeError("tensor", `cannot read a ${values.constructor.name}`, "convert it first");
  }
  const array = values as TypedArray;
  const natural: DType =
    values instanceof Float64Array
      ? "float64"
      : values instanceof Float32Array
        ? "float32"
        : "int32";
  const dtype = options.dtype ?? natural;
  const shape = options.shape ?? [array.length];
  checkSize(array.length, shape);
  return fromTypedArray(convert(array, dtype), shape, dtype, options.device);
}

function checkSize(count: number, shape: Shape): void {
  checkShape("tensor", shape);
  if (sizeOf(shape) !== count) {
    throw new ShapeError(
      "tensor",
      `${count} values do not fill the shape ${formatShape(shape)} (${sizeOf(shape)} elements)`,
      "give as many values as the lengths multiply to, or leave the shape out",
    );
  }
}

function measure(values: Nested): number[] {
  const shape: number[] = [];
  let level: Nested | undefined = values;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

function flatten(values: Nested, shape: Shape, depth: number, out: number[]): string {
  if (!Array.isArray(values)) {
    if (depth < shape.length) throw ragged(shape, depth, "a number");
    if (typeof values !== "number" && typeof values !== "boolean") {
      throw new DTypeError("tensor", `cannot hold the value ${String(values)}`, "use numbers");
    }
    out.push(Number(values));
    return typeof values;
  }
  if (depth >= shape.length || values.length !== shape[depth]) {
    throw ragged(shape, depth, `a row of ${values.length}`);
  }
  let kind = "boolean";
  for (const value of values)
    if (flatten(value, shape, depth + 1, out) === "number") kind = "number";
  return values.length === 0 ? "number" : kind;
}

function ragged(shape: Shape, depth: number, found: string): ShapeError {
  return new ShapeError(
    "tensor",
    `rows differ: expected length ${shape[depth] ?? "none"} at depth ${depth}, found ${found}`,
    "every row of a tensor has the same length; pad the short ones",
  );
}

/** Values as elements of `dtype`: floats are truncated to int32, anything non-zero is true. */
export function convert(values: ArrayLike<number>, dtype: DType): TypedArray {
  const out = makeArray(dtype, values.length);
  if (dtype === "bool") {
    for (let i = 0; i < values.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
  } else {
    out.set(values);
  }
  return out;
}

/**
 * All elements equal to `value`.
 *
 * @example
 * full([2], 7).toString(); // Tensor(float32, [2]) [7, 7]
 */
export function full(shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor {
  return filled("full", shape, value, options);
}

function filled(op: string, shape: Shape, value: number | boolean, options: TensorOptions): Tensor {
  checkShape(op, shape);
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new DTypeError(
      op,
      `cannot hold the value ${String(value)}`,
      "give a number or a boolean",
    );
  }
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  checkDType(op, dtype);
  const size = sizeOf(shape);
  if (size * bytesOf(dtype) > 2 ** 33) {
    throw new ShapeError(
      op,
      `${formatShape(shape)} has ${size} elements: more than 8 GiB`,
      "work in smaller pieces",
    );
  }
  const number = dtype === "bool" ? (value ? 1 : 0) : Number(value);
  const target = getDevice(options.device);
  if (size === 1 && target.fromNumber !== undefined && target.dtypes.includes(dtype)) {
    return new Tensor([...shape], dtype, target.fromNumber(number, dtype), null);
  }
  const data = makeArray(dtype, size);
  if (number !== 0) data.fill(number);
  return fromTypedArray(data, shape, dtype, options.device);
}

/** All zeros. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled("zeros", shape, 0, options);
}

/** All ones. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled("ones", shape, 1, options);
}

/** `value` everywhere, with the shape, dtype and device of `x`. */
export function fullLike(x: Tensor, value: number, options: TensorOptions = {}): Tensor {
  return like("fullLike", x, value, options);
}

/** Zeros with the shape, dtype and device of `x`. */
export function zerosLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like("zerosLike", x, 0, options);
}

/** Ones with the shape, dtype and device of `x`. */
export function onesLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like("onesLike", x, 1, options);
}

function like(op: string, x: Tensor, value: number, options: TensorOptions): Tensor {
  expectTensor(op, x);
  return filled(op, x.shape, value, { dtype: x.dtype, device: x.device, ...options });
}

/**
 * `start, start + step, …` below `stop`; with one number `0 … stop − 1`. Whole numbers give int32.
 *
 * @throws UsageError for a step of 0, or what is no number.
 * @example
 * arange(3).toString(); // Tensor(int32, [3]) [0, 1, 2]
 * arange(2, { dtype: "float32" }).toString(); // Tensor(float32, [2]) [0, 1]
 * arange(1, 2, 0.5).toString(); // Tensor(float32, [2]) [1, 1.5]
 */
export function arange(stop: number, options?: TensorOptions): Tensor;
export function arange(start: number, stop: number, options?: TensorOptions): Tensor;
export function arange(
  start: number,
  stop: number | undefined,
  step: number,
  options?: TensorOptions,
): Tensor;
export function arange(
  start: number,
  ...more: readonly (number | TensorOptions | undefined)[]
): Tensor {
  const numbers = more.filter((m) => m === undefined || typeof m === "number");
  const options = (more.find((m) => typeof m === "object") ?? {}) as TensorOptions;
  const [stop, step = 1] = numbers as readonly (number | undefined)[];
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0 || !Number.isFinite((to - from) / step)) {
    throw new UsageError(
      "arange",
      `cannot step from ${from} to ${to} by ${step}`,
      "give arange(stop), arange(start, stop) or arange(start, stop, step), options last",
    );
  }
  const size = Math.max(0, Math.ceil((to - from) / step));
  const whole = Number.isInteger(from) && Number.isInteger(step) && Number.isInteger(to);
  const dtype = options.dtype ?? (whole ? "int32" : "float32");
  const data = makeArray(dtype, size);
  for (let i = 0; i < size; i++) data[i] = from + i * step;
  return fromTypedArray(data, [size], dtype, options.device);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included (`endpoint: false` leaves out `stop`).
 *
 * @example
 * linspace(0, 1, 3).toString(); // Tensor(float32, [3]) [0, 0.5, 1]
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options: TensorOptions & { readonly endpoint?: boolean } = {},
): Tensor {
  checkShape("linspace", [count]);
  const dtype = options.dtype ?? "float32";
  const data = makeArray(dtype, count);
  const parts = options.endpoint === false ? count : count - 1;
  for (let i = 0; i < count; i++) {
    data[i] = i === parts ? stop : start + ((stop - start) * i) / (parts || 1);
  }
  return fromTypedArray(data, [count], dtype, options.device);
}

/**
 * Ones on a diagonal, zeros elsewhere; `k > 0` shifts the diagonal to the right.
 *
 * @example
 * eye(2).toArray(); // [[1,0],[0,1]]
 */
export function eye(
  rows: number,
  columns = rows,
  options: TensorOptions & { readonly k?: number } = {},
): Tensor {
  checkShape("eye", [rows, columns]);
  const dtype = options.dtype ?? "float32";
  const data = makeArray(dtype, rows * columns);
  const k = options.k ?? 0;
  for (let i = Math.max(0, -k); i < rows && i + k < columns; i++) data[i * columns + i + k] = 1;
  return fromTypedArray(data, [rows, columns], dtype, options.device);
}
