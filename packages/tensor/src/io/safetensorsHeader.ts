/**
 * @file The header of a .safetensors file: its JSON, the entries in it, and the rules they keep.
 * No element data.
 */
import { ownOf } from "../core/tree.js";
import { type Json, JsonError, OtherNumber, parseJson } from "./json.js";
import { bitsOf, exactBytes, type FileDType, MAX_RANK, quote, refuse } from "./storage.js";

/**
 * Element types by their name in the header, in the order of the safetensors crate: by alignment.
 */
export const SAFETENSORS_DTYPES: Readonly<Record<string, FileDType>> = {
  BOOL: "bool",
  F4: "float4_e2m1",
  F6_E2M3: "float6_e2m3",
  F6_E3M2: "float6_e3m2",
  U8: "uint8",
  I8: "int8",
  F8_E5M2: "float8_e5m2",
  F8_E4M3: "float8_e4m3fn",
  F8_E8M0: "float8_e8m0fnu",
  F8_E4M3FNUZ: "float8_e4m3fnuz",
  F8_E5M2FNUZ: "float8_e5m2fnuz",
  I16: "int16",
  U16: "uint16",
  F16: "float16",
  BF16: "bfloat16",
  I32: "int32",
  U32: "uint32",
  F32: "float32",
  C64: "complex64",
  F64: "float64",
  I64: "int64",
  U64: "uint64",
};

/**
 * One tensor of the header: bytes `[start, end)`, counted from the first byte after the header.
 */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: FileDType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A header that keeps all the rules: its tensors tile the bytes after it, from first to last. */
export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the element data begins in the file. */
  readonly dataStart: number;
}

/** The safetensors crate reads no header longer than this. */
const MAX_HEADER = 100_000_000;

/**
 * Reads and checks the header of a file, by the rules of the safetensors crate, except that
 * duplicate keys are refused.
 *
 * @throws FormatError
 */
export function readSafetensorsHeader(what: string, file: Uint8Array): SafetensorsHeader {
  const length = headerLength(what, file);
  const root = parseHeader(what, file.subarray(8, 8 + length));
  let metadata: ReadonlyMap<string, string> = new Map();
  const entries: SafetensorsEntry[] = [];
  for (const [name, item] of root) {
    if (name === "__metadata__") metadata = readMetadata(what, item);
    else entries.push(readEntry(what, name, item));
  }
  checkTiling(what, entries, file.length - 8 - length);
  return { entries, metadata, dataStart: 8 + length };
}

function headerLength(what: string, file: Uint8Array): number {
  const help = "is it a .safetensors file, and complete?";
  if (file.length < 8) {
    refuse(what, `${file.length} bytes are too few for a header`, help);
  }
  const view = new DataView(file.buffer, file.byteOffset, 8);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER)) {
    refuse(what, `header length ${length} is above ${MAX_HEADER} bytes`, help);
  }
  if (Number(length) > file.length - 8) {
    refuse(what, `header length ${length} exceeds the file's ${file.length} bytes`, help);
  }
  return Number(length);
}

function parseHeader(what: string, bytes: Uint8Array): Map<string, Json> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(what, "the header is not valid UTF-8");
  }
  try {
    const root = parseJson(text);
    if (root instanceof Map) return root;
    return refuse(what, `the header is ${describe(root)}, not a JSON object`);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return refuse(what, `the header is not valid JSON: ${error.message}`);
  }
}

function readMetadata(what: string, item: Json): ReadonlyMap<string, string> {
  if (item === null) return new Map();
  if (!(item instanceof Map)) {
    return refuse(what, `__metadata__ is ${describe(item)}, not an object of strings`);
  }
  for (const [key, value] of item) {
    if (typeof value !== "string") {
      refuse(what, `__metadata__ ${quote(key)} is ${describe(value)}, not a string`);
    }
  }
  return item as Map<string, string>;
}

function readEntry(what: string, name: string, item: Json): SafetensorsEntry {
  const fail = (problem: string, help?: string) =>
    refuse(what, `tensor ${quote(name)}: ${problem}`, help);
  if (!(item instanceof Map)) return fail(`its entry is ${describe(item)}, not an object`);
  const field = (key: string): Json => {
    const value = item.get(key);
    return value === undefined ? fail(`no "${key}"`) : value;
  };
  const dtypeName = field("dtype");
  const dtype = typeof dtypeName === "string" ? ownOf(SAFETENSORS_DTYPES, dtypeName) : undefined;
  if (dtype === undefined) {
    const known = `known are ${Object.keys(SAFETENSORS_DTYPES).join(", ")}`;
    return fail(`unknown dtype ${describe(dtypeName)}`, known);
  }
  const shape = lengths(field("shape")) ?? fail(`shape is ${describe(field("shape"))}`);
  if (shape.length > MAX_RANK) return fail(`${shape.length} axes are more than ${MAX_RANK}`);
  const offsets = lengths(field("data_offsets"));
  if (offsets?.length !== 2) return fail(`data_offsets are ${describe(field("data_offsets"))}`);
  const [start, end] = offsets as [number | bigint, number | bigint];
  const bytes = exactBytes(shape, bitsOf(dtype));
  if (end < start) return fail(`data_offsets [${start}, ${end}] run backwards`);
  if (bytes === null || BigInt(end) - BigInt(start) !== bytes) {
    const size = bytes === null ? "no whole number of" : `${bytes}`;
    const given = BigInt(end) - BigInt(start);
    return fail(`${dtypeName} [${shape.join(", ")}] takes ${size} bytes, data_offsets ${given}`);
  }
  if ([...shape, end].some((n) => typeof n === "bigint")) return fail("lengths above 2^53");
  return { name, dtype, shape: shape as number[], start: Number(start), end: Number(end) };
}

/** Unsigned integers, or null if the item is no list of them. */
function lengths(item: Json): (number | bigint)[] | null {
  const isLength = (n: Json): n is number | bigint =>
    typeof n === "number" || typeof n === "bigint";
  return Array.isArray(item) && item.every(isLength) ? item : null;
}

/**
 * The crate's rule: sorted by their offsets, tensors leave no hole, never overlap, and end with
 * the file.
 */
function checkTiling(what: string, entries: readonly SafetensorsEntry[], size: number): void {
  const sorted = [...entries].sort((a, b) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const { name, start, end } of sorted) {
    if (start !== next) {
      const problem = start > next ? "leaves a hole" : "overlaps the tensor before it";
      refuse(what, `tensor ${quote(name)} ${problem}: it starts at ${start}, not ${next}`);
    }
    next = end;
  }
  if (next !== size) {
    refuse(what, `the tensors take ${next} bytes, the file has ${size} after its header`);
  }
}

/** A header's item for messages, cut to a line. */
function describe(item: Json): string {
  if (item instanceof Map) return "an object";
  if (Array.isArray(item)) return `[${item.slice(0, 8).map(describe).join(", ")}]`;
  if (item instanceof OtherNumber) return item.text.slice(0, 40);
  return typeof item === "string" ? quote(item) : String(item);
}
