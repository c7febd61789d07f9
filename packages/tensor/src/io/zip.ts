/**
 * @file The directory of a zip archive, checked before anything is unpacked. Inflating is fflate's
 * part.
 */
import { refuse } from "./storage.js";

/** One member: where its packed bytes are, and what the archive promises about them. */
export interface ZipMember {
  readonly name: string;
  readonly deflated: boolean;
  readonly packed: Uint8Array;
  /** Bytes when unpacked, and their CRC-32, as declared. */
  readonly size: number;
  readonly crc: number;
}

interface Directory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

interface Entry {
  readonly version: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
  readonly name: string;
  /** Where the next entry begins. */
  readonly next: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENCRYPTED = 0x2041;
const PATCHED = 0x20;
/** No archive needs a later version of the format to be unpacked. */
const MAX_VERSION = 63;
const UTF8 = 0x800;
/** Deflate cannot shrink further: 258 bytes take 2 bits at least. */
const MAX_RATIO = 1032;
const REWRITE = "write it with numpy.savez or saveNpz";

/**
 * The members of an archive. Members that overlap, declare a size that is false at first sight,
 * or disagree with their local header are refused; so are encryption, volumes, and
 * methods other than stored and deflated.
 *
 * @throws FormatError
 */
export function zipMembers(what: string, file: Uint8Array): ZipMember[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = file.length < 22 ? 0 : view.getUint32(0, true);
  if (start !== LOCAL && start !== END) {
    const help = file[0] === 0x93 ? "this is a .npy file: read it with loadNpy" : REWRITE;
    refuse(what, "not a zip archive", help);
  }
  const directory = findDirectory(what, view);
  const members: ZipMember[] = [];
  const spans: { name: string; start: number; end: number }[] = [];
  let at = directory.start;
  for (let i = 0; i < directory.count; i++) {
    const entry = readEntry(what, file, view, at, directory.end);
    at = entry.next;
    const dataStart = checkEntry(what, file, view, entry, directory.start);
    const dataEnd = dataStart + entry.packedSize;
    spans.push({ name: entry.name, start: entry.offset, end: dataEnd });
    members.push({
      name: entry.name,
      deflated: entry.method === 8,
      packed: file.subarray(dataStart, dataEnd),
      size: entry.size,
      crc: entry.crc,
    });
  }
  if (at !== directory.end) refuse(what, "the zip directory has a wrong size");
  checkOverlap(what, spans);
  return members;
}

/** The directory, from the record at the end of the file, or from its 64-bit form. */
function findDirectory(what: string, view: DataView): Directory {
  const size = view.byteLength;
  let at = size - 22;
  while (view.getUint32(at, true) !== END || view.getUint16(at + 20, true) !== size - at - 22) {
    if (at === 0 || size - at > 22 + 0xffff) {
      refuse(what, "the zip archive has no end record");
    }
    at--;
  }
  if (view.getUint32(at + 4, true) !== 0) refuse(what, "the zip has many volumes", REWRITE);
  let count = view.getUint16(at + 10, true);
  let bytes = view.getUint32(at + 12, true);
  let start = view.getUint32(at + 16, true);
  let limit = at;
  if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
    const end64 = uint64(view, at - 12);
    if (end64 > at - 20 - 56 || view.getUint32(end64, true) !== END64) {
      refuse(what, "the zip archive has no 64-bit end record");
    }
    count = uint64(view, end64 + 32);
    bytes = uint64(view, end64 + 40);
    start = uint64(view, end64 + 48);
    limit = end64;
  }
  if (start + bytes !== limit || count > bytes / 46) {
    refuse(what, "the zip directory does not end where its end record begins");
  }
  return { start, end: start + bytes, count };
}

function readEntry(
  what: string,
  file: Uint8Array,
  view: DataView,
  at: number,
  limit: number,
): Entry {
  if (at + 46 > limit || view.getUint32(at, true) !== CENTRAL) {
    refuse(what, "the zip directory is damaged");
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > limit) refuse(what, "the zip directory is damaged");
  const flags = view.getUint16(at + 8, true);
  const name = decodeName(what, file.subarray(at + 46, nameEnd), (flags & UTF8) !== 0);
  const narrow = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const [size, packedSize, offset] = widenSizes(what, name, view, nameEnd, extraEnd, narrow);
  return {
    version: view.getUint8(at + 6),
    flags,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedSize: packedSize!,
    size: size!,
    offset: offset!,
    name,
    next,
  };
}

/** Fields of 32 bits that say 2^32 − 1 have their value in the extra field 1, in this order. */
function widenSizes(
  what: string,
  name: string,
  view: DataView,
  start: number,
  end: number,
  fields: readonly number[],
): number[] {
  if (!fields.includes(0xffffffff)) return [...fields];
  let at = start;
  while (at + 4 <= end && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  const extraEnd = at + 4 <= end ? Math.min(end, at + 4 + view.getUint16(at + 2, true)) : 0;
  at += 4;
  return fields.map((field) => {
    if (field !== 0xffffffff) return field;
    if (at + 8 > extraEnd) refuse(what, `member '${name}' has no 64-bit size`);
    at += 8;
    return uint64(view, at - 8);
  });
}

/** Checks a member against its local header; where its packed bytes start. */
function checkEntry(
  what: string,
  file: Uint8Array,
  view: DataView,
  entry: Entry,
  limit: number,
): number {
  const { version, flags, method, name, offset, packedSize, size } = entry;
  const fail = (problem: string, help?: string) =>
    refuse(what, `member '${name}' ${problem}`, help);
  if (flags & ENCRYPTED) fail("is encrypted", REWRITE);
  if (flags & PATCHED || version > MAX_VERSION) {
    fail("needs another version of the zip format", REWRITE);
  }
  if (method !== 0 && method !== 8) fail(`is compressed by the unknown method ${method}`, REWRITE);
  if (offset + 30 > limit || view.getUint32(offset, true) !== LOCAL) fail("has no local header");
  const nameEnd = offset + 30 + view.getUint16(offset + 26, true);
  const dataStart = nameEnd + view.getUint16(offset + 28, true);
  if (dataStart + packedSize > limit) fail("runs beyond the archive");
  const localUtf8 = (view.getUint16(offset + 6, true) & UTF8) !== 0;
  const localName = decodeName(what, file.subarray(offset + 30, nameEnd), localUtf8);
  if (localName !== name) fail("has another name in its local header");
  if (method === 0 && size !== packedSize) fail("is stored, yet has two sizes");
  if (method === 8 && size > packedSize * MAX_RATIO) {
    fail(`declares ${size} bytes, more than its ${packedSize} packed bytes can hold`);
  }
  return dataStart;
}

function checkOverlap(what: string, spans: { name: string; start: number; end: number }[]): void {
  spans.sort((a, b) => a.start - b.start);
  for (let i = 1; i < spans.length; i++) {
    const { name, start } = spans[i]!;
    if (start < spans[i - 1]!.end) refuse(what, `member '${name}' overlaps another`);
  }
}

function decodeName(what: string, bytes: Uint8Array, utf8: boolean): string {
  if (utf8 || bytes.every((b) => b < 0x80)) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // Falls through to the same refusal.
    }
  }
  return refuse(what, "a member's name is not UTF-8", REWRITE);
}

function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
