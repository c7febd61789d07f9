/**
 * @file Element types as files hold them, more than the four of a Tensor, and arrays of them. No
 * format, no Tensor.
 */
import { FormatError, UsageError } from "../base/errors.js";
import { ownOf } from "../core/tree.js";

/**
 * Typed arrays by element type; floats below 32 bits are kept as their bits, complex as re, im
 * pairs.
 */
export interface FileArrays {
  bool: Uint8Array;
  uint8: Uint8Array;
  int8: Int8Array;
  uint16: Uint16Array;
  int16: Int16Array;
  uint32: Uint32Array;
  int32: Int32Array;
  uint64: BigUint64Array;
  int64: BigInt64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  complex64: Float32Array;
  complex128: Float64Array;
  float8_e4m3fn: Uint8Array;
  float8_e4m3fnuz: Uint8Array;
  float8_e5m2: Uint8Array;
  float8_e5m2fnuz: Uint8Array;
  float8_e8m0fnu: Uint8Array;
  float4_e2m1: Uint8Array;
  float6_e2m3: Uint8Array;
  float6_e3m2: Uint8Array;
}

/** Element types of the formats, named as in NumPy and PyTorch. */
export type FileDType = keyof FileArrays;

/** Any typed array that a file's elements may need. */
export type FileData = FileArrays[FileDType];

/** An array as a file holds it: row-major elements in the file's own element type. */
export interface FileArray {
  readonly shape: readonly number[];
  readonly dtype: FileDType;
  readonly data: FileData;
}

type ArrayClass = {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): FileData;
};

interface Storage {
  /** Bits of one element. */
  readonly bits: number;
  readonly array: ArrayClass;
}

const STORAGE: { readonly [D in FileDType]: Storage } = {
  bool: { bits: 8, array: Uint8Array },
  uint8: { bits: 8, array: Uint8Array },
  int8: { bits: 8, array: Int8Array },
  uint16: { bits: 16, array: Uint16Array },
  int16: { bits: 16, array: Int16Array },
  uint32: { bits: 32, array: Uint32Array },
  int32: { bits: 32, array: Int32Array },
  uint64: { bits: 64, array: BigUint64Array },
  int64: { bits: 64, array: BigInt64Array },
  float16: { bits: 16, array: Uint16Array },
  bfloat16: { bits: 16, array: Uint16Array },
  float32: { bits: 32, array: Float32Array },
  float64: { bits: 64, array: Float64Array },
  complex64: { bits: 64, array: Float32Array },
  complex128: { bits: 128, array: Float64Array },
  float8_e4m3fn: { bits: 8, array: Uint8Array },
  float8_e4m3fnuz: { bits: 8, array: Uint8Array },
  float8_e5m2: { bits: 8, array: Uint8Array },
  float8_e5m2fnuz: { bits: 8, array: Uint8Array },
  float8_e8m0fnu: { bits: 8, array: Uint8Array },
  float4_e2m1: { bits: 4, array: Uint8Array },
  float6_e2m3: { bits: 6, array: Uint8Array },
  float6_e3m2: { bits: 6, array: Uint8Array },
};

/** Bits of one element. */
export function bitsOf(dtype: FileDType): number {
  return STORAGE[dtype].bits;
}

/** Bytes of one word: the unit that a change of byte order reverses. */
export function wordBytes(dtype: FileDType): number {
  return STORAGE[dtype].array.BYTES_PER_ELEMENT;
}

/**
 * A copy of the bytes `[start, end)` as elements; JavaScript runs on little-endian machines only.
 */
export function elements(
  bytes: Uint8Array,
  start: number,
  end: number,
  dtype: FileDType,
): FileData {
  const { array } = STORAGE[dtype];
  const copy = Uint8Array.prototype.slice.call(bytes, start, end); // a Buffer's own slice is a view
  return new array(copy.buffer, 0, copy.byteLength / array.BYTES_PER_ELEMENT);
}

/** The bytes of an array's elements, sharing its memory. */
export function bytesOfData(data: FileData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * What the caller gave as a file, as bytes: a view into the same memory, or a copy of shared
 * memory, which browsers decode no text from.
 */
export function asBytes(what: string, file: Uint8Array | ArrayBuffer): Uint8Array {
  if (ArrayBuffer.isView(file)) {
    const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    return isBuffer(file.buffer, "Shared") ? bytes.slice() : bytes;
  }
  if (isBuffer(file, "")) return new Uint8Array(file);
  throw new UsageError(
    what,
    `a file is given as bytes, got ${file === null ? "null" : typeof file}`,
    "pass a Uint8Array or an ArrayBuffer: new Uint8Array(await response.arrayBuffer())",
  );
}

/** By name, since buffers of another window or worker are no instances of this one's classes. */
function isBuffer(value: unknown, kind: "" | "Shared"): boolean {
  return Object.prototype.toString.call(value) === `[object ${kind}ArrayBuffer]`;
}

/** Bytes of an array of this shape, exactly; null where 64 bits overflow or a byte is split. */
export function exactBytes(shape: readonly (number | bigint)[], bits: number): bigint | null {
  let small = bits / 8; // without the zeros: below 2^46 no product on the way overflows
  for (const n of shape) small *= Number(n) || 1;
  if (small < 2 ** 46) {
    if (shape.includes(0)) return 0n;
    return Number.isInteger(small) ? BigInt(small) : null;
  }
  let size = 1n;
  for (const n of [...shape, bits]) {
    size *= BigInt(n);
    if (size >= 1n << 64n) return null;
  }
  return size % 8n === 0n ? size / 8n : null;
}

/** A name of any length, in quotes, for a message. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** Axes that NumPy and PyTorch allow. */
export const MAX_RANK = 64;

/** Whether a string can be written as UTF-8: no half of a surrogate pair stands alone. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Throws: a file, or an array to be written, breaks the rules of its format. */
export function refuse(what: string, problem: string, help = DAMAGED): never {
  throw new FormatError(what, problem, help);
}

const DAMAGED = "the file is cut short or damaged: copy it again, or save it again";

/** Throws unless the array to be written has as many elements as its shape says. */
export function checkFileArray(what: string, array: FileArray): void {
  const { shape, dtype, data } = array;
  const stored = ownOf(STORAGE, dtype);
  const lengths = `shape [${shape.join(", ")}]`;
  if (stored === undefined) {
    refuse(what, `unknown dtype "${dtype}"`, `known are ${Object.keys(STORAGE).join(", ")}`);
  }
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    refuse(what, `${lengths} is not a list of lengths`, "write shape: [2, 3]");
  }
  if (
    !(data instanceof stored.array) ||
    exactBytes(shape, stored.bits) !== BigInt(data.byteLength)
  ) {
    refuse(
      what,
      `${lengths} of ${dtype} does not fit a ${data.constructor.name} of ${data.length} elements`,
      `give a ${stored.array.name} with the elements of that shape`,
    );
  }
}
