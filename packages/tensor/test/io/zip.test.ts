/** @file The directory of a zip archive, written here field by field: what is read, and what is refused. */
import { describe, expect, test } from "vitest";
import { zipMembers } from "../../src/io/zip.js";
import { refusal } from "./fixtures.js";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const FULL = 0xffffffff;
const REWRITE = "\n  help: write it with numpy.savez or saveNpz";

/** One member, with any field of its directory entry as given. */
interface Member {
  readonly name: string;
  readonly data?: string;
  readonly version?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly offset?: number;
  readonly extra?: readonly number[];
  readonly comment?: string;
  readonly local?: { name?: string; flags?: number; extra?: readonly number[] };
}

const encode = (text: string) => [...new TextEncoder().encode(text)];
const latin = (text: string) => [...text].map((c) => c.charCodeAt(0));
const little = (value: number | bigint, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
const u16 = (value: number) => little(value, 2);
const u32 = (value: number) => little(value, 4);
const u64 = (value: number) => little(value, 8);

function localHeader({ name, data = "", flags = 0, method = 0, local = {} }: Member): number[] {
  const bytes = latin(local.name ?? name);
  const extra = local.extra ?? [];
  return [
    ...u32(LOCAL),
    ...u16(20),
    ...u16(local.flags ?? flags),
    ...u16(method),
    ...u32(0), // time
    ...u32(0), // checksum and sizes, which the directory says too
    ...u32(data.length),
    ...u32(data.length),
    ...u16(bytes.length),
    ...u16(extra.length),
    ...bytes,
    ...extra,
    ...latin(data),
  ];
}

function entry(member: Member, offset: number): number[] {
  const { name, data = "", extra = [], comment = "" } = member;
  return [
    ...u32(CENTRAL),
    ...u16(member.version ?? 20),
    ...u16(member.version ?? 20),
    ...u16(member.flags ?? 0),
    ...u16(member.method ?? 0),
    ...u32(0),
    ...u32(0x12345678), // checksum
    ...u32(member.packedSize ?? data.length),
    ...u32(member.size ?? data.length),
    ...u16(latin(name).length),
    ...u16(extra.length),
    ...u16(comment.length),
    ...new Array<number>(8).fill(0),
    ...u32(member.offset ?? offset),
    ...latin(name),
    ...extra,
    ...latin(comment),
  ];
}

interface Whole {
  readonly comment?: string;
  /** Changes what the end record says. */
  readonly end?: { count?: number; bytes?: number; start?: number; volume?: number };
  /** Writes the 64-bit end record, and where it is said to be. */
  readonly wide?: { at?: number; signature?: number };
}

function archive(members: readonly Member[], { comment = "", end = {}, wide }: Whole = {}) {
  const file: number[] = [];
  const entries = members.map((member) => {
    const offset = file.length;
    file.push(...localHeader(member));
    return entry(member, offset);
  });
  const start = file.length;
  file.push(...entries.flat());
  const bytes = file.length - start;
  if (wide !== undefined) {
    const at = file.length;
    file.push(...u32(wide.signature ?? END64), ...u64(44), ...u16(45), ...u16(45), ...u32(0));
    file.push(...u32(0), ...u64(members.length), ...u64(members.length), ...u64(bytes));
    file.push(...u64(start), ...u32(LOCATOR64), ...u32(0), ...u64(wide.at ?? at), ...u32(1));
  }
  const narrow = wide === undefined ? {} : { count: 0xffff, bytes: FULL, start: FULL };
  const said = { count: members.length, bytes, start, volume: 0, ...narrow, ...end };
  file.push(...u32(END), ...u32(said.volume), ...u16(said.count), ...u16(said.count));
  file.push(...u32(said.bytes), ...u32(said.start), ...u16(comment.length), ...latin(comment));
  return Uint8Array.from(file);
}

const read = (members: readonly Member[], whole?: Whole) =>
  zipMembers("load", archive(members, whole)).map(({ packed, ...rest }) => ({
    ...rest,
    packed: String.fromCharCode(...packed),
  }));
const refuse = (members: readonly Member[], whole?: Whole) =>
  refusal(() => zipMembers("load", archive(members, whole)));

const a: Member = { name: "a", data: "first" };
const b: Member = { name: "b", data: "second!" };
const readA = { name: "a", deflated: false, packed: "first", size: 5, crc: 0x12345678 };
const readB = { name: "b", deflated: false, packed: "second!", size: 7, crc: 0x12345678 };

describe("what is read", () => {
  test("members in the order of the directory", () => {
    expect(read([])).toEqual([]);
    expect(read([a])).toEqual([readA]);
    expect(read([a, b])).toEqual([readA, readB]);
    expect(read([{ ...a, method: 8, size: 5000 }])).toEqual([
      { ...readA, deflated: true, size: 5000 },
    ]);
  });

  test("beside comments, extra fields and an archive in a larger buffer", () => {
    const time = [...u16(0x5455), ...u16(5), 1, 2, 3, 4, 5];
    const busy = { ...a, extra: time, comment: "of a", local: { extra: [...time, 0, 0] } };
    expect(read([busy, b], { comment: "an archive" })).toEqual([readA, readB]);
    const file = archive([a, b]);
    const shifted = new Uint8Array(file.length + 5).subarray(5);
    shifted.set(file);
    expect(zipMembers("load", shifted)).toEqual(zipMembers("load", file));
  });

  test("a comment that holds the mark of an end record, and one of 65535 bytes", () => {
    const mark = String.fromCharCode(...u32(END)).padEnd(30, "x");
    expect(read([a], { comment: mark })).toEqual([readA]);
    expect(read([a], { comment: "x".repeat(0xffff) })).toEqual([readA]);
  });

  test("names in UTF-8, with its flag or in ASCII", () => {
    const name = String.fromCharCode(...encode("é€"));
    expect(read([{ ...a, name, flags: 0x800 }])[0]!.name).toBe("é€");
    expect(read([{ ...a, flags: 0x800, local: { flags: 0 } }])).toEqual([readA]);
    const NO_TEXT = `load: a member's name is not UTF-8${REWRITE}`;
    expect(refuse([{ ...a, name }])).toBe(NO_TEXT);
    expect(refuse([{ ...a, name, flags: 0x800, local: { flags: 0 } }])).toBe(NO_TEXT);
    expect(refuse([{ ...a, name: "\xff", flags: 0x800 }])).toBe(NO_TEXT);
  });

  test("stored and deflated at the limits", () => {
    expect(read([{ ...a, version: 63 }])).toEqual([readA]);
    expect(read([{ ...a, method: 8, size: 5 * 1032 }])[0]!.size).toBe(5160);
    expect(read([{ ...a, data: "", method: 8, size: 0 }])[0]!.size).toBe(0);
  });
});

describe("64-bit archives", () => {
  const wide = (...values: number[]) => [
    ...u16(1),
    ...u16(8 * values.length),
    ...values.flatMap(u64),
  ];
  const other = [...u16(0x5455), ...u16(3), 1, 2, 3];

  test("an end record of 64 bits", () => {
    expect(read([a, b], { wide: {} })).toEqual([readA, readB]);
    expect(read([a], { wide: {}, comment: "one" })).toEqual([readA]);
  });

  test("its place and mark are checked", () => {
    const problem = "load: the zip archive has no 64-bit end record";
    expect(refuse([a], { wide: { at: 0 } })).toBe(problem);
    expect(refuse([a], { wide: { at: 2 ** 40 } })).toBe(problem);
    expect(refuse([a], { wide: { signature: END } })).toBe(problem);
    const file = archive([a], { wide: {} });
    const late = file.length - 22 - 20 - 56;
    expect(refuse([a], { wide: { at: late + 1 } })).toBe(problem);
  });

  test("sizes and places of 64 bits, each where its narrow field is full", () => {
    const [size, packedSize, offset] = [FULL, FULL, FULL];
    expect(read([{ ...a, size, extra: wide(5) }])).toEqual([readA]);
    expect(read([{ ...a, packedSize, extra: wide(5) }])).toEqual([readA]);
    expect(read([{ ...a, offset, extra: wide(0) }])).toEqual([readA]);
    expect(read([{ ...a, size, packedSize, offset, extra: wide(5, 5, 0) }])).toEqual([readA]);
    const later = archive([a]).length - 22 - 47; // where b's local header begins
    expect(read([a, { ...b, offset, extra: [...other, ...wide(later), ...other] }])).toEqual([
      readA,
      readB,
    ]);
    expect(read([{ ...a, method: 8, size, packedSize, extra: wide(4000, 5) }])[0]!.size).toBe(4000);
  });

  test.each<[string, number[]]>([
    ["none at all", []],
    ["another field", other],
    ["too short a field", wide(5).slice(0, -1)],
    ["a field that says it is empty", [...u16(1), ...u16(0), ...u64(5)]],
    ["half a head", u16(1)],
    ["a field that leads beyond", [...u16(0x5455), ...u16(9000), ...wide(5)]],
  ])("without the value: %s", (_, extra) => {
    expect(refuse([{ ...a, size: FULL, extra }])).toBe("load: member 'a' has no 64-bit size");
  });
});

describe("members that are refused", () => {
  test.each<[Member, string]>([
    [{ ...b, flags: 1 }, `is encrypted${REWRITE}`],
    [{ ...b, flags: 0x40 }, `is encrypted${REWRITE}`],
    [{ ...b, flags: 0x2000 }, `is encrypted${REWRITE}`],
    [{ ...b, flags: 0x20 }, `needs another version of the zip format${REWRITE}`],
    [{ ...b, version: 64 }, `needs another version of the zip format${REWRITE}`],
    [{ ...b, method: 1 }, `is compressed by the unknown method 1${REWRITE}`],
    [{ ...b, method: 9 }, `is compressed by the unknown method 9${REWRITE}`],
    [{ ...b, offset: 1 }, "has no local header"],
    [{ ...b, offset: 1e6 }, "has no local header"],
    [{ ...b, local: { name: "c" } }, "has another name in its local header"],
    [{ ...b, size: 8 }, "is stored, yet has two sizes"],
    [{ ...b, size: 6 }, "is stored, yet has two sizes"],
    [
      { ...b, method: 8, size: 7 * 1032 + 1 },
      "declares 7225 bytes, more than its 7 packed bytes can hold",
    ],
    [{ ...b, packedSize: 8, size: 8 }, "runs beyond the archive"],
  ])("%j", (member, problem) => {
    expect(refuse([a, member])).toBe(`load: member 'b' ${problem}`);
  });

  test("that overlap", () => {
    const twice = [a, { ...a, offset: 0 }];
    expect(refuse(twice)).toBe("load: member 'a' overlaps another");
    expect(refuse([{ ...a, packedSize: 6, size: 6 }, b])).toBe("load: member 'b' overlaps another");
    // The order of the directory says nothing of the place.
    const place = localHeader(a).length;
    expect(
      read(
        [
          { ...a, name: "x" },
          { ...b, name: "y" },
        ].reverse(),
      ),
    ).toHaveLength(2);
    const swapped = archive([a, b]);
    expect(zipMembers("load", swapped)[1]!.packed.byteOffset).toBe(place + 31);
  });
});

describe("directories that are refused", () => {
  const ELSEWHERE = "load: the zip directory does not end where its end record begins";
  test.each<[Whole, string]>([
    [{ end: { volume: 1 } }, `load: the zip has many volumes${REWRITE}`],
    [{ end: { volume: 0x10000 } }, `load: the zip has many volumes${REWRITE}`],
    [{ end: { count: 1 } }, "load: the zip directory has a wrong size"],
    [{ end: { count: 3 } }, ELSEWHERE],
    [{ end: { start: 3 } }, ELSEWHERE],
    [{ end: { bytes: 93 } }, ELSEWHERE],
    [{ end: { bytes: 95 } }, ELSEWHERE],
  ])("%j", (whole, message) => {
    expect(refuse([a, b], whole)).toBe(message);
  });

  test("entries that are damaged", () => {
    const damaged = "load: the zip directory is damaged";
    const file = archive([a, b]);
    const second = file.length - 22 - 47;
    const patched = (at: number, value: number) => {
      const copy = file.slice();
      copy[second + at] = value;
      return refusal(() => zipMembers("load", copy));
    };
    expect(patched(0, 0)).toBe(damaged);
    expect(patched(28, 2)).toBe(damaged); // a longer name
    expect(patched(30, 1)).toBe(damaged); // an extra field
    expect(patched(32, 1)).toBe(damaged); // a comment
  });

  test("no end record", () => {
    const cut = "load: the zip archive has no end record";
    const file = archive([a, b]);
    expect(refusal(() => zipMembers("load", file.subarray(0, -1)))).toBe(cut);
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    expect(refusal(() => zipMembers("load", longer))).toBe(cut);
    const far = new Uint8Array(file.length + 70_000);
    far.set(file);
    expect(refusal(() => zipMembers("load", far))).toBe(cut);
  });

  test("other files", () => {
    const begun = "load: not a zip archive";
    const none = begun + REWRITE;
    const bytes = (...first: number[]) => {
      const file = new Uint8Array(100);
      file.set(first);
      return refusal(() => zipMembers("load", file));
    };
    expect(refusal(() => zipMembers("load", new Uint8Array(0)))).toBe(none);
    expect(refusal(() => zipMembers("load", archive([]).subarray(0, 21)))).toBe(none);
    expect(bytes(0x50, 0x4b)).toBe(none);
    expect(bytes(0x93, 0x4e)).toBe(`${begun}\n  help: this is a .npy file: read it with loadNpy`);
    expect(bytes(...u32(CENTRAL))).toBe(none);
  });
});
