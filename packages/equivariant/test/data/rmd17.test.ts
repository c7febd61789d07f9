/** @file Files in rMD17's layout, one of them written by NumPy (make_data.py). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FormatError, memory, ShapeError, scope, tensor, zeros } from "@isograd/tensor";
import { saveNpz } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { readRmd17 } from "../../src/index.js";

const water = readFileSync(join(import.meta.dirname, "rmd17.npz"));
const parts = {
  nuclear_charges: tensor([8, 1, 1]),
  coords: zeros([2, 3, 3]),
  energies: tensor([-1, -2]),
  forces: zeros([2, 3, 3]),
};

describe("readRmd17", () => {
  it("reads what NumPy wrote", () => {
    const { numbers, positions, energies, forces } = readRmd17(water);
    expect(numbers.dtype).toBe("int32");
    expect(numbers.toArray()).toEqual([8, 1, 1]);
    expect(energies.dtype).toBe("float64");
    expect(energies.toArray()).toEqual([0, 1, 2, 3].map((i) => -47000 - i / 1024));
    const index = Array.from({ length: 36 }, (_, i) => i);
    expect([positions.shape, positions.dtype]).toEqual([[4, 3, 3], "float32"]);
    expect([...positions.dataSync()]).toEqual(index.map((i) => Math.fround(Math.sin(i))));
    for (const [i, f] of [...forces.dataSync()].entries()) {
      expect(f).toBeCloseTo(30 * Math.cos(i), 5);
    }
  });

  it("takes energies with an axis of one, and a single pose", () => {
    const file = saveNpz({ ...parts, energies: tensor([[-1], [-2]]) });
    expect(readRmd17(file).energies.toArray()).toEqual([-1, -2]);
    const one = { ...parts, coords: zeros([1, 3, 3]), forces: zeros([1, 3, 3]) };
    expect(readRmd17(saveNpz({ ...one, energies: tensor([-1]) })).energies.shape).toEqual([1]);
  });

  it("says what is missing or does not fit", () => {
    const { forces: _, ...lacking } = parts;
    expect(() => readRmd17(saveNpz(lacking))).toThrow(FormatError);
    expect(() => readRmd17(saveNpz(lacking))).toThrow(/no array "forces", only nuclear_charges/);
    const short = saveNpz({ ...parts, nuclear_charges: tensor([8, 1]) });
    expect(() => readRmd17(short)).toThrow(ShapeError);
    expect(() => readRmd17(short)).toThrow("nuclear_charges are [2], expected [3]");
    const flat = saveNpz({ ...parts, coords: zeros([2, 9]) });
    expect(() => readRmd17(flat)).toThrow(ShapeError);
    const many = saveNpz({ ...parts, energies: zeros([3]) });
    expect(() => readRmd17(many)).toThrow("energies are [3], expected [2]");
    expect(() => readRmd17(new Uint8Array(10))).toThrow(FormatError);
  });

  it("leaves no memory behind but its result", () => {
    const before = memory().tensors;
    scope(() => void readRmd17(water));
    expect(memory().tensors).toBe(before);
  });
});
