/** @file The .npy codec on plain arrays. Knows no Tensor. */
import { type Descr, type Field, refuseOther, type Scalar } from "./npyDescr.js";
import { type NpyHeader, readNpyHeader, writeNpyHeader } from "./npyHeader.js";
import {
  bitsOf,
  bytesOfData,
  checkFileArray,
  elements,
  type FileArray,
  type FileData,
  MAX_RANK,
  refuse,
  wordBytes,
} from "./storage.js";

/**
 * Reads a file: any byte order, row- or column-major. Bytes after the elements are ignored, as
 * NumPy does.
 *
 * @param fieldName which field of a structured array, `a.b` for one inside another; it may be left
 * out where there is only one
 * @throws FormatError wherever `numpy.load` refuses, and for elements that are no numbers.
 */
export function decodeNpy(what: string, file: Uint8Array, fieldName?: string): FileArray {
  const header = readNpyHeader(what, file);
  const { descr, dataStart, dataBytes } = header;
  if (dataBytes > file.length - dataStart) {
    refuse(
      what,
      `shape [${header.shape.join(", ")}] takes ${dataBytes} bytes, ` +
        `the file has ${file.length - dataStart} after its header`,
    );
  }
  let bytes = file.subarray(dataStart, dataStart + dataBytes);
  const inner: number[] = [];
  let type: Descr = descr;
  let path = "";
  let rest = fieldName;
  while (type.kind === "record") {
    const [field, after]: [Field, string | undefined] = chooseField(what, type.fields, rest, path);
    bytes = gatherField(bytes, type.bytes, field);
    inner.push(...field.shape);
    type = field.type;
    path += `${field.name}.`;
    rest = after;
  }
  const label = path === "" ? what : `${what}: field '${path.slice(0, -1)}'`;
  if (type.kind === "other") return refuseOther(label, type.shown);
  if (header.shape.length + inner.length > MAX_RANK) {
    refuse(label, `more than ${MAX_RANK} axes`);
  }
  return finish(header, inner, type.scalar, elements(bytes, 0, bytes.length, type.scalar.dtype));
}

/**
 * Puts the elements into native byte order and row-major order; `inner` is the shape of a field.
 */
function finish(
  header: NpyHeader,
  inner: readonly number[],
  { dtype, bigEndian }: Scalar,
  data: FileData,
): FileArray {
  if (bigEndian) swapBytes(bytesOfData(data), wordBytes(dtype));
  const elementBytes = inner.reduce((bytes, n) => bytes * n, bitsOf(dtype) / 8);
  if (header.fortranOrder) toRowMajor(data, header.shape, elementBytes);
  return { shape: [...header.shape, ...inner], dtype, data };
}

/** The field of a name, or the only one; and the part of the name that goes on inside it. */
function chooseField(
  what: string,
  fields: readonly Field[],
  name: string | undefined,
  path: string,
): [field: Field, rest: string | undefined] {
  const names = fields.map((field) => `'${path}${field.name}'`).join(", ");
  if (name === undefined) {
    const [only] = fields;
    if (only !== undefined && fields.length === 1) return [only, undefined];
    return refuse(
      what,
      `a structured array with the fields ${names}`,
      `name the one to load: { field: ${names.split(",")[0]} }`,
    );
  }
  const same = fields.find((field) => field.name === name);
  if (same !== undefined) return [same, undefined];
  const outer = fields.find((f) => f.type.kind === "record" && name.startsWith(`${f.name}.`));
  if (outer !== undefined) return [outer, name.slice(outer.name.length + 1)];
  return refuse(what, `no field '${path}${name}' among ${names}`, "give one of these as field");
}

/** The bytes of one field of every record, one after the other. */
function gatherField(records: Uint8Array, recordBytes: number, field: Field): Uint8Array {
  const count = recordBytes === 0 ? 0 : records.length / recordBytes;
  const packed = new Uint8Array(count * field.bytes);
  for (let i = 0; i < count; i++) {
    const start = i * recordBytes + field.offset;
    packed.set(records.subarray(start, start + field.bytes), i * field.bytes);
  }
  return packed;
}

/** Reverses every word in place. */
function swapBytes(bytes: Uint8Array, word: number): void {
  for (let start = 0; start < bytes.length; start += word) {
    for (let i = start, j = start + word - 1; i < j; i++, j--) {
      const byte = bytes[i]!;
      bytes[i] = bytes[j]!;
      bytes[j] = byte;
    }
  }
}

/**
 * Rearranges elements from column-major order (first axis fastest) to row-major order, bit for
 * bit.
 */
function toRowMajor(data: FileData, shape: readonly number[], elementBytes: number): void {
  if (shape.length < 2 || data.length === 0) return;
  // Moved as integers: a float that is copied may lose the payload of a NaN.
  const Word =
    elementBytes % 4 === 0 ? Uint32Array : elementBytes % 2 === 0 ? Uint16Array : Uint8Array;
  const unit = elementBytes / Word.BYTES_PER_ELEMENT;
  const to = new Word(
    data.buffer as ArrayBuffer,
    data.byteOffset,
    data.byteLength / Word.BYTES_PER_ELEMENT,
  );
  const from = to.slice();
  const index = new Array<number>(shape.length).fill(0);
  const strides: number[] = [];
  let step = unit;
  for (const n of shape) {
    strides.push(step);
    step *= n;
  }
  let at = 0;
  for (let i = 0; i < to.length; i += unit) {
    for (let k = 0; k < unit; k++) to[i + k] = from[at + k]!;
    // One step in row-major order: the last axis first, carrying into the axes before it.
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      at -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

/**
 * Writes a file of version 1.0 in row-major order: the bytes that `numpy.save` writes.
 *
 * @throws FormatError for an array whose data do not fit its shape, and for bfloat16 and floats of
 * 8 bits or less.
 */
export function encodeNpy(what: string, array: FileArray): Uint8Array {
  checkFileArray(what, array);
  const header = writeNpyHeader(what, array.dtype, array.shape);
  const file = new Uint8Array(header.length + array.data.byteLength);
  file.set(header);
  file.set(bytesOfData(array.data), header.length);
  return file;
}
