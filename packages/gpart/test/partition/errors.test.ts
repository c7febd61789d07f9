/** @file Errors and warnings of partitions, and their messages. */
import { UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { partition, type Scheme } from "../../src/index.js";

describe("partition refuses", () => {
  it.each<[string, Parameters<typeof partition>[0], string]>([
    ["d > n", { n: 5, d: 6 }, "d = 6 groups cannot all have a member among n = 5 weights"],
    ["d = 0", { n: 5, d: 0 }, "d is a whole number from 1 to 2^31 - 1: got 0"],
    ["a fraction", { n: 5, d: 1.5 }, "d is a whole number"],
    ["n = 0", { n: 0, d: 1 }, "n is a whole number from 1 to 2^31 - 1: got 0"],
    ["n of 2³¹", { n: 2 ** 31, d: 1 }, "n is a whole number"],
    ["a negative seed", { n: 5, d: 1, seed: -1 }, "the seed is a whole number from 0 to 2^53 - 1"],
    ["NaN", { n: 5, d: 1, seed: Number.NaN }, "got NaN"],
    ["an unknown scheme", { n: 5, d: 1, scheme: "x" as Scheme }, 'unknown scheme "x"'],
    ["per-layer without sizes", { n: 5, d: 1, scheme: "per-layer" }, "got sizes: none"],
    ["wrong sizes", { n: 5, d: 1, scheme: "per-layer", sizes: [2, 2] }, "that add up to n = 5"],
    [
      "too few groups",
      { n: 4, d: 1, scheme: "per-layer", sizes: [2, 2] },
      "2 cells need at least one group each",
    ],
    ["no weights", { n: 4, d: 1, scheme: "signed-magnitude" }, "got none values"],
    [
      "weights that are not finite",
      { n: 2, d: 1, scheme: "signed-magnitude", values: [1, Number.NaN] },
      "weight 1 is NaN",
    ],
    ["cells without sizes", { n: 5, d: 1, cells: [0] }, "got sizes: none"],
    ["a cell left out", { n: 5, d: 2, sizes: [2, 3], cells: [0, 2] }, "got cells [0, 2]"],
    ["cells of some layers", { n: 5, d: 2, sizes: [2, 3], cells: [0] }, "each of 2 layers"],
    [
      "cells of cells",
      { n: 5, d: 2, sizes: [2, 3], cells: [0, 1], scheme: "per-layer" },
      "has a cell for each layer by itself",
    ],
    [
      "budgets that do not add up",
      { n: 5, d: 2, sizes: [2, 3], cells: [0, 1], budgets: [1, 2] },
      "got budgets [1, 2]",
    ],
    [
      "a budget above its cell",
      { n: 5, d: 4, sizes: [2, 3], cells: [0, 1], budgets: [3, 1] },
      "d = 3 groups cannot all have a member among n = 2 weights",
    ],
    [
      "one group for two signs",
      { n: 2, d: 1, scheme: "signed-magnitude", values: [1, -1] },
      "weights of two signs need d of at least 2",
    ],
  ])("%s", (_, options, message) => {
    expect(() => partition(options)).toThrow(UsageError);
    expect(() => partition(options)).toThrow(message);
  });

  it("entries outside of the weights", () => {
    const p = partition({ n: 5, d: 2 });
    expect(() => p.groupOf(5)).toThrow("outside of [0, 5)");
    expect(() => p.fill(new Int32Array(3), 3)).toThrow("entries 3 … 5");
  });
});

describe("empty groups", () => {
  it("are told of once, and scale by 0", () => {
    const said: string[] = [];
    const options = { n: 8, d: 7, seed: 42, warn: (text: string) => said.push(text) };
    const p = partition({ ...options, scheme: "hash-v1" });
    expect(Array.from(p.counts())).toEqual([2, 2, 1, 1, 0, 2, 0]);
    expect(Array.from(p.scales())).toEqual([2, 2, 1, 1, 0, 2, 0].map((c) => c && 1 / Math.sqrt(c)));
    expect(said).toEqual([expect.stringContaining('2 of 7 groups of "hash-v1" are empty')]);
  });

  it("come in the number that chance foretells: d·e^(−n/d)", () => {
    for (const scheme of ["hash-v1", "iid"] as const) {
      const p = partition({ n: 40_000, d: 10_000, seed: 5, scheme, warn: () => {} });
      const dead = p.counts().filter((c) => c === 0).length;
      expect(dead).toBeGreaterThan(10_000 * Math.exp(-4) - 60);
      expect(dead).toBeLessThan(10_000 * Math.exp(-4) + 60);
    }
  });
});
