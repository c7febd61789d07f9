/**
 * @file Tensors from JavaScript values and from formulas. They get their memory in
 * core/creation.ts, not by an op.
 *
 * @noMethod
 */

import {
  checkDType,
  checkNumber,
  type DType,
  makeArray,
  nearestInt32,
  type TypedArray,
} from "../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../base/errors.js";
import { given, noMore, shown, worded } from "../base/options.js";
import type { Nested } from "../base/print/format.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../base/shape.js";
import {
  convert,
  fromNumber,
  fromTypedArray,
  roomFor,
  type TensorOptions,
} from "../core/creation.js";
import { expectTensor } from "../core/expect.js";
import { getDevice } from "../core/registry.js";
import { Tensor } from "../core/tensor.js";

/** Values that `tensor` takes. */
export type TensorValues = Nested | ArrayBufferView | Tensor;

/**
 * A tensor from nested arrays, a typed array, or a number. Numbers become float32, booleans bool,
 * and typed arrays keep their kind (integer arrays become int32), unless `dtype` is given. For
 * int32 fractions are dropped.
 *
 * @throws ShapeError when nested rows differ in length, or `shape` does not fit the values;
 * DTypeError for a number that int32 does not hold, and for bigints.
 * @example
 * tensor([[1, 2], [3, 4]]).shape; // [2,2]
 * tensor([true, false]).dtype; // bool
 */
export function tensor(
  values: TensorValues,
  options?: TensorOptions & { readonly shape?: Shape | undefined },
): Tensor {
  const chosen = given("tensor", options, "shape dtype device");
  if (chosen.dtype !== undefined) checkDType("tensor", chosen.dtype);
  if (values instanceof Tensor) {
    expectTensor("tensor", values);
    const { dtype = values.dtype, shape = values.shape, device } = chosen;
    checkSize(values.size, shape);
    const from = values.dataSync();
    const data =
      dtype === "int32" ? Int32Array.from(from, nearestInt32) : convert("tensor", from, dtype);
    return fromTypedArray(data, shape, dtype, device);
  }
  if (ArrayBuffer.isView(values)) return fromView(values, chosen);
  const found: number[] = [];
  const shape = measure(values);
  const kind = flatten(values, shape, 0, found);
  const dtype = chosen.dtype ?? (kind === "boolean" ? "bool" : "float32");
  const own = chosen.shape ?? shape;
  checkSize(found.length, own);
  return fromTypedArray(convert("tensor", found, dtype), own, dtype, chosen.device);
}

/** Whether a view is a list of numbers; no DataView, no bigints. */
function holdsNumbers(values: ArrayBufferView): values is TypedArray {
  return !(values instanceof DataView) && !values.constructor.name.startsWith("Big");
}

function fromView(
  values: ArrayBufferView,
  options: TensorOptions & { readonly shape?: Shape | undefined },
): Tensor {
  const kind = values.constructor.name;
  if (!holdsNumbers(values)) {
    const help = "convert it first, for example Float64Array.from(values, Number)";
    throw new DTypeError("tensor", `cannot read a ${kind}`, help);
  }
  const natural: DType =
    values instanceof Float64Array ? "float64" : kind.startsWith("Float") ? "float32" : "int32";
  const dtype = options.dtype ?? natural;
  const shape = options.shape ?? [values.length];
  checkSize(values.length, shape);
  return fromTypedArray(convert("tensor", values, dtype), shape, dtype, options.device);
}

function checkSize(count: number, shape: Shape): void {
  checkShape("tensor", shape);
  if (sizeOf(shape) !== count) {
    throw new ShapeError(
      "tensor",
      `${count} values do not fill the shape ${formatShape(shape)} (${sizeOf(shape)} elements)`,
      "give as many values, or leave the shape out",
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
      throw notNumber("tensor", values);
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

function notNumber(op: string, x: unknown): DTypeError {
  const what = typeof x === "bigint" ? `bigint ${x}` : `value ${worded(x)}`;
  return new DTypeError(op, `cannot hold the ${what}`, "give numbers or booleans");
}

/**
 * All elements equal to `value`; a number as shape stands for a vector of that length.
 *
 * @throws DTypeError for a number that int32 does not hold.
 * @example
 * full([2], 7).toString(); // Tensor(float32, [2]) [7, 7]
 */
export function full(
  shape: Shape | number,
  value: number | boolean,
  options?: TensorOptions,
): Tensor {
  return filled("full", shape, value, placed("full", options));
}

function placed(
  op: string,
  options: TensorOptions | undefined,
  surplus: readonly unknown[] = [],
): TensorOptions {
  noMore(op, surplus);
  return given(op, options, "dtype device");
}

/** The tensor of `full`, for an op of another name. @internal */
export function filled(
  op: string,
  lengths: Shape | number,
  value: number | boolean,
  options: TensorOptions,
): Tensor {
  const shape = typeof lengths === "number" ? [lengths] : lengths;
  checkShape(op, shape);
  if (typeof value !== "number" && typeof value !== "boolean") throw notNumber(op, value);
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  const size = roomFor(op, shape, dtype, options.device);
  checkNumber(op, Number(value), dtype);
  const number = dtype === "bool" ? Number(Number(value) !== 0) : Number(value);
  if (size === 1) return fromNumber(number, shape.slice(), dtype, getDevice(options.device));
  const data = makeArray(dtype, size);
  if (!Object.is(number, 0)) data.fill(number);
  return fromTypedArray(data, shape, dtype, options.device);
}

/**
 * All zeros.
 *
 * @example
 * zeros(3).toString(); // Tensor(float32, [3]) [0, 0, 0]
 */
export function zeros(shape: Shape | number, options?: TensorOptions): Tensor {
  return filled("zeros", shape, 0, placed("zeros", options));
}

/** All ones. */
export function ones(shape: Shape | number, options?: TensorOptions, ...surplus: []): Tensor {
  return filled("ones", shape, 1, placed("ones", options, surplus));
}

/** `value` everywhere, with the shape, dtype and device of `x`. */
export function fullLike(
  x: Tensor,
  value: number,
  options?: TensorOptions,
  ...surplus: []
): Tensor {
  return like("fullLike", x, value, options, surplus);
}

/** Zeros with the shape, dtype and device of `x`. */
export function zerosLike(x: Tensor, options?: TensorOptions): Tensor {
  return like("zerosLike", x, 0, options);
}

/** Ones with the shape, dtype and device of `x`. */
export function onesLike(x: Tensor, options?: TensorOptions): Tensor {
  return like("onesLike", x, 1, options);
}

function like(
  op: string,
  x: Tensor,
  value: number,
  options: TensorOptions | undefined,
  surplus?: readonly unknown[],
): Tensor {
  expectTensor(op, x, surplus);
  const { dtype = x.dtype, device = x.device } = placed(op, options);
  return filled(op, x.shape, value, { dtype, device });
}

/**
 * `start, start + step, …` below `stop`; with one number `0 … stop − 1`. Whole numbers give int32.
 *
 * @throws UsageError for a step of 0, or what is no finite number; DTypeError for numbers that
 * int32 does not hold.
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
  const last = more.at(-1);
  const plain = last === undefined || typeof last === "number";
  const options = placed("arange", plain ? undefined : last);
  const numbers = (plain ? more : more.slice(0, -1)) as (number | undefined)[];
  const [stop, step = 1] = numbers;
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const finite = [from, to, step].every(Number.isFinite) && Number.isFinite((to - from) / step);
  if (step === 0 || !finite) {
    throw new UsageError(
      "arange",
      `cannot step from ${shown(from)} to ${shown(to)} by ${shown(step)}`,
      "write arange(stop) or arange(start, stop, step), options last",
    );
  }
  const whole = Number.isInteger(from) && Number.isInteger(step) && Number.isInteger(to);
  const steps = Math.ceil((to - from) / step);
  // The quotient may round to 0 although the start is before the stop: one element.
  const size = Object.is(steps, 0) && to !== from ? 1 : Math.max(0, steps);
  const at = (i: number) => (i === 0 ? from : from + i * step);
  const { dtype = whole ? "int32" : "float32", device } = options;
  return sequence("arange", size, at, { dtype, device });
}

/** `at(0), at(1), …`, monotonic. */
function sequence(
  op: string,
  size: number,
  at: (i: number) => number,
  { dtype = "float32", device }: TensorOptions,
): Tensor {
  if (size > 0) for (const i of [0, size - 1]) checkNumber(op, at(i), dtype);
  roomFor(op, [size], dtype, device);
  const data = makeArray(dtype, size);
  for (let i = 0; i < size; i++) data[i] = dtype === "bool" ? Number(at(i) !== 0) : at(i);
  return fromTypedArray(data, [size], dtype, device);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included (`endpoint: false` leaves out
 * `stop`); of one number, `start`. For int32 rounded down, as in NumPy.
 *
 * @throws UsageError unless both ends are finite.
 * @example
 * linspace(0, 1, 3).toString(); // Tensor(float32, [3]) [0, 0.5, 1]
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options?: TensorOptions & { readonly endpoint?: boolean | undefined },
  ...surplus: []
): Tensor {
  noMore("linspace", surplus);
  checkShape("linspace", [count]);
  const { endpoint, ...where } = given("linspace", options, "endpoint? dtype device");
  if (!Number.isFinite(start) || !Number.isFinite(stop)) {
    throw new UsageError(
      "linspace",
      `no line from ${shown(start)} to ${shown(stop)}`,
      "give finite numbers",
    );
  }
  const parts = endpoint === false ? count : count - 1;
  const scale = Number.isFinite((stop - start) * parts) ? 1 : 2 ** -64;
  const [a, b] = [start * scale, stop * scale];
  const at = (i: number) =>
    i === 0 ? start : i === parts ? stop : (a + ((b - a) * i) / parts) / scale;
  const whole = where.dtype === "int32";
  return sequence("linspace", count, whole ? (i) => Math.floor(at(i)) : at, where);
}

/** Where the ones of {@link eye} stand. */
export interface EyeOptions extends TensorOptions {
  readonly k?: number | undefined;
}

/**
 * Ones on a diagonal, zeros elsewhere; `k > 0` shifts the diagonal to the right. As many columns
 * as rows unless `columns` is given.
 *
 * @example
 * eye(2).toArray(); // [[1,0],[0,1]]
 * eye(2, { k: 1 }).toArray(); // [[0,1],[0,0]]
 */
export function eye(
  rows: number,
  columns?: number | EyeOptions,
  options?: EyeOptions,
  ...surplus: []
): Tensor {
  noMore("eye", surplus);
  if (typeof columns === "object" && options === undefined) return ofEye(rows, rows, columns);
  return ofEye(rows, (columns ?? rows) as number, options);
}

function ofEye(rows: number, columns: number, options: EyeOptions | undefined): Tensor {
  const { dtype = "float32", device, k = 0 } = given("eye", options, "k# dtype device");
  checkShape("eye", [rows, columns]);
  if (!Number.isInteger(k)) throw new UsageError("eye", `k is ${k}`, "give a whole number");
  const data = makeArray(dtype, roomFor("eye", [rows, columns], dtype, device));
  for (let i = Math.max(0, -k); i < rows && i + k < columns; i++) data[i * columns + i + k] = 1;
  return fromTypedArray(data, [rows, columns], dtype, device);
}
