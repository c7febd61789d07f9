/** @file Members of .npz archives: names, limits, what is unpacked, and the whole message of each refusal. */
import { deflateSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/io/crc32.js";
import { encodeNpy } from "../../src/io/npy.js";
import { decodeNpz, encodeNpz } from "../../src/io/npz.js";
import type { FileArray } from "../../src/io/storage.js";
import { npyFile, refusal } from "./fixtures.js";

const floats = (...values: number[]): FileArray => ({
  shape: [values.length],
  dtype: "float32",
  data: Float32Array.from(values),
});
const load = (file: Uint8Array, options = {}) => decodeNpz("load", file, options);
const save = (arrays: Record<string, FileArray>, compress = false) =>
  encodeNpz("save", Object.entries(arrays), compress);
const npy = (...values: number[]) => encodeNpy("save", floats(...values));

/** An archive of one deflated member, with the size and the checksum that its directory declares. */
function declared(packed: Uint8Array, size: number, crc = 0): Uint8Array {
  const file = zipSync({ "a.npy": packed }, { level: 0 });
  const view = new DataView(file.buffer);
  const entry = file.length - 22 - 46 - "a.npy".length;
  view.setUint16(entry + 10, 8, true);
  view.setUint32(entry + 16, crc, true);
  view.setUint32(entry + 24, size, true);
  return file;
}

describe("names", () => {
  test("without .npy at their end, and nowhere else", () => {
    const file = zipSync({ "a.npy": npy(1), b: npy(2), "c.npy.npy": npy(3), "d.npyx": npy(4) });
    expect([...load(file).keys()]).toEqual(["a", "b", "c.npy", "d.npyx"]);
  });

  test("that occur twice", () => {
    const file = zipSync({ a: npy(1), "a.npy": npy(1) });
    expect(refusal(() => load(file))).toBe("load: 'a' occurs twice in the archive");
    const one = load(zipSync({ b: npy(2), a: npy(1), "a.npy": npy(1) }), {
      wanted: (name: string) => name === "b",
    });
    expect([...one]).toEqual([["b", floats(2)]]);
  });

  test("that no archive can hold", () => {
    const OTHER = "\n  help: give it another name";
    const refuse = (name: string) => refusal(() => save({ [name]: floats(1) }));
    expect(refuse("a\0b")).toBe(`save: no array can have the name "a\\u0000b"${OTHER}`);
    expect(refuse("\ud800")).toBe(`save: no array can have the name "\\ud800"${OTHER}`);
    const long = "n".repeat(20_000);
    expect(load(save({ [long]: floats(1) })).get(long)).toEqual(floats(1));
    expect(refuse(`${long}n`)).toBe(`save: no array can have the name "${"n".repeat(40)}"${OTHER}`);
  });
});

describe("limits", () => {
  test("of all arrays together, those that are wanted", () => {
    const file = save({ a: floats(1, 2), b: floats(3) });
    const bytes = npy(1, 2).length + npy(3).length;
    expect(load(file, { maxBytes: bytes }).size).toBe(2);
    expect(refusal(() => load(file, { maxBytes: bytes - 1 }))).toBe(
      `load: the arrays take ${bytes} bytes, more than the limit of ${bytes - 1}\n` +
        "  help: if the file is trusted, pass { maxBytes } or choose arrays by { names }",
    );
    const wanted = (name: string) => name === "b";
    expect(load(file, { maxBytes: npy(3).length, wanted }).size).toBe(1);
  });

  test("2 GiB unless told otherwise", () => {
    const large = 2 ** 31 + 128;
    const file = declared(new Uint8Array(3e6), large);
    expect(refusal(() => load(file))).toContain(
      `the arrays take ${large} bytes, more than the limit of 2147483648`,
    );
  });
});

describe("what a member unpacks to", () => {
  const whole = npy(...new Array<number>(3000).fill(0.1));
  const packed = deflateSync(whole);

  test("exactly what it declares", () => {
    expect(load(declared(packed, whole.length, crc32(whole))).get("a")!.shape).toEqual([3000]);
    expect(refusal(() => load(declared(packed, whole.length + 1, crc32(whole))))).toBe(
      `load ('a.npy'): unpacks to ${whole.length} bytes, declares ${whole.length + 1}`,
    );
    const longer = new Uint8Array(whole.length + 9);
    longer.set(whole);
    expect(refusal(() => load(declared(deflateSync(longer), whole.length, crc32(whole))))).toBe(
      `load ('a.npy'): unpacks to more than the ${whole.length} bytes it declares`,
    );
  });

  test("with the checksum it declares", () => {
    const message = "load ('a.npy'): the checksum differs";
    expect(refusal(() => load(declared(packed, whole.length, 1)))).toBe(message);
    const stored = save({ a: floats(1) });
    stored[stored.indexOf(0x0a) + 1]! ^= 1; // the first byte after the header
    expect(refusal(() => load(stored))).toBe(message);
  });

  test("an array, told from its first bytes", () => {
    const message =
      "load ('readme.txt'): the member is not a .npy file\n  help: choose arrays by { names }";
    for (const level of [0, 6] as const) {
      const file = zipSync({ "readme.txt": new Uint8Array(5000) }, { level });
      expect(refusal(() => load(file))).toBe(message);
    }
  });

  test("an array that fits the size declared", () => {
    const refuse = (size: number) =>
      refusal(() => load(declared(packed, size, crc32(whole)))).replace("load ('a.npy'): ", "");
    expect(refuse(whole.length - 1)).toBe(
      `its header asks for 12000 bytes, it declares ${whole.length - 1}`,
    );
  });

  test("a header that is longer than one piece", () => {
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}".padEnd(9999);
    const file = npyFile(`${header}\n`, [1, 2, 3]);
    for (const level of [0, 9] as const) {
      expect(load(zipSync({ a: file }, { level })).get("a")).toEqual({
        shape: [3],
        dtype: "uint8",
        data: Uint8Array.of(1, 2, 3),
      });
    }
  });

  test("nothing, where the stream is damaged", () => {
    const damaged = packed.slice();
    damaged[0] = 0xff;
    expect(refusal(() => load(declared(damaged, whole.length)))).toMatch(
      /^load \('a\.npy'\): cannot be inflated: \S/,
    );
  });

  test("the field that is asked for", () => {
    const header = "{'descr': [('x', '|u1'), ('y', '|u1')], 'fortran_order': False, 'shape': (2,)}";
    const file = zipSync({ "a.npy": npyFile(header, [1, 2, 3, 4]) });
    expect([...load(file, { field: "y" }).get("a")!.data]).toEqual([2, 4]);
    expect(refusal(() => load(file))).toMatch(/^load \('a'\): a structured array/);
  });
});

describe("writing", () => {
  test("stored or deflated, on the first day that zip can name", () => {
    const arrays = { a: floats(...new Array<number>(1000).fill(1)) };
    for (const compress of [false, true]) {
      const file = save(arrays, compress);
      const view = new DataView(file.buffer);
      expect(view.getUint16(8, true)).toBe(compress ? 8 : 0);
      expect(view.getUint32(10, true)).toBe(0x00210000);
      expect(file.length > 4000).toBe(!compress);
    }
  });

  test("an array that no .npy file holds is told by its name", () => {
    const array = { shape: [1], dtype: "bfloat16", data: new Uint16Array(1) } as const;
    expect(refusal(() => save({ b: array }))).toMatch(/^save \('b'\): \.npy files have no dtype/);
  });
});
