/** @file Baselines: EGNN against PyTorch's values and its symmetries; networks without symmetry. */
import { readFileSync } from "node:fs";
import { gradcheck } from "@isograd/autograd";
import {
  assertEquivariant,
  Egnn,
  type EgnnOptions,
  equivarianceError,
  PlainMlp,
  PlainTransformer,
  toEdgeList,
} from "@isograd/equivariant";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { randomGraphs, relativeError } from "../helpers.js";

type Values = readonly (number | Values)[];
const golden = JSON.parse(
  readFileSync(new URL("../golden/egnn.json", import.meta.url), "utf8"),
) as { state: Record<string, Values> } & Record<string, Values>;
const f64 = (values: Values | undefined): Tensor =>
  tensor(values as number[], { dtype: "float64" });
const { edges: _, ...graphs } = randomGraphs(1, 3, 5);

function egnn(options: Partial<EgnnOptions> = {}): Egnn {
  return new Egnn({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { scalars: 2, vectors: 1 },
    channels: 8,
    layers: 2,
    rng: rng(0),
    dtype: "float64",
    ...options,
  });
}

describe("Egnn", () => {
  it("gives PyTorch's values for the equations of its paper", () => {
    const model = egnn({
      inputs: { scalars: 2, vectors: 1, edges: 1 },
      channels: 6,
      outputs: { scalars: 3, vectors: 1 },
    });
    const state = Object.entries(golden.state).map(([name, w]) => [name, f64(w)]);
    model.loadStateDict(Object.fromEntries(state));
    const out = model.forward({
      positions: f64([golden.positions as Values]),
      scalars: f64([golden.scalars as Values]),
      vectors: f64([(golden.vectors as Values).map((v) => [v])]),
      edges: f64([golden.edges as Values]),
    });
    expect(relativeError(out.vectors, f64(golden.motion))).toBeLessThan(1e-12);
    expect(relativeError(out.scalars, f64(golden.said))).toBeLessThan(1e-12);
  });

  it("follows E(3) exactly, in both forms of graphs and without velocities", () => {
    const whole = randomGraphs(1, 3, 4);
    const options = { group: "E3", tolerance: 1e-9, trials: 2 } as const;
    assertEquivariant(egnn(), whole, options);
    assertEquivariant(egnn(), toEdgeList(whole), options);
    assertEquivariant(egnn({ level: "graph" }), whole, { ...options, level: "graph" });
    const { vectors: __, ...still } = whole;
    assertEquivariant(egnn({ inputs: { scalars: 1, edges: 1 } }), still, options);
    const [dense, list] = [egnn().forward(whole), egnn().forward(toEdgeList(whole))];
    expect(relativeError(list.scalars, dense.scalars)).toBeLessThan(1e-12);
  });

  it("has right gradients, finite where points meet", () => {
    const given = randomGraphs(2, 1, 3);
    const f = (positions: Tensor) => {
      const out = egnn().forward({ ...given, positions });
      return out.vectors.square().sum().add(out.scalars.sum());
    };
    expect(gradcheck(f, [given.positions])).toBeLessThan(1e-6);
    expect(f(given.positions.mul(0)).isFinite().item()).toBe(1);
    expect(() => egnn({ inputs: { scalars: 1, vectors: 2 } })).toThrow("it takes one vector");
  });
});

describe("networks without symmetry", () => {
  const sizes = { channels: 8, layers: 2, rng: rng(0), dtype: "float64" as const };
  const outputs = { scalars: 1, vectors: 1 };
  const inputs = { scalars: 1, vectors: 1 };
  const failing = (model: PlainTransformer | PlainMlp): string[] => {
    const entries = equivarianceError(model, graphs);
    return [...new Set(entries.filter((e) => e.cause === "defect").map((e) => e.transform))];
  };

  it("a transformer follows permutations and batches only", () => {
    const model = new PlainTransformer({ ...sizes, inputs, outputs });
    expect(failing(model)).toEqual(["translation", "rotation", "reflection"]);
    const pooled = new PlainTransformer({
      ...sizes,
      inputs,
      outputs,
      level: "graph",
      pooling: "mean",
    });
    expect(pooled.forward(graphs).vectors.shape).toEqual([3, 1, 3]);
    const mask = tensor([[1, 1, 1, 0, 0]], { dtype: "float64" }).broadcastTo([3, 5]);
    const cut = {
      positions: graphs.positions.slice([null, [0, 3]]),
      scalars: graphs.scalars.slice([null, [0, 3]]),
      vectors: graphs.vectors.slice([null, [0, 3]]),
    };
    const [long, short] = [pooled.forward({ ...graphs, mask }), pooled.forward(cut)];
    expect(relativeError(long.vectors, short.vectors)).toBeLessThan(1e-12);
  });

  it("a multilayer perceptron follows batches only", () => {
    const model = new PlainMlp({ ...sizes, inputs, outputs, nodes: 5 });
    expect(failing(model)).toEqual(["translation", "rotation", "reflection", "permutation"]);
    expect(model.forward(graphs).vectors.shape).toEqual([3, 5, 1, 3]);
    const { edges: __, ...four } = randomGraphs(1, 2, 4);
    expect(() => model.forward(four)).toThrow("graphs have 4 nodes, expected 5");
    const edged = { ...sizes, inputs: { scalars: 1, edges: 1 }, outputs, nodes: 5 };
    expect(() => new PlainMlp(edged)).toThrow("no features of edges");
  });
});
