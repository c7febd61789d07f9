/** @file Identities that hold exactly for any weights: in float64 to 1e-9, in float32 to 1e-4. */
import { test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import {
  assertEquivariant,
  equivarianceError,
  grids,
  Pnita,
  randomRotation,
  type TransformName,
  toEdgeList,
} from "@isograd/equivariant";
import { concat, rng, type Tensor, take, tensor } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exactTo,
  type Floats,
  randomGraphs,
  relativeError,
  smallPonita,
  solids,
  turn,
} from "../helpers.js";

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const floats = fc.constantFrom<Floats>("float64", "float32");
const runs = { numRuns: 8 };

describe("PONITA", () => {
  test.prop([seed, floats, fc.boolean(), fc.constantFrom("node" as const, "graph" as const)], {
    numRuns: 16,
  })("follows translations, permutations and batching on any grid", (s, dtype, list, level) => {
    const model = smallPonita({ dtype, rng: rng(s), level, cutoff: 3 });
    const dense = randomGraphs(s, 3, 4, dtype);
    const names: TransformName[] = ["translation", "permutation", "batching"];
    const options = { transforms: names, tolerance: exactTo(dtype), rng: rng(s), trials: 1 };
    assertEquivariant(model, list ? toEdgeList(dense) : dense, options);
    expect(equivarianceError(model, dense, options)).toHaveLength(6);
  });

  test.prop([seed, floats], runs)("follows any rotation when the grid turns, too", (s, dtype) => {
    const model = smallPonita({ dtype, rng: rng(s), grid: grids.fibonacci(7) });
    const graphs = randomGraphs(s, 2, 4, dtype);
    const before = model.forward(graphs);
    const rotation = randomRotation(rng(s));
    model.grid.value = turn(model.grid.value, rotation);
    const { positions, vectors } = graphs;
    const after = model.forward({
      ...graphs,
      positions: turn(positions, rotation),
      vectors: turn(vectors, rotation),
    });
    expect(relativeError(after.scalars, before.scalars)).toBeLessThan(exactTo(dtype));
    const turned = turn(before.vectors, rotation);
    expect(relativeError(after.vectors, turned)).toBeLessThan(exactTo(dtype));
  });

  it.each(solids)("%s: follows the rotations that map the grid onto itself", (solid) => {
    for (const dtype of ["float64", "float32"] as const) {
      const model = smallPonita({ dtype, grid: grids.platonic(solid), channels: 6 });
      const graphs = randomGraphs(solid, 1, 4, dtype);
      const options = { transforms: ["gridRotation"] as const, tolerance: exactTo(dtype) };
      assertEquivariant(model, graphs, { ...options, trials: dtype === "float64" ? 12 : 3 });
    }
  });

  test.prop([seed], runs)("does not care about the order of the grid's points", (s) => {
    const model = smallPonita({ rng: rng(s), grid: grids.repulsion(6) });
    const graphs = randomGraphs(s);
    const before = model.forward(graphs);
    model.grid.value = take(model.grid.value, rng(s).permutation(6));
    const after = model.forward(graphs);
    expect(relativeError(after.scalars, before.scalars)).toBeLessThan(1e-12);
    expect(relativeError(after.vectors, before.vectors)).toBeLessThan(1e-12);
  });

  test.prop([seed], runs)("does not see reflections, on a grid with central symmetry", (s) => {
    const model = smallPonita({ rng: rng(s), grid: grids.platonic("octahedron") });
    const graphs = randomGraphs(s);
    const before = model.forward(graphs);
    const after = model.forward({
      ...graphs,
      positions: graphs.positions.neg(),
      vectors: graphs.vectors.neg(),
    });
    expect(relativeError(after.scalars, before.scalars)).toBeLessThan(1e-12);
    expect(relativeError(after.vectors.neg(), before.vectors)).toBeLessThan(1e-12);
  });
});

describe("PNITA", () => {
  test.prop([seed, floats], runs)("follows every transform there is", (s, dtype) => {
    const model = new Pnita({
      inputs: { scalars: 1, edges: 1 },
      outputs: { scalars: 2 },
      channels: 8,
      layers: 2,
      rng: rng(s),
      dtype,
    });
    const { positions, scalars, edges } = randomGraphs(s, 3, 4, dtype);
    const graphs = { positions, scalars, edges };
    const names: TransformName[] = [
      "translation",
      "rotation",
      "reflection",
      "permutation",
      "batching",
    ];
    const options = { transforms: names, tolerance: exactTo(dtype), rng: rng(s), trials: 2 };
    assertEquivariant(model, graphs, options);
    assertEquivariant(model, toEdgeList(graphs), options);
  });
});

describe("the two forms of graphs", () => {
  test.prop([seed, floats, fc.integer({ min: 1, max: 5 })], runs)(
    "dense = edge list",
    (s, dtype, n) => {
      const model = smallPonita({ dtype, rng: rng(s), cutoff: 2.5 });
      const graphs = randomGraphs(s, 2, n, dtype);
      const dense = model.forward(graphs);
      const list = model.forward(toEdgeList(graphs));
      const tolerance = exactTo(dtype);
      expect(relativeError(dense.scalars, list.scalars)).toBeLessThan(tolerance);
      expect(relativeError(dense.vectors, list.vectors)).toBeLessThan(tolerance);
    },
  );

  test.prop([seed, fc.constantFrom("sum" as const, "mean" as const)], runs)(
    "padding with a mask changes nothing",
    (s, pooling) => {
      const model = smallPonita({ rng: rng(s), level: "graph", pooling });
      const nodes = smallPonita({ rng: rng(s) });
      const padded = randomGraphs(s, 2, 5);
      const mask = tensor([[1, 1, 1, 0, 0]], { dtype: "float64" }).broadcastTo([2, 5]);
      const cut = {
        positions: padded.positions.slice([null, [0, 3]]),
        scalars: padded.scalars.slice([null, [0, 3]]),
        vectors: padded.vectors.slice([null, [0, 3]]),
        edges: padded.edges.slice([null, [0, 3], [0, 3]]),
      };
      const [long, short] = [model.forward({ ...padded, mask }), model.forward(cut)];
      expect(relativeError(long.scalars, short.scalars)).toBeLessThan(1e-12);
      expect(relativeError(long.vectors, short.vectors)).toBeLessThan(1e-12);
      const each = nodes.forward({ ...padded, mask }).vectors;
      const first = each.slice([null, [0, 3]]);
      expect(relativeError(first, nodes.forward(cut).vectors)).toBeLessThan(1e-12);
      expect(
        each
          .slice([null, [3, 5]])
          .abs()
          .max()
          .item(),
      ).toBe(0);
    },
  );

  test.prop([seed, floats, fc.integer({ min: 1, max: 5 }), fc.boolean()], { numRuns: 12 })(
    "kernels shared by both directions of an edge change nothing, nor do their gradients",
    (s, dtype, n, windowed) => {
      const cutoff = windowed ? { cutoff: 2.5 } : {};
      const grid = grids.platonic("octahedron");
      const model = smallPonita({ dtype, rng: rng(s), grid, ...cutoff });
      model.grid.value = turn(model.grid.value, randomRotation(rng(s)));
      const any = randomGraphs(s, 2, n, dtype);
      const edges = any.edges.add(any.edges.permuteDims([0, 2, 1, 3]));
      const value = (symmetric: boolean) => (positions: Tensor) => {
        const out = model.forward({ ...any, positions, edges, symmetric });
        return concat([out.scalars.flatten(), out.vectors.flatten()]);
      };
      const [whole, half] = [value(false), value(true)];
      const tolerance = exactTo(dtype);
      expect(relativeError(half(any.positions), whole(any.positions))).toBeLessThan(tolerance);
      const slope = (f: typeof whole) => grad((p: Tensor) => f(p).square().sum())(any.positions);
      expect(relativeError(slope(half), slope(whole))).toBeLessThan(10 * tolerance);
    },
  );
});
