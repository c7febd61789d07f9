/** @file The networks: sizes, forms of output, gradients, coinciding points, errors. */
import { grad, gradcheck, valueAndGrad } from "@isograd/autograd";
import {
  type DenseGraphs,
  grids,
  Pnita,
  Ponita,
  simulateNBody,
  toEdgeList,
} from "@isograd/equivariant";
import { adam, losses } from "@isograd/nn";
import { concat, memory, ones, rng, type Tensor, tensor, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { randomGraphs, relativeError, separable, smallPonita } from "../helpers.js";

describe("sizes", () => {
  it("the published presets have the published numbers of parameters", () => {
    const nbody = new Ponita({
      inputs: { scalars: 1, vectors: 1 },
      outputs: { vectors: 1 },
      basis: 256,
      rng: rng(0),
    });
    expect(nbody.parameterCount).toBe(1_057_541);
    const qm9 = new Ponita({
      inputs: { scalars: 11 },
      outputs: { scalars: 1 },
      channels: 256,
      layers: 9,
      rng: rng(0),
    });
    expect(qm9.parameterCount).toBe(6_058_249);
  });

  it("of the state are weights, grid and calibration, and no generator", () => {
    const model = smallPonita();
    const state = Object.keys(model.stateDict());
    expect(state).toHaveLength(model.namedParameters().size + 2);
    expect(state).toEqual(expect.arrayContaining(["grid", "calibrated"]));
    expect(model.namedGenerators().size).toBe(0);
  });

  it("outputs have the form of the input, or one row per graph", () => {
    const graphs = randomGraphs(0, 3, 4);
    const nodes = smallPonita().forward(graphs);
    expect(nodes.scalars.shape).toEqual([3, 4, 2]);
    expect(nodes.vectors.shape).toEqual([3, 4, 2, 3]);
    expect(smallPonita().forward(toEdgeList(graphs)).vectors.shape).toEqual([12, 2, 3]);
    for (const pooling of ["sum", "mean"] as const) {
      const model = smallPonita({ level: "graph", pooling, readout: "last" });
      const [dense, list] = [model.forward(graphs), model.forward(toEdgeList(graphs))];
      expect(dense.scalars.shape).toEqual([3, 2]);
      expect(dense.vectors.shape).toEqual([3, 2, 3]);
      expect(relativeError(dense.vectors, list.vectors)).toBeLessThan(1e-12);
    }
    expect(smallPonita({ outputs: { vectors: 1 } }).forward(graphs).scalars.shape).toEqual([
      3, 4, 0,
    ]);
  });

  it("a layer scale of 1e-6 starts close to the identity", () => {
    const graphs = randomGraphs(0);
    const model = smallPonita({ layerScale: 1e-6 });
    expect(model.parameterCount).toBe(smallPonita().parameterCount + 2 * 8);
    for (const block of model.blocks) block.layerScale!.value = zeros([8], { dtype: "float64" });
    const still = model.forward(graphs).vectors;
    const scaled = smallPonita({ layerScale: 1e-6 }).forward(graphs).vectors;
    expect(relativeError(scaled, still)).toBeLessThan(1e-4);
  });
});

describe("gradients", () => {
  it("are right with respect to positions, vectors and weights", () => {
    const graphs = randomGraphs(3, 1, 3);
    const model = smallPonita({ channels: 3, cutoff: 4, grid: grids.fibonacci(4) });
    const all = (positions: Tensor, vectors: Tensor): Tensor => {
      const { scalars, vectors: out } = model.forward({ ...graphs, positions, vectors });
      return concat([scalars.flatten(), out.flatten()]);
    };
    expect(gradcheck(all, [graphs.positions, graphs.vectors])).toBeLessThan(1e-6);
    const weight = separable(model).spatial.weight;
    const byWeight = (w: Tensor): Tensor => {
      weight.lend(w);
      const out = model.forward(graphs).vectors;
      weight.lend(null);
      return out;
    };
    expect(gradcheck(byWeight, [weight.value])).toBeLessThan(1e-6);
  });

  it("of an energy are forces: they sum to zero, and have a gradient themselves", () => {
    const { positions, scalars } = randomGraphs(4, 1, 4);
    const model = smallPonita({
      inputs: { scalars: 1 },
      outputs: { scalars: 1 },
      level: "graph",
      channels: 4,
    });
    const energy = (p: Tensor): Tensor => model.forward({ positions: p, scalars }).scalars.sum();
    const forces = (p: Tensor): Tensor => grad(energy)(p).neg();
    const total = forces(positions).sum({ axis: 1 });
    expect(total.abs().max().item()).toBeLessThan(1e-12);
    expect(gradcheck(energy, [positions])).toBeLessThan(1e-6);
    const matched = (p: Tensor): Tensor => forces(p).square().sum();
    expect(gradcheck(matched, [positions])).toBeLessThan(1e-4);
  });

  it("are finite where points meet, alone, without edges, in both precisions", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const model = smallPonita({ dtype, cutoff: 2 });
      const like = (shape: number[]) => ones(shape, { dtype });
      const check = (f: (p: Tensor) => Tensor, positions: Tensor) => {
        const [value, slope] = valueAndGrad(f)(positions);
        expect(Number.isFinite(value.item())).toBe(true);
        expect(slope.isFinite().all().item()).toBe(1);
      };
      for (const n of [1, 4]) {
        const rest = {
          scalars: like([1, n, 1]),
          vectors: like([1, n, 1, 3]),
          edges: like([1, n, n, 1]),
        };
        const f = (positions: Tensor) => {
          const out = model.forward({ ...rest, positions });
          return out.vectors.square().sum().add(out.scalars.sum());
        };
        check(f, zeros([1, n, 3], { dtype }));
        check(f, like([1, n, 3]).mul(1e6));
      }
      const none = tensor([], { dtype: "int32" });
      const alone = (positions: Tensor) =>
        model
          .forward({
            positions,
            scalars: like([2, 1]),
            vectors: like([2, 1, 3]),
            edges: like([0, 1]),
            source: none,
            target: none,
          })
          .scalars.sum();
      check(alone, like([2, 3]));
    }
  });
});

describe("training", () => {
  it("a few steps on N-body data beat predicting no motion, and memory stays flat", () => {
    const data = simulateNBody({ samples: 48, seed: 3 });
    const graphs: DenseGraphs = {
      positions: data.positions,
      scalars: data.charges,
      vectors: data.velocities,
    };
    const moved = data.targets.sub(data.positions).reshape([48, 5, 1, 3]);
    const model = new Ponita({
      inputs: { scalars: 1, vectors: 1 },
      outputs: { vectors: 1 },
      channels: 16,
      layers: 2,
      grid: grids.platonic("octahedron"),
      rng: rng(0),
    });
    model.calibrate(graphs);
    const optimizer = adam(model, { lr: 5e-3 });
    const step = valueAndGrad((m: Ponita) => losses.mse(m.forward(graphs).vectors, moved));
    let [loss, tensors] = [Number.NaN, 0];
    for (let i = 0; i < 40; i++) {
      const [value, grads] = step(model);
      loss = value.item();
      value.dispose();
      optimizer.step(grads);
      if (i === 5) tensors = memory().tensors;
    }
    expect(loss).toBeLessThan(0.4 * moved.square().mean().item());
    expect(memory().tensors).toBeLessThan(tensors + 5);
  });
});

describe("errors", () => {
  const graphs = randomGraphs(0);

  it("name what is missing or does not fit", () => {
    const model = smallPonita();
    const { positions, scalars, vectors, edges } = graphs;
    expect(() => model.forward({ positions, scalars, edges })).toThrow(
      "Ponita: the model takes vectors of shape [2, 4, 1, 3], none were given",
    );
    const flat = { positions, scalars, edges, vectors: vectors.reshape([2, 4, 3]) };
    expect(() => model.forward(flat)).toThrow("vectors have a channel axis");
    expect(() => model.forward({ ...graphs, positions: positions.reshape([8, 3]) })).toThrow(
      "need edges",
    );
    const list = toEdgeList(graphs);
    expect(() => model.forward({ ...list, source: list.source.cast("float32") })).toThrow("int32");
    expect(() => model.forward({ ...list, graphs: undefined as never })).toThrow(
      "number of graphs",
    );
    expect(() => toEdgeList({ ...graphs, mask: ones([2, 4]) })).toThrow("masked");
  });

  it("refuse networks that make no sense", () => {
    expect(() => smallPonita({ inputs: {} })).toThrow("nodes have no features");
    expect(() => smallPonita({ outputs: {} })).toThrow("nothing to predict");
    expect(() => smallPonita({ layers: 0 })).toThrow("layers is a whole number, at least 1: got 0");
    expect(() => smallPonita({ grid: grids.circle(4) }).forward(graphs)).toThrow(
      "positions are [2, 4, 3], expected [2, 4, 2]",
    );
    expect(() => smallPonita({ attributes: "chiral" })).toThrow("the paper's attributes only");
    expect(() => smallPonita({ interaction: "other" as never })).toThrow("take separable");
    expect(() => smallPonita({ rng: undefined as never })).toThrow("no random generator");
    const vectors = { inputs: { scalars: 1, vectors: 1 }, outputs: { scalars: 1 }, rng: rng(0) };
    expect(() => new Pnita(vectors)).toThrow("use Ponita");
  });
});
