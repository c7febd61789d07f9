/** @file The network on SE(3): exact symmetries, chirality, vectors, grids of rotations. */
import {
  assertEquivariant,
  compose,
  determinant,
  equivarianceError,
  FramePonita,
  type FramePonitaOptions,
  frameGrids,
  identity,
  matricesEqual,
  toEdgeList,
  transpose,
} from "@isograd/equivariant";
import { rng } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { randomGraphs } from "../helpers.js";

function small(options: Partial<FramePonitaOptions> = {}): FramePonita {
  return new FramePonita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { scalars: 1, vectors: 2 },
    channels: 6,
    layers: 1,
    rng: rng(0),
    dtype: "float64",
    ...options,
  });
}

describe("FramePonita", () => {
  it("is exact for translations, permutations, batches and the rotations of its grid", () => {
    for (const name of ["tetrahedral", "octahedral"] as const) {
      const model = small({ grid: frameGrids.group(name), cutoff: 4 });
      assertEquivariant(model, randomGraphs(1), { tolerance: 1e-9, trials: 3 });
      assertEquivariant(model, toEdgeList(randomGraphs(1)), { tolerance: 1e-9, trials: 1 });
    }
    const full = small({ interaction: "full" });
    assertEquivariant(full, randomGraphs(1, 2, 3), { tolerance: 1e-9, trials: 2 });
  });

  it("has an error of the grid under other rotations, and sees mirror images", () => {
    const model = small({ grid: frameGrids.spiral(16), outputs: { scalars: 1 } });
    const graphs = randomGraphs(1);
    const [turned] = equivarianceError(model, graphs, { transforms: ["rotation"] });
    expect(turned?.cause).toBe("grid");
    const group = small({ grid: frameGrids.group("octahedral"), outputs: { scalars: 1 } });
    const mirrored = group.forward({
      ...graphs,
      positions: graphs.positions.neg(),
      vectors: graphs.vectors.neg(),
    });
    const change = mirrored.scalars.sub(group.forward(graphs).scalars).abs().max().item();
    expect(change).toBeGreaterThan(1e-3);
  });
});

describe("frameGrids", () => {
  it.each(
    [frameGrids.spiral(40), frameGrids.group("icosahedral")].map((g) => [g.name, g] as const),
  )("%s: rotations, balanced", (_, { frames, size }) => {
    const sum = frames.reduce((s, r) => s.map((row, i) => row.map((x, j) => x + r[i]![j]!)));
    for (const r of frames) {
      expect(determinant(r)).toBeCloseTo(1, 12);
      expect(matricesEqual(compose(r, transpose(r)), identity(3), 1e-12)).toBe(true);
    }
    // The mean of all rotations is 0.
    expect(Math.max(...sum.flat().map(Math.abs)) / size).toBeLessThan(0.1);
  });

  it("refuses what does not exist", () => {
    expect(() => frameGrids.spiral(0)).toThrow("at least 1");
    expect(() => frameGrids.group("cubic" as never)).toThrow("take tetrahedral");
  });
});
