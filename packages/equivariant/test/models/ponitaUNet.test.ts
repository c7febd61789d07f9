/** @file The network at several resolutions: as equivariant as PONITA, with a large range. */
import { gradcheck } from "@isograd/autograd";
import {
  assertEquivariant,
  grids,
  knnGraph,
  PonitaUNet,
  type PonitaUNetOptions,
  toEdgeList,
} from "@isograd/equivariant";
import { ones, rng, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { randomGraphs, relativeError } from "../helpers.js";

function small(options: Partial<PonitaUNetOptions> = {}): PonitaUNet {
  return new PonitaUNet({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { scalars: 1, vectors: 1 },
    channels: 6,
    layers: 1,
    neighbours: 3,
    grid: grids.platonic("tetrahedron"),
    rng: rng(0),
    dtype: "float64",
    ...options,
  });
}

describe("PonitaUNet", () => {
  it("is exact for translations, permutations, batches and the grid's rotations", () => {
    const model = small();
    const graphs = randomGraphs(1, 2, 9);
    model.calibrate(graphs);
    assertEquivariant(model, graphs, { tolerance: 1e-9, trials: 2 });
    assertEquivariant(model, toEdgeList(graphs), { tolerance: 1e-9, trials: 2 });
    const list = model.forward(toEdgeList(graphs)).vectors;
    expect(relativeError(list, model.forward(graphs).vectors)).toBeLessThan(1e-12);
  });

  it("works in the plane", () => {
    const random = rng(1, { dtype: "float64" });
    const positions = random.normal([12, 2]);
    const graphs = {
      positions,
      scalars: random.normal([12, 1]),
      ...knnGraph(positions, { k: 3 }),
    };
    const model = small({ grid: grids.circle(4), inputs: { scalars: 1 } });
    assertEquivariant(model, graphs, { tolerance: 1e-9, trials: 2 });
  });

  it("carries messages farther than the edges it is given", () => {
    const positions = tensor(
      Array.from({ length: 16 }, (_, i) => [i, 0.1 * i * i, 0]),
      { dtype: "float64" },
    );
    const edges = knnGraph(positions, { k: 2 });
    const model = small({ inputs: { scalars: 1 }, levels: 3 });
    const said = (scalars: Tensor) =>
      model
        .forward({ positions, scalars, ...edges })
        .scalars.slice([15])
        .item();
    const scalars = ones([16, 1], { dtype: "float64" });
    const pushed = tensor(
      Array.from({ length: 16 }, (_, i) => [i === 0 ? 5 : 1]),
      { dtype: "float64" },
    );
    expect(Math.abs(said(pushed) - said(scalars))).toBeGreaterThan(1e-9);
  });

  it("has right gradients, and refuses padding", () => {
    const model = small({ levels: 1, channels: 3 });
    const graphs = randomGraphs(2, 1, 5);
    const f = (positions: Tensor) =>
      model
        .forward({ ...graphs, positions })
        .vectors.square()
        .sum();
    expect(gradcheck(f, [graphs.positions])).toBeLessThan(1e-6);
    const mask = ones([1, 5], { dtype: "float64" });
    expect(() => model.forward({ ...graphs, mask })).toThrow("give a list of edges instead");
    expect(() => small({ levels: 0 })).toThrow("at least 1: got 0");
  });
});
