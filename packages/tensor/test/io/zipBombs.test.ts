/** @file Zip bombs: archives that ask for much more than they hold are refused before memory is taken. */
import { deflateSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/io/npy.js";
import { decodeNpz, encodeNpz } from "../../src/io/npz.js";
import type { FileArray } from "../../src/io/storage.js";
import { refusal } from "./fixtures.js";

const CENTRAL = 0x02014b50;
const load = (file: Uint8Array) => decodeNpz("loadNpz", file);
const floats = (...values: number[]): FileArray => ({
  shape: [values.length],
  dtype: "float32",
  data: Float32Array.from(values),
});

describe("zip bombs", () => {
  /** An archive of one member whose packed bytes and declared size are given. */
  function archive(packed: Uint8Array, size: number, copies = 1): Uint8Array {
    const members = Object.fromEntries(
      Array.from({ length: copies }, (_, i) => [`m${i}.npy`, packed]),
    );
    const file = zipSync(members, { level: 0 });
    const view = new DataView(file.buffer);
    for (let at = 0; at + 4 <= file.length; at++) {
      if (view.getUint32(at, true) !== CENTRAL) continue;
      view.setUint16(at + 10, 8, true);
      view.setUint32(at + 24, size, true);
    }
    return file;
  }
  let packed: Uint8Array | undefined;
  const zeros = () => (packed ??= deflateSync(new Uint8Array(5_000_000), { level: 9 }));

  test("zeros without a header", () => {
    const file = archive(zeros(), 5_000_000);
    expect(refusal(() => load(file))).toContain("not a .npy file");
  });

  test("a valid header, and much more than it needs or declares", () => {
    const npy = encodeNpy("saveNpy", {
      shape: [2_000_000],
      dtype: "bool",
      data: new Uint8Array(2e6),
    });
    const short = archive(deflateSync(npy, { level: 9 }), 1000);
    expect(refusal(() => load(short))).toContain("asks for 2000000 bytes");
    const nine = { shape: [9], dtype: "bool", data: new Uint8Array(9) } as const;
    npy.set(encodeNpy("saveNpy", nine).subarray(0, 128));
    const lie = archive(deflateSync(npy, { level: 9 }), 1000);
    expect(refusal(() => load(lie))).toContain("more than the 1000");
  });

  test("many members that are large together", () => {
    const many = archive(zeros(), 5_000_000, 440);
    expect(refusal(() => load(many))).toContain("limit of 2147483648");
    const file = encodeNpz("saveNpz", Object.entries({ a: floats(1, 2), b: floats(3) }), false);
    expect(refusal(() => decodeNpz("loadNpz", file, { maxBytes: 200 }))).toContain("{ maxBytes }");
  });
});
