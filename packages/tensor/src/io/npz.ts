/** @file The .npz codec on plain arrays: a zip archive of .npy files. Knows no Tensor. */
import { Inflate, type Zippable, zipSync } from "fflate";
import { FormatError } from "../base/errors.js";
import { crc32 } from "./crc32.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { isNpy, MAX_NPY_PREFIX, readNpyHeader } from "./npyHeader.js";
import { type FileArray, isUnicode } from "./storage.js";
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
    if (!wanted(name)) continue;
    if (chosen.has(name)) throw new FormatError(what, `'${name}' occurs twice in the archive`);
    chosen.set(name, member);
    total += member.size;
  }
  if (total > maxBytes) {
    throw new FormatError(
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

/** The bytes of a member, checked against what the directory declares. */
function unpack(what: string, member: ZipMember): Uint8Array {
  const { name, packed, size, deflated } = member;
  const label = `${what} ('${name}')`;
  checkStart(label, member);
  const bytes = deflated ? new Uint8Array(size) : packed;
  if (deflated) {
    let end = 0;
    inflate(label, packed, (piece) => {
      if (end + piece.length > size) {
        throw new FormatError(label, `unpacks to more than the ${size} bytes it declares`);
      }
      bytes.set(piece, end);
      end += piece.length;
      return true;
    });
    if (end < size) throw new FormatError(label, `unpacks to ${end} bytes, declares ${size}`);
  }
  if (crc32(bytes) !== member.crc) {
    throw new FormatError(label, "the checksum differs", "the file is damaged");
  }
  return bytes;
}

/**
 * Checks the .npy header of a member against its declared size, inflating no more than the header
 * needs.
 */
function checkStart(label: string, { packed, size, deflated }: ZipMember): void {
  let start = packed.subarray(0, MAX_NPY_PREFIX);
  if (deflated) {
    const pieces: Uint8Array[] = [];
    let length = 0;
    inflate(label, packed, (piece) => {
      pieces.push(piece.subarray(0, MAX_NPY_PREFIX));
      length += piece.length;
      return length < MAX_NPY_PREFIX;
    });
    start = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      start.set(piece, at);
      at += piece.length;
    }
  }
  if (!isNpy(start)) {
    throw new FormatError(label, "the member is not a .npy file", "choose arrays by { names }");
  }
  const { dataStart, dataBytes } = readNpyHeader(label, start);
  if (dataStart + dataBytes > size) {
    throw new FormatError(label, `its header asks for ${dataBytes} bytes, it declares ${size}`);
  }
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
    throw new FormatError(label, `cannot be inflated: ${(error as Error).message}`);
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
      throw new FormatError(
        what,
        `no array can have the name ${JSON.stringify(name.slice(0, 40))}`,
      );
    }
    const file = encodeNpy(`${what} ('${name}')`, array);
    members[`${name}.npy`] = file;
    total += file.length + 2 * (100 + 3 * name.length);
  }
  if (total > MAX_ARCHIVE || Object.keys(members).length > 0xffff) {
    throw new FormatError(what, "the archive would exceed 4 GiB or 65535 arrays", "use several");
  }
  return zipSync(members, { level: compress ? 6 : 0, mtime: FIRST_DAY });
}
