/**
 * @file The `descr` of a .npy header: which element type, in which byte order, alone or as the
 * fields of a record.
 */
import { FormatError } from "../base/errors.js";
import { type Literal, Tuple } from "./pythonLiteral.js";
import { bitsOf, exactBytes, type FileDType } from "./storage.js";

/** One element type. */
export interface Scalar {
  readonly dtype: FileDType;
  readonly bigEndian: boolean;
}

/** A named part of each record: `shape` elements at `offset` bytes from the record's start. */
export interface Field extends Scalar {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}

/** What `descr` says of one element. */
export type Descr =
  | { readonly kind: "scalar"; readonly scalar: Scalar; readonly bytes: number }
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

const MAX_FIELD_BYTES = 2 ** 31;

/**
 * Understands a `descr`.
 *
 * @throws FormatError for pickled objects, for text, dates and other elements that are no numbers,
 * and for nonsense.
 */
export function readDescr(what: string, descr: Literal): Descr {
  if (Array.isArray(descr)) return readRecord(what, descr);
  const scalar = readScalar(what, descr);
  return { kind: "scalar", scalar, bytes: bitsOf(scalar.dtype) / 8 };
}

function readScalar(what: string, descr: Literal): Scalar {
  if (typeof descr !== "string") throw new FormatError(what, "descr is no dtype descriptor");
  const [, order = "=", code = ""] = /^([<>=|])?(.*)$/s.exec(descr) ?? [];
  const dtype = Object.hasOwn(NPY_CODES, code) ? NPY_CODES[code] : undefined;
  if (dtype !== undefined) return { dtype, bigEndian: order === ">" };
  const shown = `descr '${descr.slice(0, 40)}'`;
  if (code.startsWith("O")) {
    throw new FormatError(
      what,
      `${shown} is an array of pickled Python objects, which run code when they are loaded`,
      "save it from NumPy with a numeric dtype: np.save(path, array.astype('float32'))",
    );
  }
  const known = /^([USaVmMgG]|f16|c32)/.test(code);
  throw new FormatError(
    what,
    known
      ? `${shown} holds no numbers that a Tensor can hold`
      : `${shown} is not a dtype descriptor`,
    `known are ${Object.keys(NPY_CODES).join(", ")}`,
  );
}

/**
 * `[('x', '<f4'), ('y', '<f4', (3,)), ('', '|V4')]`: fields one after the other; void without a
 * name is padding.
 */
function readRecord(what: string, descr: readonly Literal[]): Descr {
  const fields: Field[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const item of descr) {
    const [label, type, dims] = item instanceof Tuple ? item.items : [];
    // A title may stand before the name: (('title', 'name'), '<f4').
    const name = label instanceof Tuple ? label.items[1] : label;
    if (typeof name !== "string" || (item as Tuple).items.length > 3) {
      throw new FormatError(what, "descr is no dtype descriptor: a field is (name, dtype)");
    }
    const padding = typeof type === "string" ? /^\|V(\d{1,9})$/.exec(type) : null;
    if (name === "" && padding !== null && dims === undefined) {
      offset += Number(padding[1]);
      continue;
    }
    if (names.has(name)) throw new FormatError(what, `field '${name}' occurs twice`);
    names.add(name);
    const field = readField(what, name, type, dims, offset);
    fields.push(field);
    offset += field.bytes;
  }
  if (fields.length === 0) throw new FormatError(what, "descr has no fields");
  return { kind: "record", fields, bytes: offset };
}

function readField(
  what: string,
  name: string,
  type: Literal | undefined,
  dims: Literal | undefined,
  offset: number,
): Field {
  if (Array.isArray(type)) throw new FormatError(what, `field '${name}' is itself a record`);
  const scalar = readScalar(`${what}: field '${name}'`, type ?? null);
  const items = dims === undefined ? [] : dims instanceof Tuple ? dims.items : [dims];
  if (!items.every((n) => typeof n === "bigint" && n >= 0n)) {
    throw new FormatError(what, `field '${name}' has no valid shape`);
  }
  const bytes = exactBytes(items as bigint[], bitsOf(scalar.dtype));
  if (bytes === null || bytes > MAX_FIELD_BYTES || items.some((n) => Number(n) > MAX_FIELD_BYTES)) {
    throw new FormatError(what, `field '${name}' is too large`);
  }
  return { ...scalar, name, shape: items.map(Number), offset, bytes: Number(bytes) };
}
