/** @file Vectors of the schemes, made by independent scripts. They must never change. */
import { describe, expect, it } from "vitest";
import { partition, type Scheme } from "../../src/index.js";

const first8 = (scheme: Scheme, n: number, d: number, seed: number) =>
  Array.from(partition({ scheme, n, d, seed }).fill(new Int32Array(8)));

describe("feistel-v1", () => {
  it.each([
    [10, 4, 1, [3, 2, 1, 0, 0, 3, 0, 1]],
    [1000, 10, 0, [8, 0, 4, 7, 0, 6, 7, 4]],
    [1000, 10, 1, [4, 7, 2, 5, 0, 2, 5, 3]],
    [4096, 256, 42, [93, 118, 66, 170, 237, 7, 1, 180]],
    [14155776, 23040, 42, [14772, 12608, 20337, 7243, 15968, 6488, 14311, 1300]],
    [
      2 ** 31 - 1,
      1_000_000,
      Number.MAX_SAFE_INTEGER,
      [235902, 190519, 900776, 649093, 474723, 200475, 369865, 860591],
    ],
  ])("n = %i, d = %i, seed %i", (n, d, seed, expected) => {
    expect(first8("feistel-v1", n, d, seed)).toEqual(expected);
  });

  it("the last of 2³¹ − 1 entries", () => {
    const p = partition({ n: 2 ** 31 - 1, d: 1_000_000, seed: Number.MAX_SAFE_INTEGER });
    expect(p.groupOf(2 ** 31 - 2)).toBe(365452);
  });
});

describe("hash-v1", () => {
  const hash = (i: number, d: number, seed: number) => {
    let v = BigInt.asUintN(64, BigInt(i) + BigInt(seed) + 0x9e3779b97f4a7c15n);
    v = BigInt.asUintN(64, (v ^ (v >> 30n)) * 0xbf58476d1ce4e5b9n);
    v = BigInt.asUintN(64, (v ^ (v >> 27n)) * 0x94d049bb133111ebn);
    return Number((v ^ (v >> 31n)) % BigInt(d));
  };

  it.each([
    [7, 42, [5, 1, 0, 2, 3, 5, 1, 0]],
    [23040, 0, [19375, 13505, 11470, 13293, 9418, 21338, 15872, 9687]],
    [23040, 42, [11413, 17800, 14931, 10966, 14343, 4485, 14627, 15192]],
  ])("d = %i, seed %i: the vectors of the reference code", (d, seed, expected) => {
    expect(first8("hash-v1", 8, d, seed)).toEqual(expected);
  });

  it.each([
    [1, 0],
    [2, 3],
    [65537, 2 ** 32 - 1],
    [1_000_003, 2 ** 32],
    [2 ** 31 - 1, Number.MAX_SAFE_INTEGER],
  ])("d = %i, seed %i: equals 64-bit arithmetic", (d, seed) => {
    const got = partition({ scheme: "hash-v1", n: 3000, d, seed }).groups();
    expect(Array.from(got)).toEqual(Array.from(got, (_, i) => hash(i, d, seed)));
  });

  it("seed s + 1 is seed s shifted by one", () => {
    const a = partition({ scheme: "hash-v1", n: 100, d: 5, seed: 8 }).groups();
    const b = partition({ scheme: "hash-v1", n: 100, d: 5, seed: 9 }).groups();
    expect(b.subarray(0, 99)).toEqual(a.subarray(1));
  });
});

describe("the other rules", () => {
  it("iid", () => {
    expect(first8("iid", 1000, 10, 0)).toEqual([8, 1, 9, 7, 4, 1, 9, 4]);
    expect(first8("iid", 4096, 256, 42)).toEqual([170, 34, 159, 218, 64, 195, 141, 169]);
  });

  it("contiguous", () => {
    expect(first8("contiguous", 8, 3, 0)).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
  });

  it("per-layer", () => {
    const p = partition({ scheme: "per-layer", n: 20, d: 6, seed: 1, sizes: [5, 12, 3] });
    const expected = [0, 0, 0, 0, 0, 4, 3, 4, 2, 1, 1, 4, 3, 2, 3, 2, 1, 5, 5, 5];
    expect(Array.from(p.groups())).toEqual(expected);
  });

  it("signed-magnitude", () => {
    const values = [1, -2, 3, -0.1, 0, 5, -7, 8];
    const p = partition({ scheme: "signed-magnitude", n: 8, d: 3, values });
    expect(Array.from(p.groups())).toEqual([0, 2, 0, 2, 0, 1, 2, 1]);
  });
});
