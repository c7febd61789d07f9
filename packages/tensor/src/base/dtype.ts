/**
 * @file The four dtypes, how they promote, and the typed arrays that hold them. Pure arithmetic.
 */
import { DeviceError, DTypeError } from "./errors.js";
import { shown, worded } from "./options.js";

/** Element types. `bool` is stored as one byte, 0 or 1. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The JavaScript arrays that hold elements of each dtype. */
export interface TypedArrays {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/** Any array that can hold elements of a tensor. */
export type TypedArray = TypedArrays[DType];

const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

const BYTES = { float32: 4, float64: 8, int32: 4, bool: 1 } as const;

/** Promotion order: a float always wins over an integer, the wider float over the narrower. */
const ORDER = { bool: 0, int32: 1, float32: 2, float64: 3 } as const;

/** All dtypes, in promotion order. */
export const dtypes: readonly DType[] = ["bool", "int32", "float32", "float64"];

/** Bytes of one element. */
export function bytesOf(dtype: DType): number {
  return BYTES[dtype];
}

/** A zero-filled typed array of `size` elements. */
export function makeArray<D extends DType>(dtype: D, size: number): TypedArrays[D] {
  checkDType("memory", dtype);
  try {
    return new CONSTRUCTORS[dtype](size) as TypedArrays[D];
  } catch {
    const bytes = typeof size === "number" ? size * BYTES[dtype] : Number.NaN;
    const gigabytes = (bytes / 2 ** 30).toFixed(1);
    throw new DeviceError(
      "memory",
      `JavaScript cannot make an array of ${shown(size)} ${dtype} (${gigabytes} GiB)`,
      "work in smaller pieces",
    );
  }
}

/** A typed array over part of a buffer, sharing its memory. */
export function viewArray(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  size: number,
): TypedArray {
  return new CONSTRUCTORS[dtype](buffer as ArrayBuffer, byteOffset, size);
}

/** Whether gradients exist for this dtype. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/**
 * The dtype of a result of two dtypes, as in PyTorch: bool < int32 < float32 < float64.
 *
 * @example
 * promoteTypes("int32", "float32"); // float32
 */
export function promoteTypes(a: DType, b: DType): DType {
  const [p, q] = [ORDER[a], ORDER[b]];
  if (p >= q) return a;
  if (p < q) return b;
  checkDType("promoteTypes", a);
  checkDType("promoteTypes", b);
  return a;
}

/** Throws unless `dtype` is one of the four. */
export function checkDType(op: string, dtype: string): asserts dtype is DType {
  if (!dtypes.includes(dtype as DType)) {
    throw new DTypeError(
      op,
      `unknown dtype "${worded(dtype)}"`,
      `choose one of ${dtypes.join(", ")}`,
    );
  }
}

/** Whether int32 holds a number, once its fraction is dropped. */
export function fitsInt32(x: number): boolean {
  return x > -(2 ** 31) - 1 && x < 2 ** 31;
}

/**
 * Throws unless a JavaScript number is one of `dtype`. Floats round it, bool asks whether it is 0,
 * int32 must hold it.
 */
export function checkNumber(op: string, x: number, dtype: DType): void {
  if (dtype !== "int32" || fitsInt32(x)) return;
  throw new DTypeError(
    op,
    `int32 does not hold ${x}: it goes from -2147483648 to 2147483647`,
    'use floats: { dtype: "float64" } where a tensor is made, x.cast("float64") where one is given',
  );
}

/** The int32 nearest to a number after its fraction is dropped, as casts have it; 0 for NaN. */
export function nearestInt32(x: number): number {
  return Math.max(-(2 ** 31), Math.min(x, 2 ** 31 - 1)) | 0;
}
