/** @file The .npz codec: archives that NumPy wrote, and damaged archives. */
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/io/crc32.js";
import { decodeNpy, encodeNpy } from "../../src/io/npy.js";
import { decodeNpz, encodeNpz } from "../../src/io/npz.js";
import type { FileArray } from "../../src/io/storage.js";
import { fromBase64, numpyCases, refusal } from "./fixtures.js";

const load = (file: Uint8Array) => decodeNpz("loadNpz", file);
const floats = (...values: number[]): FileArray => ({
  shape: [values.length],
  dtype: "float32",
  data: Float32Array.from(values),
});
const save = (arrays: Record<string, FileArray>, compress = false) =>
  encodeNpz("saveNpz", Object.entries(arrays), compress);

/** Sets a number of `bytes` bytes at `offset` from where `signature` last occurs. */
function patch(file: Uint8Array, signature: number, offset: number, value: number, bytes = 4) {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  for (let at = copy.length - 4; at >= 0; at--) {
    if (view.getUint32(at, true) !== signature) continue;
    if (bytes === 4) view.setUint32(at + offset, value, true);
    else view.setUint16(at + offset, value, true);
    return copy;
  }
  throw new Error("no such signature");
}
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

test("CRC-32 check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

describe("archives that NumPy wrote", () => {
  test.each(numpyCases().npz)("$name", ({ bytes, members }) => {
    const arrays = load(fromBase64(bytes));
    expect([...arrays.keys()]).toEqual(Object.keys(members));
    for (const [name, { dtype, shape, sum }] of Object.entries(members)) {
      const array = arrays.get(name)!;
      expect(array).toMatchObject({ dtype, shape });
      expect(Array.from(array.data, Number).reduce((a, b) => a + b, 0)).toBe(sum);
    }
  });

  test("every cut-off beginning is refused", () => {
    const file = fromBase64(numpyCases().npz[1]!.bytes);
    for (let length = 0; length < file.length; length += 1)
      refusal(() => load(file.subarray(0, length)));
  });
});

describe("round trips", () => {
  test.each([false, true])("compress: %s, the same bytes each time", (compress) => {
    const arrays = {
      a: floats(1, 2, 3),
      "b/é": { shape: [], dtype: "int64", data: BigInt64Array.of(-5n) } as FileArray,
      "": { shape: [0, 4], dtype: "bool", data: new Uint8Array(0) } as FileArray,
    };
    const file = save(arrays, compress);
    expect(Object.fromEntries(load(file))).toEqual(arrays);
    expect(save(arrays, compress)).toEqual(file);
  });

  test("an empty archive", () => {
    expect(save({}).length).toBe(22);
    expect(load(save({})).size).toBe(0);
  });

  test("only the wanted names are unpacked", () => {
    const file = zipSync({
      "readme.txt": new Uint8Array(10),
      "a.npy": encodeNpy("saveNpy", floats(1)),
    });
    expect(refusal(() => load(file))).toContain("is not a .npy file");
    const arrays = decodeNpz("loadNpz", file, { wanted: (name) => name === "a" });
    expect([...arrays.keys()]).toEqual(["a"]);
  });

  test("a member longer than its array, as NumPy allows", () => {
    const npy = encodeNpy("saveNpy", floats(1, 2));
    const longer = new Uint8Array(npy.length + 7);
    longer.set(npy);
    for (const level of [0, 6] as const) {
      expect(load(zipSync({ "a.npy": longer }, { level })).get("a")).toEqual(floats(1, 2));
    }
  });
});

describe("damaged archives", () => {
  const stored = () => save({ a: floats(1, 2, 3), b: floats(4) });
  const deflated = () => save({ a: floats(...new Array(1000).fill(1)) }, true);

  test.each([
    ["a flipped byte of data", () => stored().slice().fill(77, 170, 171), "checksum"],
    ["a wrong checksum", () => patch(deflated(), CENTRAL, 16, 1), "checksum"],
    ["encryption", () => patch(stored(), CENTRAL, 8, 1, 2), "encrypted"],
    ["strong encryption", () => patch(stored(), CENTRAL, 8, 0x40, 2), "encrypted"],
    ["patched data", () => patch(stored(), CENTRAL, 8, 0x20, 2), "another version"],
    ["a later version", () => patch(stored(), CENTRAL, 6, 64, 2), "another version"],
    ["an unknown method", () => patch(stored(), CENTRAL, 10, 12, 2), "method 12"],
    ["two sizes of a stored member", () => patch(stored(), CENTRAL, 24, 9), "two sizes"],
    [
      "a size smaller than the array",
      () => patch(deflated(), CENTRAL, 24, 200),
      "asks for 4000 bytes",
    ],
    ["a size smaller than the content", () => patch(deflated(), CENTRAL, 24, 4127), "asks for"],
    [
      "a size larger than the content",
      () => patch(deflated(), CENTRAL, 24, 5000),
      "unpacks to 4128",
    ],
    ["a size that deflate cannot reach", () => patch(deflated(), CENTRAL, 24, 1e9), "can hold"],
    ["a packed size beyond the file", () => patch(deflated(), CENTRAL, 20, 1e6), "runs beyond"],
    ["a local header elsewhere", () => patch(stored(), CENTRAL, 42, 7), "no local header"],
    ["a local header beyond the file", () => patch(stored(), CENTRAL, 42, 1e9), "no local header"],
    [
      "another name in the local header",
      () => patch(stored(), LOCAL, 30, 0x7979, 2),
      "another name",
    ],
    ["two members at one place", () => patch(stored(), CENTRAL, 42, 0), "another name"],
    ["too many members", () => patch(stored(), END, 10, 60_000, 2), "directory"],
    ["too few members", () => patch(stored(), END, 10, 1, 2), "wrong size"],
    ["a directory elsewhere", () => patch(stored(), END, 16, 3), "directory"],
    ["many volumes", () => patch(stored(), END, 4, 1), "volumes"],
    ["a wrong comment length", () => patch(stored(), END, 20, 4, 2), "no end record"],
    ["a name that is not UTF-8", () => patch(stored(), CENTRAL, 46, 0xffff, 2), "UTF-8"],
  ])("%s", (_, file, problem) => {
    expect(refusal(() => load(file()))).toContain(problem);
  });

  test("a bad deflate stream", () => {
    const start = 30 + 5;
    const intact = deflated();
    for (let at = start; at < start + 40; at++) {
      for (const value of [0, 0xff]) {
        const file = intact.slice();
        file[at] = value;
        if (file[at] !== intact[at]) refusal(() => load(file));
      }
    }
  });

  test("the same array twice", () => {
    const npy = encodeNpy("saveNpy", floats(1));
    expect(refusal(() => load(zipSync({ a: npy, "a.npy": npy })))).toContain("occurs twice");
  });

  test("other files", () => {
    expect(refusal(() => load(encodeNpy("saveNpy", floats(1))))).toContain("loadNpy");
    expect(refusal(() => load(new Uint8Array(0)))).toContain("not a zip archive");
    expect(refusal(() => load(new TextEncoder().encode("PK".padEnd(100))))).toContain("not a zip");
  });
});

describe("writing", () => {
  test("refuses names that no archive can hold", () => {
    for (const name of ["a\0b", "\ud800", "x".repeat(30_000)]) {
      expect(refusal(() => save({ [name]: floats(1) }))).toContain("name");
    }
    expect(
      refusal(() => save({ a: { ...floats(1), dtype: "bfloat16", data: new Uint16Array(1) } })),
    ).toContain("saveNpz ('a'): .npy files have no dtype bfloat16");
  });

  test("members are the files of saveNpy", () => {
    const file = save({ a: floats(1, 2) });
    expect(decodeNpy("loadNpy", file.subarray(35))).toEqual(floats(1, 2));
  });
});
