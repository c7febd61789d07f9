/** @file Letters as graphs: reading, linking, turning, and what each space makes of a turn. */
import { readFileSync } from "node:fs";
import { scope, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { SUPERPIXELS } from "../benchmarks/superpixels/benchmark.js";
import {
  batchOf,
  lettersLoader,
  loadLetters,
  turnedLetter,
} from "../benchmarks/superpixels/data.js";
import { LetterModel, letterErrors, NETWORKS } from "../benchmarks/superpixels/model.js";

const letters = loadLetters(readFileSync(SUPERPIXELS), {
  ...{ neighbours: 4, limits: { train: 6, test: 4 }, validation: 3 },
});

describe("letters", () => {
  it("are read in three sets, each superpixel linked to itself and its nearest", () => {
    expect([letters.train, letters.validation, letters.test].map((set) => set.length)).toEqual([
      6, 3, 4,
    ]);
    for (const { positions, values, source, target, label } of letters.train) {
      const n = values.length;
      expect(n).toBeGreaterThan(40);
      expect(positions).toHaveLength(2 * n);
      expect(source).toHaveLength(5 * n);
      expect(source.filter((from, e) => from === target[e])).toHaveLength(n);
      const longest = Array.from(source, (from, e) =>
        Math.hypot(
          positions[2 * from]! - positions[2 * target[e]!]!,
          positions[2 * from + 1]! - positions[2 * target[e]! + 1]!,
        ),
      ).reduce((a, b) => Math.max(a, b));
      expect(longest).toBeLessThan(4);
      expect(label).toBeLessThan(26);
      expect(values.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(0);
    }
  });

  it("lie beside each other in a batch", () => {
    const batch = batchOf(letters.train.slice(0, 3));
    const sizes = letters.train.slice(0, 3).map(({ values }) => values.length);
    const nodes = sizes.reduce((a, b) => a + b, 0);
    expect(batch.positions.shape).toEqual([nodes, 2]);
    expect(batch.graphs).toBe(3);
    const owner = batch.graph!.toArray() as number[];
    const [source, target] = [batch.source, batch.target].map((x) => x.toArray() as number[]);
    expect(source!.every((from, e) => owner[from] === owner[target![e]!])).toBe(true);
    expect(batch.labels.toArray()).toEqual(letters.train.slice(0, 3).map(({ label }) => label));
    expect(lettersLoader(letters.train, 2).length).toBe(3);
  });

  it("come back after four quarter turns", () => {
    let letter = letters.train[0]!;
    for (let i = 0; i < 4; i++) letter = turnedLetter(letter, Math.PI / 2);
    letter.positions.forEach((x, i) => {
      expect(x).toBeCloseTo(letters.train[0]!.positions[i]!, 4);
    });
  });
});

describe("a turn of the letters", () => {
  /** Largest change of logits. */
  function change(name: (typeof NETWORKS)[number], angle: number): number {
    const model = new LetterModel(name, "quick");
    const said = (turn: number): Tensor =>
      model.forward(batchOf(letters.test.map((l) => turnedLetter(l, turn))));
    return scope(() => said(0).sub(said(angle)).abs().max().div(said(0).abs().max()).item());
  }

  it("changes nothing on R², nor by a quarter on R²×S¹ with four orientations", () => {
    expect(change("R²", 0.7)).toBeLessThan(1e-4);
    expect(change("R²×S¹", Math.PI / 2)).toBeLessThan(1e-4);
  });

  it("changes something between the orientations of the grid, and all with coordinates", () => {
    expect(change("R²×S¹", Math.PI / 4)).toBeGreaterThan(1e-4);
    expect(change("R² with coordinates", Math.PI / 2)).toBeGreaterThan(1e-3);
  });

  it("is scored by the part of letters named wrongly", () => {
    const model = new LetterModel(NETWORKS[0], "quick");
    const error = letterErrors(model, batchOf(letters.test)).item();
    expect([0, 0.25, 0.5, 0.75, 1]).toContain(error);
  });
});
