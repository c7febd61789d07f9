/** @file The .safetensors codec on plain arrays. Knows no Tensor. */
import { readSafetensorsHeader, SAFETENSORS_DTYPES } from "./safetensorsHeader.js";
import {
  bytesOfData,
  checkFileArray,
  elements,
  type FileArray,
  type FileDType,
  isUnicode,
  quote,
  refuse,
} from "./storage.js";

/** What a file holds, by name, in the order of its header. */
export interface SafetensorsContent {
  readonly arrays: ReadonlyMap<string, FileArray>;
  readonly metadata: ReadonlyMap<string, string>;
}

const NAMES = new Map(Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]));
const RANK = new Map(Object.values(SAFETENSORS_DTYPES).map((dtype, i) => [dtype, i]));

/**
 * Reads a file; with `wanted`, only the element data of those names.
 *
 * @throws FormatError wherever the safetensors crate 0.8 refuses, and for duplicate keys.
 */
export function decodeSafetensors(
  what: string,
  file: Uint8Array,
  wanted: (name: string) => boolean = () => true,
): SafetensorsContent {
  const { entries, metadata, dataStart } = readSafetensorsHeader(what, file);
  const arrays = new Map<string, FileArray>();
  for (const { name, dtype, shape, start, end } of entries) {
    if (!wanted(name)) continue;
    const data = elements(file, dataStart + start, dataStart + end, dtype);
    arrays.set(name, { shape, dtype, data });
  }
  return { arrays, metadata };
}

/**
 * Writes a file, the same bytes for the same content: sorted as the safetensors crate does, by
 * descending alignment of the dtype and then by name; metadata sorted by key; the header padded
 * with spaces to a multiple of 8.
 *
 * @throws FormatError for an array whose data do not fit its shape, and for names that no header
 * can hold.
 */
export function encodeSafetensors(
  what: string,
  arrays: Iterable<readonly [string, FileArray]>,
  metadata: Iterable<readonly [string, string]> = [],
): Uint8Array {
  const sorted = [...arrays].sort(
    ([nameA, a], [nameB, b]) => rank(b.dtype) - rank(a.dtype) || byCodePoint(nameA, nameB),
  );
  const pairs = [...metadata].sort(([a], [b]) => byCodePoint(a, b));
  const parts: string[] = [];
  if (pairs.length > 0) parts.push(`"__metadata__":${metadataText(what, pairs)}`);
  let offset = 0;
  for (const [name, array] of sorted) {
    checkName(what, name);
    checkFileArray(`${what} (${quote(name)})`, array);
    const dtype = NAMES.get(array.dtype);
    if (dtype === undefined) {
      const problem = `tensor ${quote(name)}: safetensors has no dtype ${array.dtype}`;
      return refuse(what, problem, "widen it to float32");
    }
    const end = offset + array.data.byteLength;
    const shape = array.shape.join(",");
    const place = `"data_offsets":[${offset},${end}]`;
    parts.push(`${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],${place}}`);
    offset = end;
  }
  return assemble(`{${parts.join(",")}}`, sorted, offset);
}

function assemble(
  json: string,
  sorted: readonly (readonly [string, FileArray])[],
  dataBytes: number,
): Uint8Array {
  const text = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, 8 + headerBytes);
  let at = 8 + headerBytes;
  for (const [, { data }] of sorted) {
    file.set(bytesOfData(data), at);
    at += data.byteLength;
  }
  return file;
}

function metadataText(what: string, pairs: readonly (readonly [string, string])[]): string {
  for (const [key, value] of pairs) {
    if (typeof value !== "string" || !isUnicode(key) || !isUnicode(value)) {
      refuse(
        what,
        `metadata ${quote(key)} is not a string of Unicode text`,
        "metadata is a flat object of strings: use JSON.stringify for anything else",
      );
    }
  }
  return `{${pairs.map((pair) => pair.map((text) => JSON.stringify(text)).join(":")).join(",")}}`;
}

function checkName(what: string, name: string): void {
  if (name === "__metadata__" || !isUnicode(name)) {
    refuse(what, `no tensor can have the name ${quote(name)}`, "give it another name");
  }
}

function rank(dtype: FileDType): number {
  return RANK.get(dtype) ?? -1;
}

/** Order of UTF-8 bytes, as Rust sorts strings; JavaScript's own order is by UTF-16 units. */
function byCodePoint(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    if (a[i] === b[i]) continue;
    const x = a.codePointAt(i)!;
    const y = b.codePointAt(i)!;
    return x - y;
  }
  return a.length - b.length;
}
