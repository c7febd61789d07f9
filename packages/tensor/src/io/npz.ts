/** @file The .npz codec on plain arrays: a zip archive of .npy files. Knows no Tensor. */
import { Inflate, inflateSync, type Zippable, zipSync } from "fflate";
import { FormatError } from "../base/errors.js";
import { crc32 } from "./crc32.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { isNpy, MAX_NPY_PREFIX, readNpyHeader } from "./npyHeader.js";
import { type FileArray, isUnicode, refuse } from "./storage.js";
import { type ZipMember, zipMembers } from "./zip.js";

/** What `decodeNpz` reads, and how much. */
export interface NpzDecodeOptions {
  /** Which arrays to read; default: all. */
  readonly wanted?: ((name: string) => boolean) | undefined;
  /** Bytes that the arrays read may take together when unpacked. */
  readonly maxBytes?: number | undefined;
  /** Which field to read of structured arrays. */
  readonly field?: string | undefined;
}

/** An archive may unpack to this much by default: 2 GiB. */
const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * Packed bytes inflated at a time: what a zip bomb makes of one piece stays below 5 MB, and 0.3 MB
 * at the start.
 */
const PIECE = 4096;
const FIRST_PIECE = 256;
/** Members up to this size are inflated at once: a stream takes 100 kB, however short it is. */
const SMALL = 4096;
/** Members of a deterministic archive all have the first day that zip can name. */
const FIRST_DAY = new Date(1980, 0, 1);
const MAX_ARCHIVE = 0xffffffff;

/**
 * Reads the arrays of an archive, named without `.npy`. Sizes are checked before memory is taken:
 * a member may not unpack to more than it declares, and its .npy header must fit that size before
 * the rest is inflated.
 *
 * @throws FormatError wherever `numpy.load` refuses; for members that are no arrays; above
 * `maxBytes`.
 */
export function decodeNpz(
  what: string,
  file: Uint8Array,
  options: NpzDecodeOptions = {},
): Map<string, FileArray> {
  const { wanted = () => true, maxBytes = DEFAULT_MAX_BYTES, field } = options;
  const chosen = new Map<string, ZipMember>();
  let total = 0;
  for (const member of zipMembers(what, file)) {
    const name = member.name.endsWith(".npy") ? member.name.slice(0, -4) : member.name;
    if (isFolder(member) || !wanted(name)) continue;
    if (chosen.has(name)) refuse(what, `'${name}' occurs twice in the archive`);
    chosen.set(name, member);
    total += member.size;
  }
  if (total > maxBytes) {
    refuse(
      what,
      `the arrays take ${total} bytes, more than the limit of ${maxBytes}`,
      "if the file is trusted, pass { maxBytes } or choose arrays by { names }",
    );
  }
  const arrays = new Map<string, FileArray>();
  for (const [name, member] of chosen) {
    arrays.set(name, decodeNpy(`${what} ('${name}')`, unpack(what, member), field));
  }
  return arrays;
}

/** Whether a member stands for a folder, as archivers write them; it holds nothing. */
function isFolder({ name, size }: ZipMember): boolean {
  return name.endsWith("/") && size === 0;
}

/** The bytes of a member, checked against what the directory declares. */
function unpack(what: string, { name, packed, size, deflated, crc }: ZipMember): Uint8Array {
  const label = `${what} ('${name}')`;
  let bytes = packed;
  if (!deflated) checkStart(label, packed, size);
  else if (Math.max(size, packed.length) <= SMALL) {
    const found = inflateSmall(label, packed, size);
    checkStart(label, found, size);
    checkSize(label, found.length, size);
    bytes = found;
  } else {
    checkStart(label, inflateStart(label, packed), size);
    bytes = inflateAll(label, packed, size);
  }
  if (crc32(bytes) === crc) return bytes;
  return refuse(label, "the checksum differs");
}

function checkSize(label: string, found: number, size: number): void {
  if (found > size) refuse(label, `unpacks to more than the ${size} bytes it declares`);
  if (found < size) refuse(label, `unpacks to ${found} bytes, declares ${size}`);
}

/** Checks the .npy header at the start of a member against its declared size. */
function checkStart(label: string, start: Uint8Array, size: number): void {
  if (!isNpy(start)) {
    refuse(label, "the member is not a .npy file", "choose arrays by { names }");
  }
  const { dataStart, dataBytes } = readNpyHeader(label, start.subarray(0, MAX_NPY_PREFIX));
  if (dataStart + dataBytes > size) {
    refuse(label, `its header asks for ${dataBytes} bytes, it declares ${size}`);
  }
}

/** All bytes of a small member, and one more where it unpacks to more than it declares. */
function inflateSmall(label: string, packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(size + 1) });
  } catch (error) {
    return refuseDeflated(label, error);
  }
}

function inflateAll(label: string, packed: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let end = 0;
  inflate(label, packed, (piece) => {
    checkSize(label, Math.max(end + piece.length, size), size);
    bytes.set(piece, end);
    end += piece.length;
    return true;
  });
  checkSize(label, end, size);
  return bytes;
}

/** The beginning of a member, no more than a .npy header needs. */
function inflateStart(label: string, packed: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  inflate(label, packed, (piece) => {
    pieces.push(piece.subarray(0, MAX_NPY_PREFIX));
    length += piece.length;
    return length < MAX_NPY_PREFIX;
  });
  const start = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    start.set(piece, at);
    at += piece.length;
  }
  return start;
}

function refuseDeflated(label: string, error: unknown): never {
  refuse(label, `cannot be inflated: ${(error as Error).message}`);
}

/** Inflates piece by piece until `take` returns false. */
function inflate(label: string, packed: Uint8Array, take: (piece: Uint8Array) => boolean): void {
  let more = true;
  const stream = new Inflate((piece) => {
    if (!take(piece)) more = false;
  });
  try {
    let at = 0;
    while (more) {
      const end = Math.min(packed.length, at + (at < PIECE ? FIRST_PIECE : PIECE));
      more = end < packed.length;
      stream.push(packed.subarray(at, end), !more);
      at = end;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    refuseDeflated(label, error);
  }
}

/**
 * Writes an archive that `numpy.load` reads: the same bytes for the same arrays in the same order.
 *
 * @param compress deflate the members, as `numpy.savez_compressed`
 * @throws FormatError for what a .npy file cannot hold, and above 4 GiB.
 */
export function encodeNpz(
  what: string,
  arrays: Iterable<readonly [string, FileArray]>,
  compress: boolean,
): Uint8Array {
  const members: Zippable = {};
  let total = 0;
  for (const [name, array] of arrays) {
    if (name.includes("\0") || !isUnicode(name) || name.length > 20_000) {
      const problem = `no array can have the name ${JSON.stringify(name.slice(0, 40))}`;
      refuse(what, problem, "give it another name");
    }
    const file = encodeNpy(`${what} ('${name}')`, array);
    members[`${name}.npy`] = file;
    total += file.length + 2 * (100 + 3 * name.length);
  }
  if (total > MAX_ARCHIVE || Object.keys(members).length > 0xffff) {
    refuse(what, "the archive would exceed 4 GiB or 65535 arrays", "use several");
  }
  return zipSync(members, { level: compress ? 6 : 0, mtime: FIRST_DAY });
}
