/**
 * @file The error of a fixed grid under rotations that do not map it onto itself, compared with
 * published values.
 */
import { equivarianceError, type Grid, grids, Ponita } from "@isograd/equivariant";
import { rng } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

/**
 * Root mean square relative error over seeds at the start, in float64, of two calibrated layers. It
 * depends on sizes and inputs, which were not published. With standard deviations of 0.5 for points
 * (1 in the plane) and 2 for vectors, all values agree within a factor of 2.
 */
function rotationError(grid: Grid, std = 0.5): { scalars: number; vectors: number } {
  const squares = { scalars: 0, vectors: 0 };
  const seeds = 5;
  for (let seed = 0; seed < seeds; seed++) {
    const random = rng(seed + 10, { dtype: "float64" });
    const graphs = {
      positions: random.normal([3, 5, grid.dim], { std }),
      scalars: random.normal([3, 5, 1]),
      vectors: random.normal([3, 5, 1, grid.dim], { std: 2 }),
    };
    const model = new Ponita({
      inputs: { scalars: 1, vectors: 1 },
      outputs: { scalars: 1, vectors: 1 },
      channels: 16,
      layers: 2,
      rng: rng(seed),
      grid,
      dtype: "float64",
    });
    model.calibrate(graphs);
    const options = { transforms: ["rotation"] as const, refined: null };
    for (const { output, error } of equivarianceError(model, graphs, {
      ...options,
      trials: 3,
      rng: rng(seed + 5),
    })) {
      squares[output as "scalars" | "vectors"] += error ** 2 / seeds;
    }
  }
  return { scalars: Math.sqrt(squares.scalars), vectors: Math.sqrt(squares.vectors) };
}

describe("rotations off the grid", () => {
  // [grid, scalar, vector]
  const table: [Grid, number, number][] = [
    [grids.fibonacci(8), 0.17, 0.22],
    [grids.fibonacci(12), 0.089, 0.056],
    [grids.fibonacci(16), 0.059, 0.069],
    [grids.fibonacci(20), 0.039, 0.024],
    [grids.fibonacci(32), 0.021, 0.021],
    [grids.fibonacci(64), 0.006, 0.005],
    [grids.platonic("icosahedron"), 0.08, 0.024],
    [grids.platonic("dodecahedron"), 0.046, 0.014],
  ];

  it.each(table.map((row) => [row[0].name, ...row] as const))("%s", (_, grid, scalar, vector) => {
    const { scalars, vectors } = rotationError(grid);
    for (const ratio of [scalars / scalar, vectors / vector]) {
      expect.soft(ratio).toBeGreaterThan(1 / 2);
      expect.soft(ratio).toBeLessThan(2);
    }
  });

  it("falls about as O^−1.7", () => {
    const [few, many] = [rotationError(grids.fibonacci(12)), rotationError(grids.fibonacci(48))];
    const slope = Math.log(few.scalars / many.scalars) / Math.log(4);
    expect(slope).toBeGreaterThan(1.2);
    expect(slope).toBeLessThan(2.4);
  });

  it.each([
    [8, 0.03],
    [16, 0.006],
    [32, 0.0017],
  ] as const)("in the plane, of %i orientations", (size, expected) => {
    const { scalars } = rotationError(grids.circle(size), 1);
    expect(scalars / expected).toBeGreaterThan(1 / 2);
    expect(scalars / expected).toBeLessThan(2);
  });
});
