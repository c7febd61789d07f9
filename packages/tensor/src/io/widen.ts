/**
 * @file From the element types of files to the four of a Tensor: exact, or refused. Knows no
 * format and no Tensor.
 */
import type { DType, TypedArray } from "../base/dtype.js";

import { type SmallFloatName, widenFloats } from "./smallFloats.js";
import { type FileArray, refuse } from "./storage.js";

/**
 * What int64, uint64 and uint32 become: `int32` where every value fits, or `float64`, exact to
 * ±2^53.
 */
export type Int64As = "int32" | "float64";

/** Elements of one of the four dtypes, row-major. */
export interface PlainArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TypedArray;
}

/**
 * An array with the same values in a dtype that a Tensor can have: bool, int32, float32 and
 * float64 as they are, narrower integers as int32, narrower floats as float32, complex numbers as
 * floats with a last axis [re, im].
 *
 * @throws FormatError for a value that the dtype cannot hold, and for packed floats of 4 and 6
 * bits.
 */
export function widen(what: string, array: FileArray, int64As: Int64As = "int32"): PlainArray {
  const { shape, dtype, data } = array;
  switch (dtype) {
    case "float32":
    case "float64":
    case "int32":
      return { shape, dtype, data: data as TypedArray };
    case "bool":
      return { shape, dtype, data: normalizeBools(data as Uint8Array) };
    case "complex64":
      return { shape: [...shape, 2], dtype: "float32", data: data as Float32Array };
    case "complex128":
      return { shape: [...shape, 2], dtype: "float64", data: data as Float64Array };
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
      return { shape, dtype: "int32", data: new Int32Array(data as Uint8Array) };
    case "uint32":
    case "int64":
    case "uint64":
      return { shape, dtype: int64As, data: narrow(what, array, int64As) };
    case "float4_e2m1":
    case "float6_e2m3":
    case "float6_e3m2":
      return refuse(
        what,
        `elements of ${dtype} are packed; no Tensor dtype holds them`,
        "load the others by { names }",
      );
    default:
      return {
        shape,
        dtype: "float32",
        data: widenFloats(dtype satisfies SmallFloatName, data as Uint8Array | Uint16Array),
      };
  }
}

/** Any byte but 0 is true, as in NumPy and PyTorch; a Tensor holds 0 and 1. */
function normalizeBools(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 1) bytes[i] = 1;
  return bytes;
}

function narrow(what: string, array: FileArray, to: Int64As): Int32Array | Float64Array {
  const data = array.data as Uint32Array | BigInt64Array | BigUint64Array;
  const result = to === "int32" ? new Int32Array(data.length) : new Float64Array(data.length);
  const misfit = data instanceof Uint32Array ? fill32(data, result) : fill64(data, result);
  if (misfit < 0) return result;
  return refuse(
    what,
    `${array.dtype} value ${data[misfit]} (element ${misfit}) does not fit ${to}`,
    to === "int32"
      ? 'pass { int64As: "float64" } to read such integers as float64, exact to ±2^53'
      : "float64 is exact to ±2^53",
  );
}

/** Copies, and gives the place of the first value that did not fit, or −1. */
function fill32(data: Uint32Array, to: Int32Array | Float64Array): number {
  to.set(data);
  return to instanceof Int32Array ? data.findIndex((v) => v > 0x7fffffff) : -1;
}

/** Like `fill32`, by 32-bit halves: bigints are slow, and needed only for large values. */
function fill64(data: BigInt64Array | BigUint64Array, to: Int32Array | Float64Array): number {
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  const signed = data instanceof BigInt64Array;
  for (let i = 0; i < data.length; i++) {
    const low = halves[2 * i]!;
    const high = halves[2 * i + 1]!;
    // −2^31 ≤ v < 2^31 exactly when the upper half repeats the sign of the lower one.
    if (high === low >> 31 && (signed || high === 0)) to[i] = low;
    else if (to instanceof Int32Array) return i;
    else {
      to[i] = Number(data[i]);
      if (BigInt(to[i]!) !== data[i]) return i;
    }
  }
  return -1;
}
