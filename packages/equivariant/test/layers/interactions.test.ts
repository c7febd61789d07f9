/** @file Every interaction, in plane and space: exact symmetries, forms, gradients. */
import { test } from "@fast-check/vitest";
import { checkpoint, grad, gradcheck } from "@isograd/autograd";
import {
  assertEquivariant,
  completeEdges,
  EdgeAttention,
  equivarianceError,
  FullConvolution,
  grids,
  type InteractionName,
  type Ponita,
  type PonitaOptions,
  toEdgeList,
  wire,
} from "@isograd/equivariant";
import { concat, rng, type Tensor, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomGraphs, relativeError, smallPonita } from "../helpers.js";

const names: InteractionName[] = ["separable", "mixing", "full", "messages", "attention"];
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const f64 = { dtype: "float64" } as const;

/** Graphs in the plane with one scalar and one vector for each node, one scalar for each edge. */
function planeGraphs(seed: number, b = 2, n = 4) {
  const random = rng(seed, f64);
  return {
    positions: random.normal([b, n, 2]),
    scalars: random.normal([b, n, 1]),
    vectors: random.normal([b, n, 1, 2]),
    edges: random.normal([b, n, n, 1]),
  };
}

const flat = (out: { scalars: Tensor; vectors: Tensor }): Tensor =>
  concat([out.scalars.flatten(), out.vectors.flatten()]);

function network(interaction: InteractionName, options: Partial<PonitaOptions> = {}): Ponita {
  const more = { interaction, channels: 8, heads: 2, cutoff: 4, ...options };
  return smallPonita(more);
}

describe.each(names)("%s", (name) => {
  it("in space: exact for translations, permutations, batches and the grid's rotations", () => {
    for (const attributes of name === "full"
      ? (["paper", "chiral"] as const)
      : (["paper"] as const)) {
      const model = network(name, { grid: grids.platonic("tetrahedron"), attributes });
      model.calibrate(randomGraphs(1));
      for (const graphs of [randomGraphs(2), toEdgeList(randomGraphs(2))]) {
        assertEquivariant(model, graphs, { tolerance: 1e-9, trials: 1 });
      }
    }
  });

  it("in the plane: the same, and reflections fail", () => {
    const model = network(name, { grid: grids.circle(6) });
    const graphs = planeGraphs(2);
    assertEquivariant(model, graphs, { tolerance: 1e-9, trials: 1 });
    assertEquivariant(model, toEdgeList(graphs), { tolerance: 1e-9, trials: 1 });
    const mirrored = equivarianceError(model, graphs, {
      transforms: ["reflection"],
      refined: null,
    });
    for (const { error } of mirrored) expect(error).toBeGreaterThan(1e-3);
  });

  it("gives the same for dense graphs, a list of edges, and with padding", () => {
    const model = network(name);
    const graphs = randomGraphs(3, 2, 4);
    const dense = flat(model.forward(graphs));
    expect(relativeError(flat(model.forward(toEdgeList(graphs))), dense)).toBeLessThan(1e-11);
    // Graphs of 4 and 2 nodes: padded in one form, left out in the other.
    const mask = tensor(
      [
        [1, 1, 1, 1],
        [1, 1, 0, 0],
      ],
      f64,
    );
    const kept = tensor([0, 1, 2, 3, 4, 5], { dtype: "int32" });
    const nodes = (x: Tensor, tail: number[]) => x.reshape([8, ...tail]).take(kept);
    const list = {
      positions: nodes(graphs.positions, [3]),
      scalars: nodes(graphs.scalars, [1]),
      vectors: nodes(graphs.vectors, [1, 3]),
      edges: concat([
        graphs.edges.slice([0]).reshape([16, 1]),
        graphs.edges.slice([1, [0, 2], [0, 2]]).reshape([4, 1]),
      ]),
      ...completeEdges([4, 2]),
      graph: tensor([0, 0, 0, 0, 1, 1], { dtype: "int32" }),
      graphs: 2,
    };
    const [masked, listed] = [model.forward({ ...graphs, mask }), model.forward(list)];
    const real = masked.vectors.reshape([8, 2, 3]).take(kept);
    expect(relativeError(real, listed.vectors)).toBeLessThan(1e-11);
  });

  it("has gradients, first and second, also where points meet", () => {
    const model = network(name, { channels: 4, layers: 1, grid: grids.fibonacci(4) });
    const graphs = randomGraphs(4, 1, 3);
    const energy = (positions: Tensor) => flat(model.forward({ ...graphs, positions })).sum();
    expect(gradcheck(energy, [graphs.positions])).toBeLessThan(1e-6);
    const forces = (p: Tensor) => grad(energy, { createGraph: true })(p).square().sum();
    expect(gradcheck(forces, [graphs.positions], { relative: 1e-3 })).toBeLessThan(1e-3);
    const met = grad(forces)(graphs.positions.mul(0));
    expect(met.isFinite().all().item()).toBe(1);
  });
});

/** A prepared batch of 2 complete graphs of 3 nodes in either form, O orientations, C channels. */
function setting(s: number, dense: boolean, O: number, C: number, rows: number) {
  const random = rng(s, f64);
  const graphs = randomGraphs(s, 2, 3);
  const wiring = wire("test", dense ? graphs : toEdgeList(graphs), {
    scalars: 1,
    vectors: 1,
    edgeScalars: 1,
  });
  const kernels = { wiring, spatial: random.normal([18 * rows, 5]), fibre: null, orientations: O };
  return { random, kernels, x: random.normal([6 * O, C]), ...toEdgeList(graphs) };
}

describe("FullConvolution", () => {
  test.prop([seed, fc.boolean()], { numRuns: 6 })("is the sum of its definition", (s, dense) => {
    const [O, C] = [3, 4];
    const { random, kernels, x, source, target } = setting(s, dense, O, C, O * O);
    const layer = new FullConvolution(C, 5, { rng: random, ...f64 });
    layer.bias.value = random.normal([C]);
    const K = layer.kernel.forward(kernels.spatial).dataSync();
    const [f, b] = [x.dataSync(), layer.bias.value.dataSync()];
    const [from, to] = [source.dataSync(), target.dataSync()];
    const out = Float64Array.from({ length: x.size }, (_, i) => b[i % C]!);
    for (let e = 0; e < from.length; e++) {
      for (let p = 0; p < O; p++) {
        for (let o = 0; o < O; o++) {
          for (let c = 0; c < C; c++) {
            const kernel = K[((e * O + p) * O + o) * C + c]! / O;
            out[(to[e]! * O + p) * C + c]! += kernel * f[(from[e]! * O + o) * C + c]!;
          }
        }
      }
    }
    const expected = tensor(out, { shape: x.shape });
    expect(relativeError(layer.forward(x, kernels), expected)).toBeLessThan(1e-12);
  });
});

describe("EdgeAttention", () => {
  test.prop([seed, fc.boolean()], { numRuns: 6 })(
    "has weights that sum to 1 over the incoming edges, with a window, too",
    (s, dense) => {
      const { random, kernels, x } = setting(s, dense, 2, 4, 2);
      const layer = new EdgeAttention(4, 5, { rng: random, fibre: false, heads: 2, ...f64 });
      const weight = random.uniform([36, 1]);
      for (const given of [kernels, { ...kernels, weight }]) {
        const weights = layer.weights(x.mul(30), given);
        expect(weights.shape).toEqual([18, 4]);
        const sums = given.wiring.collect(weights);
        expect(sums.sub(1).abs().max().item()).toBeLessThan(1e-12);
      }
    },
  );

  it("fades at the cut-off, and needs heads that divide the channels", () => {
    const model = network("attention", { cutoff: 2 });
    const layer = model.blocks[0]!.convolution as EdgeAttention;
    expect(layer).toBeInstanceOf(EdgeAttention);
    const make = { rng: rng(0), fibre: false, heads: 3, ...f64 };
    expect(() => new EdgeAttention(8, 4, make)).toThrow("8 channels do not make 3 heads");
    const positions = tensor(
      [
        [
          [0, 0, 0],
          [1, 0, 0],
          [1.9999, 0, 0],
        ],
      ],
      f64,
    );
    const rest = randomGraphs(1, 1, 3);
    const far = positions.add(
      tensor(
        [
          [
            [0, 0, 0],
            [0, 0, 0],
            [0.001, 0, 0],
          ],
        ],
        f64,
      ),
    );
    const [near, gone] = [positions, far].map((p) =>
      flat(model.forward({ ...rest, positions: p })),
    );
    expect(relativeError(near!, gone!)).toBeLessThan(1e-3);
  });
});

describe("chirality", () => {
  const mirror = (graphs: ReturnType<typeof randomGraphs>) => ({
    ...graphs,
    positions: graphs.positions.neg(),
    vectors: graphs.vectors.neg(),
  });
  const change = (attributes: "paper" | "complete" | "chiral"): number => {
    const grid = grids.platonic("octahedron");
    const model = network("full", { attributes, grid, outputs: { scalars: 1 } });
    const graphs = randomGraphs(5);
    return relativeError(model.forward(mirror(graphs)).scalars, model.forward(graphs).scalars);
  };

  it("only chiral attributes tell mirror images apart", () => {
    expect(change("paper")).toBeLessThan(1e-12);
    expect(change("complete")).toBeLessThan(1e-12);
    expect(change("chiral")).toBeGreaterThan(1e-4);
  });
});

describe("options of kernels", () => {
  it("radial functions and windows keep every exact symmetry", () => {
    for (const kind of ["gaussian", "bessel"] as const) {
      const radial = { kind, size: 5 };
      const model = network("separable", {
        radial,
        window: "cosine",
        grid: grids.platonic("tetrahedron"),
      });
      assertEquivariant(model, randomGraphs(1), { tolerance: 1e-9, trials: 2 });
    }
    expect(() => smallPonita({ radial: { kind: "bessel", size: 3 } })).toThrow("give a cutoff");
  });

  it("fused kernels change nothing, nor do their gradients", () => {
    const graphs = randomGraphs(2);
    const [stored, fused] = (["stored", "fused"] as const).map((kernels) =>
      network("separable", { kernels }),
    );
    const loss = (m: Ponita) => (positions: Tensor) =>
      flat(m.forward({ ...graphs, positions }))
        .square()
        .sum();
    const at = graphs.positions;
    expect(relativeError(loss(fused!)(at), loss(stored!)(at))).toBeLessThan(1e-12);
    expect(relativeError(grad(loss(fused!))(at), grad(loss(stored!))(at))).toBeLessThan(1e-11);
  });

  it("a random grid is another one in every pass, and its generator is remembered", () => {
    const graphs = randomGraphs(2);
    const model = network("separable", { randomGrid: rng(3) });
    const [a, b] = [model.forward(graphs), model.forward(graphs)];
    expect(relativeError(a.vectors, b.vectors)).toBeGreaterThan(1e-3);
    expect([...model.namedGenerators().keys()]).toEqual(["randomGrid"]);
    const again = network("separable", { randomGrid: rng(3) });
    expect(relativeError(again.forward(graphs).vectors, a.vectors)).toBe(0);
  });

  it("a checkpoint turns a random grid the same way when it runs again", () => {
    const graphs = randomGraphs(2);
    const run = (wrap: typeof checkpoint) => {
      const model = network("separable", { randomGrid: rng(3) });
      const f = wrap((m: Ponita, given: typeof graphs) => flat(m.forward(given)).square().sum());
      const g = grad((m: Ponita) => f(m, graphs).mul(f(m, graphs)))(model);
      return [Object.values(g).map((x) => x.toArray()), model.forward(graphs).vectors.toArray()];
    };
    expect(run(checkpoint)).toEqual(run((f) => f));
  });
});
