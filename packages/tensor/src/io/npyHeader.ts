/**
 * @file The header of a .npy file, versions 1.0, 2.0 and 3.0: read and written. No element data.
 */
import { type Descr, NPY_CODES, readDescr, refuseOther } from "./npyDescr.js";
import { type Literal, LiteralError, parseLiteral, Tuple } from "./pythonLiteral.js";
import { bitsOf, exactBytes, type FileDType, MAX_RANK, refuse } from "./storage.js";

/** A header that keeps all the rules. */
export interface NpyHeader {
  readonly descr: Descr;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin, and how many bytes they take. */
  readonly dataStart: number;
  readonly dataBytes: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** As in NumPy, which refuses longer headers of files that are not trusted. */
const MAX_HEADER = 10_000;
const KEYS = ["descr", "fortran_order", "shape"];
/** NumPy leaves room to write a longer first length in place. */
const GROWTH_DIGITS = 21;
const ALIGN = 64;

/** No header ends later than this. */
export const MAX_NPY_PREFIX = 12 + 4 * MAX_HEADER;

/** Whether bytes begin as a .npy file. */
export function isNpy(file: Uint8Array): boolean {
  return MAGIC.every((byte, i) => file[i] === byte);
}

/**
 * Reads and checks a header.
 *
 * @param file the file, or enough of its beginning
 * @throws FormatError
 */
export function readNpyHeader(what: string, file: Uint8Array): NpyHeader {
  const { text, dataStart } = headerText(what, file);
  const header = parseHeader(what, text);
  const fortranOrder = header.get("fortran_order");
  if (typeof fortranOrder !== "boolean") {
    return refuse(what, "fortran_order is neither True nor False");
  }
  const shape = readShape(what, header.get("shape"));
  const descr = readDescr(what, header.get("descr") ?? null);
  if (descr.kind === "other") return refuseOther(what, descr.shown);
  const dataBytes = exactBytes(shape, descr.bytes * 8);
  if (dataBytes === null || dataBytes > Number.MAX_SAFE_INTEGER) {
    return refuse(what, `shape [${shape.join(", ")}] is too large`);
  }
  return { descr, fortranOrder, shape, dataStart, dataBytes: Number(dataBytes) };
}

function headerText(what: string, file: Uint8Array): { text: string; dataStart: number } {
  if (!isNpy(file) || file.length < 8) refuseStart(what, file);
  const [major, minor] = [file[6]!, file[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    refuse(what, `format version ${major}.${minor} is none of 1.0, 2.0 and 3.0`);
  }
  const start = major === 1 ? 10 : 12;
  if (file.length < start) refuse(what, "the file ends inside its header");
  const view = new DataView(file.buffer, file.byteOffset, start);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > file.length - start) {
    refuse(what, `header length ${length} exceeds the file's ${file.length} bytes`);
  }
  // A character takes one byte, and up to four in version 3.0.
  if (length > (major === 3 ? 4 * MAX_HEADER : MAX_HEADER)) refuseLong(what, length);
  const text = decode(what, file.subarray(start, start + length), major === 3);
  if ([...text].length > MAX_HEADER) refuseLong(what, length);
  return { text, dataStart: start + length };
}

function decode(what: string, bytes: Uint8Array, utf8: boolean): string {
  // TextDecoder's "latin1" is windows-1252, so the bytes are mapped here.
  if (!utf8) return Array.from(bytes, (b) => String.fromCharCode(b)).join("");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(what, "the header is not valid UTF-8");
  }
}

function parseHeader(what: string, text: string): Map<string, Literal> {
  let header: Literal;
  try {
    header = parseLiteral(text);
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    return refuse(what, `the header is no Python literal: ${error.message}`);
  }
  if (!(header instanceof Map)) return refuse(what, "the header is not a dictionary");
  const keys = [...header.keys()].sort();
  if (keys.join() !== KEYS.join()) {
    const problem = `the header has the keys [${keys.join(", ").slice(0, 100)}]`;
    refuse(what, `${problem}, not [${KEYS.join(", ")}]`);
  }
  return header;
}

function readShape(what: string, shape: Literal | undefined): number[] {
  const items = shape instanceof Tuple ? shape.items : null;
  if (!items?.every((n) => typeof n === "bigint")) {
    return refuse(what, "shape is not a tuple of integers");
  }
  if (items.length > MAX_RANK) {
    refuse(what, `shape has ${items.length} axes, more than ${MAX_RANK}`);
  }
  for (const n of items as bigint[]) {
    if (n < 0n) refuse(what, `shape has the negative length ${n}`);
    if (n > Number.MAX_SAFE_INTEGER) {
      refuse(what, `shape has the length ${String(n).slice(0, 40)}, above 2^53`);
    }
  }
  return items.map(Number);
}

function refuseStart(what: string, file: Uint8Array): never {
  if (file.length === 0) refuse(what, "the file is empty");
  const start = Array.from(file.subarray(0, 8), (b) => b.toString(16).padStart(2, "0")).join(" ");
  const zip = file[0] === 0x50 && file[1] === 0x4b;
  return refuse(
    what,
    `not a .npy file: it starts with the bytes ${start}`,
    zip ? "this is a zip archive: read it with loadNpz" : "write it with numpy.save or saveNpy",
  );
}

function refuseLong(what: string, length: number): never {
  const problem = `header length ${length} is above ${MAX_HEADER} characters`;
  refuse(what, problem, "save the fields of large records as arrays of their own");
}

/**
 * A header of version 1.0, padded to 64 bytes: byte for byte what NumPy writes for a row-major
 * array.
 *
 * @throws FormatError for an element type that .npy files do not have.
 */
export function writeNpyHeader(
  what: string,
  dtype: FileDType,
  shape: readonly number[],
): Uint8Array {
  const code = Object.keys(NPY_CODES).find((key) => NPY_CODES[key] === dtype);
  if (code === undefined) {
    const help = "widen it to float32, or use saveSafetensors";
    return refuse(what, `.npy files have no dtype ${dtype}`, help);
  }
  if (shape.length > MAX_RANK) {
    refuse(what, `${shape.length} axes are more than NumPy's ${MAX_RANK}`, "reshape it first");
  }
  const order = bitsOf(dtype) === 8 ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  let text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  if (shape.length > 0) text += " ".repeat(GROWTH_DIGITS - String(shape[0]).length);
  const total = Math.floor((10 + text.length + 1) / ALIGN + 1) * ALIGN;
  text = `${text.padEnd(total - 11)}\n`;
  const header = new Uint8Array(total);
  header.set([...MAGIC, 1, 0, text.length & 0xff, text.length >> 8]);
  for (let i = 0; i < text.length; i++) header[10 + i] = text.charCodeAt(i);
  return header;
}
