/**
 * @file Properties of molecules: molecules grown here, written and read as QM9's files, targets
 * standardised.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  exampleOf,
  propertyBatch,
  readFolder,
  split,
  standardOf,
} from "../benchmarks/properties/data.js";
import { grownMolecules } from "../benchmarks/properties/growth.js";

const files = grownMolecules(30, "test");
const examples = files.map(exampleOf);
const VALENCE = new Map([
  [1, 1],
  [6, 4],
  [7, 3],
  [8, 2],
]);
const RADIUS = new Map([
  [1, 0.31],
  [6, 0.76],
  [7, 0.71],
  [8, 0.66],
]);

describe("grown molecules", () => {
  it("are the same for the same seed, and have exponents as QM9's", () => {
    expect(grownMolecules(30, "test")).toEqual(files);
    expect(grownMolecules(3, "other")).not.toEqual(files.slice(0, 3));
    expect(files.some((text) => text.includes("*^-"))).toBe(true);
  });

  it("have the valences of their elements", () => {
    for (const { numbers, positions } of examples) {
      const bonds = numbers.map((z, i) =>
        numbers.filter((other, j) => {
          const gap = [0, 1, 2].map((d) => positions[3 * i + d]! - positions[3 * j + d]!);
          const usual = RADIUS.get(z)! + RADIUS.get(other)!;
          return i !== j && Math.abs(Math.hypot(...gap) - usual) < 0.01;
        }),
      );
      expect(bonds.map((b) => b.length)).toEqual(numbers.map((z) => VALENCE.get(z)));
    }
  });

  it("have a dipole that follows from their charges, and a gap between their levels", () => {
    for (const { properties: p } of examples) {
      expect(p.gap).toBeCloseTo(p.lumo - p.homo, 5);
      expect(p.mu).toBeGreaterThanOrEqual(0);
      expect(p.U0).toBeLessThan(p.U);
    }
    const flat = examples.map(({ properties: p }) => p.mu);
    expect(Math.max(...flat) - Math.min(...flat)).toBeGreaterThan(1);
  });
});

describe("sets of molecules", () => {
  it("are read from a folder in the order of names, other files left out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "qm9-"));
    try {
      await writeFile(join(folder, "readme.txt"), "not a molecule");
      for (const i of [2, 0, 1]) await writeFile(join(folder, `own_${i}.xyz`), files[i]!);
      expect(readFolder(folder)).toEqual(examples.slice(0, 3));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("have targets of mean 0 and deviation 1 on the training set, and none twice", () => {
    const sets = split(examples, 20, 4, 6);
    expect(new Set([...sets.train, ...sets.validation, ...sets.test]).size).toBe(30);
    const { targets, graphs } = propertyBatch(sets.train, standardOf(sets.train, "mu"));
    expect(graphs).toBe(20);
    expect(targets.mean().item()).toBeCloseTo(0, 5);
    expect(targets.square().mean().item()).toBeCloseTo(1, 5);
  });
});
