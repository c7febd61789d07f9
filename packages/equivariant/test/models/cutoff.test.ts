/**
 * @file The cut-off: an edge of exactly this length changes neither values nor forces nor their
 * slopes.
 */
import { grad, hvp } from "@isograd/autograd";
import {
  type EdgeListGraphs,
  EdgePonita,
  Egnn,
  FramePonita,
  type Graphs,
  grids,
  type Outputs,
  Pnita,
  Ponita,
  radiusGraph,
} from "@isograd/equivariant";
import { ones, rng, type Tensor, tensor, zeros } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { links } from "../../src/graphs/wireEdgeList.js";
import { EdgeAttention } from "../../src/layers/edgeAttention.js";
import { relativeError } from "../helpers.js";

installMatchers();

const f64 = { dtype: "float64" } as const;
const CUTOFF = 1.5;
const sizes = () => ({
  inputs: { scalars: 1 },
  outputs: { scalars: 1 },
  channels: 4,
  layers: 1,
  level: "graph" as const,
  cutoff: CUTOFF,
  rng: rng(0),
  ...f64,
});
const vectors = () => ({ ...sizes(), outputs: { scalars: 1, vectors: 1 as const } });
const withoutCutoff = () => {
  const { cutoff: _, ...open } = vectors();
  return open;
};
interface Model {
  forward(graphs: Graphs): Outputs;
}

const grid = grids.platonic("tetrahedron");
const models: Record<string, () => Model> = {
  Pnita: () => new Pnita(sizes()),
  "Pnita, cosine": () => new Pnita({ ...sizes(), window: "cosine" }),
  "Pnita, messages": () => new Pnita({ ...sizes(), interaction: "messages" }),
  "Pnita, attention": () => new Pnita({ ...sizes(), interaction: "attention", heads: 2 }),
  Ponita: () => new Ponita({ ...vectors(), grid }),
  "Ponita, mixing": () => new Ponita({ ...vectors(), grid, interaction: "mixing" }),
  "Ponita, full": () => new Ponita({ ...vectors(), grid, interaction: "full" }),
  "Ponita, messages": () => new Ponita({ ...vectors(), grid, interaction: "messages" }),
  "Ponita, attention": () => new Ponita({ ...vectors(), grid, interaction: "attention" }),
  "Ponita, fused": () => new Ponita({ ...vectors(), grid, kernels: "fused" }),
  "Ponita, bessel": () => new Ponita({ ...vectors(), grid, radial: { kind: "bessel", size: 3 } }),
  FramePonita: () => new FramePonita(vectors()),
  EdgePonita: () => new EdgePonita(vectors()),
  "EdgePonita, messages": () => new EdgePonita({ ...vectors(), interaction: "messages" }),
  "EdgePonita, attention": () => new EdgePonita({ ...vectors(), interaction: "attention" }),
  "EdgePonita, chiral": () => new EdgePonita({ ...vectors(), attributes: "chiral" }),
  "EdgePonita, cut-off of the graph": () => new EdgePonita(withoutCutoff()),
  Egnn: () => new Egnn({ ...sizes(), outputs: { scalars: 1, vectors: 1 } }),
};

/** Edges of pairs [[j, i]] in both directions, with or without loops. */
function listOf(pairs: readonly (readonly [number, number])[], nodes: number, loops: boolean) {
  const all = pairs.flatMap(([j, i]) => [
    [j, i],
    [i, j],
  ]);
  if (loops) for (let i = 0; i < nodes; i++) all.push([i, i]);
  const column = (k: number) => tensor(Int32Array.from(all, (pair) => pair[k] as number));
  return { source: column(0), target: column(1), cutoff: CUTOFF };
}

const scalars = tensor([[1], [-0.5], [2], [0.7]], f64);

/** One number that depends on every output of a model. */
const said = (model: Model, graphs: Omit<EdgeListGraphs, "positions">) => (positions: Tensor) => {
  const out = model.forward({ ...graphs, positions });
  return out.scalars.sum().add(out.vectors.mul(tensor([1, 2, 3], f64)).sum());
};

describe("an edge as long as the cut-off", () => {
  // Nodes 0, 1, 2 are near each other; node 3 is in reach of node 1 alone, at CUTOFF − gap.
  const at = (gap: number) =>
    tensor(
      [
        [0, 0, 0],
        [1, 0.2, 0],
        [0.1, 1, 0.3],
        [1, 0.2, CUTOFF - gap],
      ],
      f64,
    );
  const inner = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  const direction = rng(5, f64).normal([4, 3]);
  const without = (model: Model, loops: boolean) =>
    said(model, { scalars, ...listOf(inner, 4, loops) });
  const within = (model: Model, loops: boolean) =>
    said(model, { scalars, ...listOf([...inner, [1, 3]], 4, loops) });

  // w = 56 ε³, w′ = 168 ε²/c, w″ = 336 ε/c² at the distance c (1 − ε), and 0 beyond.
  it.each(Object.keys(models))("changes nothing, up to second derivatives: %s", (name) => {
    const model = (models[name] as () => Model)();
    for (const loops of [true, false]) {
      const [f, g] = [within(model, loops), without(model, loops)];
      const near = at(1e-6 * CUTOFF);
      expect(relativeError(f(near), g(near))).toBeLessThan(1e-11);
      expect(relativeError(grad(f)(near), grad(g)(near))).toBeLessThan(1e-7);
      if (loops) continue;
      const bends = [f, g].map((h) => hvp(h, near, direction)) as [Tensor, Tensor];
      expect(relativeError(...bends)).toBeLessThan(0.05);
      expect(f(at(-0.1))).toBeCloseToTensor(g(at(-0.1)), { rtol: 1e-13 });
    }
  });

  it("is a jump for points that do not fade, by option, and without a cut-off", () => {
    const near = at(1e-6 * CUTOFF);
    const jump = (model: Model) =>
      relativeError(within(model, true)(near), without(model, true)(near));
    expect(jump(new EdgePonita({ ...vectors(), fadePoints: false }))).toBeGreaterThan(1e-3);
    const open = withoutCutoff();
    expect(jump(new EdgePonita({ ...open, fadePoints: false }))).toBeGreaterThan(1e-3);
    expect(jump(new Egnn(open))).toBeGreaterThan(1e-3);
  });
});

describe("cut-offs", () => {
  it("change nothing far inside, whatever fades", () => {
    const open = withoutCutoff();
    const chain = [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const;
    const graphs = { scalars, ...listOf(chain, 4, true), cutoff: 1e4 };
    const positions = rng(3, f64).normal([4, 3]);
    for (const [make, without] of [
      [(more: object) => new EdgePonita({ ...open, rng: rng(0), ...more }), { fadePoints: false }],
      [(more: object) => new Egnn({ ...open, rng: rng(0), ...more }), {}],
    ] as const) {
      const plain = said(make(without), graphs)(positions);
      for (const more of [{}, { cutoff: 1e4 }]) {
        expect(said(make(more), graphs)(positions)).toBeCloseToTensor(plain, { rtol: 1e-12 });
      }
    }
  });

  it("come from radiusGraph, and EdgePonita's energy has no jumps where neighbours change", () => {
    const { cutoff: _, ...open } = sizes();
    const model = new EdgePonita(open);
    const energy = (x: number): number => {
      const p = tensor(
        [
          [0, 0, 0],
          [0.8, 0.1, 0],
          [x, 0.4, 0.2],
          [x + 1.1, 0, 0],
        ],
        f64,
      );
      const edges = radiusGraph(p, { cutoff: CUTOFF, loops: false });
      expect(edges.cutoff).toBe(CUTOFF);
      return model.forward({ positions: p, scalars, ...edges }).scalars.item();
    };
    const path = Array.from({ length: 61 }, (_, i) => energy(0.9 + 0.04 * i));
    const steps = path.slice(1).map((e, i) => Math.abs(e - (path[i] as number)));
    const size = Math.max(...path) - Math.min(...path);
    expect(Math.max(...steps)).toBeLessThan(0.2 * size);
  });

  it("hide edges from attention whatever their score", () => {
    const kernels = (weight: number[]) => ({
      wiring: links({ ...ends, senders: zeros([3, 3], f64), receivers: zeros([3, 3], f64) }),
      spatial: rng(2, f64).normal([2, 5]),
      weight: tensor(weight, f64).reshape([2, 1]),
      fibre: null,
      orientations: 1,
    });
    const int = (x: number[]) => tensor(x, { dtype: "int32" });
    const ends = { source: int([1, 2]), target: int([0, 0]) };
    const layer = new EdgeAttention(4, 5, { rng: rng(0), fibre: false, heads: 1, ...f64 });
    const x = rng(4, f64).normal([3, 4]);
    const loud = (weight: number[]) => (y: Tensor) =>
      layer.weights(y.mul(tensor([[1], [1], [1e4]], f64)), kernels(weight));
    expect(loud([1, 0])(x)).toEqualTensor([[1], [0]]);
    expect(loud([0, 1])(x)).toEqualTensor([[0], [1]]);
    expect(loud([0, 0])(x)).toEqualTensor([[0], [0]]);
    for (const weight of [
      [1, 0],
      [0, 0],
    ]) {
      const slope = grad((y: Tensor) => layer.forward(y, kernels(weight)).square().sum())(x);
      expect(slope.isFinite().all().item()).toBe(1);
      expect(slope.slice([2])).toEqualTensor([0, 0, 0, 0]);
    }
  });

  it("and boxes: Egnn takes a point in any box, and receives messages from its own images", () => {
    const box = [2, 2.2, 2.4];
    const model = new Egnn({ ...vectors(), level: "node" });
    const inside = rng(5, f64).uniform([4, 3], { high: 2 });
    const steps = tensor(
      [
        [0, 0, 0],
        [1, 0, -1],
        [0, 2, 0],
        [-1, 0, 0],
      ],
      f64,
    );
    const [here, there] = [inside, inside.add(steps.mul(tensor(box, f64)))].map((positions) =>
      model.forward({ positions, scalars, ...radiusGraph(positions, { cutoff: CUTOFF, box }) }),
    ) as [Outputs, Outputs];
    expect(relativeError(there.vectors, here.vectors)).toBeLessThan(1e-11);
    expect(relativeError(there.scalars, here.scalars)).toBeLessThan(1e-11);
    const one = (size: number) => {
      const positions = zeros([1, 3], f64);
      const edges = radiusGraph(positions, { cutoff: CUTOFF, box: [size, 9, 9] });
      return model.forward({ positions, scalars: ones([1, 1], f64), ...edges }).scalars;
    };
    expect(relativeError(one(1), one(9))).toBeGreaterThan(1e-6);
  });
});
