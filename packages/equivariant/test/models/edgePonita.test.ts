/** @file Edges as oriented points: exact for every rotation, in both forms of graphs. */
import { test } from "@fast-check/vitest";
import { gradcheck } from "@isograd/autograd";
import {
  assertEquivariant,
  EdgePonita,
  type EdgePonitaOptions,
  equivarianceError,
  radiusGraph,
  toEdgeList,
} from "@isograd/equivariant";
import { ones, rng, type Tensor, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactTo, type Floats, randomGraphs, relativeError } from "../helpers.js";

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function small(options: Partial<EdgePonitaOptions> = {}): EdgePonita {
  return new EdgePonita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { scalars: 2, vectors: 2 },
    channels: 6,
    layers: 2,
    rng: rng(0),
    dtype: "float64",
    ...options,
  });
}

describe("EdgePonita", () => {
  test.prop([seed, fc.constantFrom<Floats>("float64", "float32"), fc.boolean()], { numRuns: 6 })(
    "follows every transform of E(3)",
    (s, dtype, list) => {
      const model = small({ dtype, rng: rng(s), cutoff: 4 });
      const graphs = randomGraphs(s, 2, 4, dtype);
      model.calibrate(graphs);
      const options = { group: "E3", tolerance: exactTo(dtype), rng: rng(s), trials: 2 } as const;
      assertEquivariant(model, list ? toEdgeList(graphs) : graphs, options);
    },
  );

  it("does so with messages, attention and at the level of graphs", () => {
    for (const interaction of ["messages", "attention"] as const) {
      const model = small({ interaction, heads: 2, level: "graph" });
      assertEquivariant(model, randomGraphs(1), { group: "E3", tolerance: 1e-9, trials: 2 });
    }
  });

  it("with chiral attributes follows SE(3), and sees mirror images", () => {
    const model = small({ attributes: "chiral" });
    const graphs = randomGraphs(2);
    assertEquivariant(model, graphs, { group: "SE3", tolerance: 1e-9, trials: 2 });
    const mirrored = equivarianceError(model, graphs, { transforms: ["reflection"] });
    expect(Math.max(...mirrored.map((e) => e.error))).toBeGreaterThan(1e-3);
    expect(mirrored.every((e) => e.cause === "defect")).toBe(true);
  });

  it("gives the same for both forms, for padding, and in a periodic box", () => {
    const model = small();
    const graphs = randomGraphs(3, 2, 4);
    const [dense, list] = [model.forward(graphs), model.forward(toEdgeList(graphs))];
    expect(relativeError(list.vectors, dense.vectors)).toBeLessThan(1e-12);
    const mask = tensor([[1, 1, 1, 0]], { dtype: "float64" }).broadcastTo([2, 4]);
    const cut = {
      positions: graphs.positions.slice([null, [0, 3]]),
      scalars: graphs.scalars.slice([null, [0, 3]]),
      vectors: graphs.vectors.slice([null, [0, 3]]),
      edges: graphs.edges.slice([null, [0, 3], [0, 3]]),
    };
    const padded = model.forward({ ...graphs, mask }).vectors.slice([null, [0, 3]]);
    expect(relativeError(padded, model.forward(cut).vectors)).toBeLessThan(1e-12);

    const box = [2, 2.5, 3];
    const plain = small({ inputs: { scalars: 1 } });
    const at = (shift: number): Tensor => {
      const random = rng(5, { dtype: "float64" });
      const positions = random.uniform([6, 3], { high: 2 }).add(tensor([shift, 0, 0]));
      const scalars = ones([6, 1], { dtype: "float64" });
      return plain.forward({ positions, scalars, ...radiusGraph(positions, { cutoff: 1.2, box }) })
        .vectors;
    };
    expect(relativeError(at(1.7), at(0))).toBeLessThan(1e-11);
  });

  it("has right gradients, also where points meet", () => {
    const model = small({ channels: 3, layers: 1 });
    const graphs = randomGraphs(4, 1, 3);
    const f = (positions: Tensor) =>
      model
        .forward({ ...graphs, positions })
        .vectors.square()
        .sum();
    expect(gradcheck(f, [graphs.positions])).toBeLessThan(1e-6);
    expect(f(graphs.positions.mul(0)).isFinite().item()).toBe(1);
  });
});
