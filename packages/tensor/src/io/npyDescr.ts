/**
 * @file The `descr` of a .npy header: which element type, in which byte order, alone or as the
 * fields of a record.
 */
import { ownOf } from "../core/tree.js";
import { type Literal, Tuple } from "./pythonLiteral.js";
import { bitsOf, exactBytes, type FileDType, refuse } from "./storage.js";

/** One element type. */
export interface Scalar {
  readonly dtype: FileDType;
  readonly bigEndian: boolean;
}

/** A named part of each record: `shape` elements at `offset` bytes from the record's start. */
export interface Field {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
  readonly type: Descr;
}

/** What `descr` says of one element; text, dates and wide floats have a size only. */
export type Descr =
  | { readonly kind: "scalar"; readonly scalar: Scalar; readonly bytes: number }
  | { readonly kind: "other"; readonly shown: string; readonly bytes: number }
  | { readonly kind: "record"; readonly fields: readonly Field[]; readonly bytes: number };

/** Element types by NumPy's kind and bytes; a bfloat16 or float8 has no place in a .npy file. */
export const NPY_CODES: Readonly<Record<string, FileDType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

/** NumPy's letters for the same types, which may follow a byte order, on 64-bit Linux. */
const LETTERS: Readonly<Record<string, string>> = {
  "?": "b1",
  b: "i1",
  B: "u1",
  h: "i2",
  H: "u2",
  i: "i4",
  I: "u4",
  l: "i8",
  L: "u8",
  q: "i8",
  Q: "u8",
  p: "i8",
  P: "u8",
  n: "i8",
  N: "u8",
  e: "f2",
  f: "f4",
  d: "f8",
  F: "c8",
  D: "c16",
};

/** Names of types, which no byte order precedes, in addition to those of `FileDType`. */
const NAMES: Readonly<Record<string, string>> = {
  bool: "b1",
  bool_: "b1",
  byte: "i1",
  ubyte: "u1",
  short: "i2",
  ushort: "u2",
  intc: "i4",
  uintc: "u4",
  int: "i8",
  int_: "i8",
  uint: "u8",
  long: "i8",
  ulong: "u8",
  longlong: "i8",
  ulonglong: "u8",
  intp: "i8",
  uintp: "u8",
  half: "f2",
  single: "f4",
  double: "f8",
  float: "f8",
  csingle: "c8",
  cdouble: "c16",
  complex: "c16",
  ...Object.fromEntries(Object.entries(NPY_CODES).map(([code, dtype]) => [dtype, code])),
};

const MAX_FIELD_BYTES = 2 ** 31;

/**
 * Understands a `descr`: a type, or a list of fields, which may be records themselves.
 *
 * @throws FormatError for pickled objects and for nonsense.
 */
export function readDescr(what: string, descr: Literal): Descr {
  return Array.isArray(descr) ? readRecord(what, descr) : readType(what, descr);
}

/** @throws FormatError for elements that are no numbers: text, dates, floats of 16 bytes. */
export function refuseOther(what: string, shown: string): never {
  return refuse(what, `${shown} holds no numbers that a Tensor can hold`, known());
}

function readType(what: string, descr: Literal): Descr {
  if (typeof descr !== "string") return refuse(what, "descr is no dtype descriptor");
  const [, order = "", code = ""] = /^([<>=|]?)(.*)$/s.exec(descr) ?? [];
  const dtype = dtypeOf(order, code);
  if (dtype !== undefined) {
    return {
      kind: "scalar",
      scalar: { dtype, bigEndian: order === ">" },
      bytes: bitsOf(dtype) / 8,
    };
  }
  const shown = `descr '${descr.slice(0, 40)}'`;
  if (/^O|^object_?$/.test(code)) {
    refuse(
      what,
      `${shown} is an array of pickled Python objects, which run code when they are loaded`,
      "save it from NumPy with a numeric dtype: np.save(path, array.astype('float32'))",
    );
  }
  const bytes = bytesOfOther(code);
  if (bytes !== null) return { kind: "other", shown, bytes };
  return refuse(what, `${shown} is not a dtype descriptor`, known());
}

const known = () => `known are ${Object.keys(NPY_CODES).join(", ")}`;

function dtypeOf(order: string, code: string): FileDType | undefined {
  const named = ownOf(LETTERS, code) ?? (order === "" ? ownOf(NAMES, code) : undefined);
  return ownOf(NPY_CODES, named ?? code);
}

/** Bytes of one element of a type that a Tensor cannot hold; null for what is no type. */
function bytesOfOther(code: string): number | null {
  const sized = /^([SaUV])(\d{0,9})$/.exec(code);
  if (sized !== null) return Number(sized[2]) * (sized[1] === "U" ? 4 : 1);
  if (/^[mM](8(\[[^\]]{1,40}\])?)?$/.test(code)) return 8;
  if (/^(f16|g|longdouble|float128)$/.test(code)) return 16;
  if (/^(c32|G|clongdouble|complex256)$/.test(code)) return 32;
  if (/^(datetime64|timedelta64)(\[[^\]]{1,40}\])?$/.test(code)) return 8;
  if (code === "c") return 1;
  return /^(str_?|bytes_?|void|unicode)$/.test(code) ? 0 : null;
}

/**
 * `[('x', '<f4'), ('y', '<f4', (3,)), ('', '|V4'), ('z', [('u', '<f4')])]`: fields one after the
 * other; void without a name is padding.
 */
function readRecord(what: string, descr: readonly Literal[]): Descr {
  const fields: Field[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const item of descr) {
    const parts = item instanceof Tuple ? item.items : Array.isArray(item) ? item : [];
    const [label, type = null, dims] = parts;
    // A title may stand before the name: (('title', 'name'), '<f4').
    const [title, name] = label instanceof Tuple ? label.items : [undefined, label];
    if (typeof name !== "string" || parts.length > 3) {
      return refuse(what, "descr is no dtype descriptor: a field is (name, dtype)");
    }
    const field = readField(what, name, type, dims, offset);
    offset += field.bytes;
    const { kind } = field.type;
    if (name === "" && title === undefined && kind === "other" && isVoid(type)) continue;
    for (const taken of typeof title === "string" ? [title, name] : [name]) {
      if (names.has(taken)) refuse(what, `field '${taken}' occurs twice`);
      names.add(taken);
    }
    fields.push(field);
  }
  if (fields.length === 0) refuse(what, "descr has no fields");
  return { kind: "record", fields, bytes: offset };
}

function isVoid(type: Literal): boolean {
  return typeof type === "string" && /^[<>=|]?V/.test(type);
}

function readField(
  what: string,
  name: string,
  descr: Literal,
  dims: Literal | undefined,
  offset: number,
): Field {
  const fail = (problem: string) => refuse(what, `field '${name}' ${problem}`);
  const items = dims === undefined ? [] : dims instanceof Tuple ? [...dims.items] : [dims];
  let inner = descr;
  // ('<f4', (3,)) is a type with a shape of its own, which follows that of the field.
  while (inner instanceof Tuple) {
    const [type = null, shape = null] = inner.items;
    if (inner.items.length !== 2) return fail("has no valid dtype");
    items.push(...(shape instanceof Tuple ? shape.items : [shape]));
    inner = type;
  }
  const shape: number[] = [];
  for (const n of items) {
    if (typeof n !== "bigint" || n < 0n) return fail("has no valid shape");
    if (n > MAX_FIELD_BYTES) return fail("is too large");
    shape.push(Number(n));
  }
  const type = readDescr(`${what}: field '${name}'`, inner);
  const bytes = exactBytes(shape, type.bytes * 8);
  if (bytes === null || bytes > MAX_FIELD_BYTES) return fail("is too large");
  return { name, shape, offset, bytes: Number(bytes), type };
}
