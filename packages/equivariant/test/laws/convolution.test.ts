/** @file The convolution against its definition, calibration, and the lift and readout. */
import { test } from "@fast-check/vitest";
import { grids, lift, readOut, SeparableConvolution, toEdgeList, wire } from "@isograd/equivariant";
import { reshape, rng, type Tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomGraphs, relativeError, separable, smallPonita, solids } from "../helpers.js";

installMatchers();

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const sizes = { scalars: 1, vectors: 1, edgeScalars: 1 };

/**
 * out[i, p, c] = bias[c] + Σ_{j→i} Σ_o k[e, o, p, c] x[j, o, c], where k is the product of the two
 * kernels divided by O.
 */
function nonSeparable(
  [Kx, Kf, x, bias]: readonly Tensor[],
  source: Tensor,
  target: Tensor,
): Float64Array {
  const [V, O, C] = x!.shape as readonly [number, number, number];
  const [kx, kf, f, b] = [Kx!, Kf!, x!, bias!].map((t) => t.dataSync());
  const [from, to] = [source.dataSync(), target.dataSync()];
  const out = Float64Array.from({ length: V * O * C }, (_, i) => b![i % C]!);
  for (let e = 0; e < from.length; e++) {
    for (let o = 0; o < O; o++) {
      for (let p = 0; p < O; p++) {
        for (let c = 0; c < C; c++) {
          const kernel = (kx![(e * O + o) * C + c]! * kf![(o * O + p) * C + c]!) / O;
          out[(to[e]! * O + p) * C + c]! += kernel * f![(from[e]! * O + o) * C + c]!;
        }
      }
    }
  }
  return out;
}

describe("SeparableConvolution", () => {
  test.prop([seed, fc.boolean()], { numRuns: 10 })(
    "is the non-separable one with the product kernel",
    (s, dense) => {
      const [b, n, O, C, B] = [2, 3, 5, 4, 6];
      const random = rng(s, { dtype: "float64" });
      const graphs = randomGraphs(s, b, n);
      const { source, target } = toEdgeList(graphs);
      const given = dense ? graphs : toEdgeList(graphs);
      const wiring = wire("test", given, sizes);
      const make = { rng: random, dtype: "float64" as const };
      const layer = new SeparableConvolution(C, B, { ...make, fibre: true });
      layer.bias.value = random.normal([C]);
      const spatial = random.normal([b * n * n * O, B]);
      const fibre = random.normal([O * O, B]);
      const x = random.normal([b * n, O, C]);
      const kernels = { wiring, spatial, fibre, orientations: O };
      const out = layer.forward(reshape(x, [b * n * O, C]), kernels);
      const Kx = layer.spatial.forward(spatial);
      const Kf = layer.fibre!.forward(fibre);
      const expected = nonSeparable([Kx, Kf, x, layer.bias.value], source, target);
      expect(out).toBeCloseToTensor(
        { shape: out.shape, data: expected },
        { rtol: 1e-9, atol: 1e-10 },
      );
    },
  );
});

/** Standard deviation over all elements. */
function spread(x: Tensor): number {
  return x.std().item();
}

describe("calibration", () => {
  test.prop([seed], { numRuns: 10 })("std(x1) = std(x2) = std(x)", (s) => {
    const [b, n, O, C, B] = [2, 3, 5, 4, 6];
    const random = rng(s, { dtype: "float64" });
    const wiring = wire("test", randomGraphs(s, b, n), sizes);
    const make = { rng: random, dtype: "float64" as const };
    const layer = new SeparableConvolution(C, B, { ...make, fibre: true });
    const kernels = {
      wiring,
      spatial: random.normal([b * n * n * O, B]),
      fibre: random.normal([O * O, B]),
      orientations: O,
    };
    const x = random.normal([b * n * O, C]).mul(3);
    layer.calibrate(x, kernels);
    // Without bias, forward gives x2; without the fibre, x1.
    expect(spread(layer.forward(x, kernels))).toBeCloseTo(spread(x), 10);
    expect(spread(layer.forward(x, { ...kernels, fibre: null }))).toBeCloseTo(spread(x), 10);
  });

  it("happens once, and is remembered with the weights", () => {
    const graphs = randomGraphs(0);
    const model = smallPonita();
    const before = separable(model).spatial.weight.value.toArray();
    expect(model.calibrate(graphs)).toBe(true);
    expect(separable(model).spatial.weight.value.toArray()).not.toEqual(before);
    expect(model.calibrate(graphs)).toBe(false);
    const copy = smallPonita({ rng: rng(9), grid: grids.repulsion(6) });
    copy.loadStateDict(model.stateDict());
    expect(copy.calibrate(graphs)).toBe(false);
    // The grid was loaded with the weights.
    expect(relativeError(copy.forward(graphs).vectors, model.forward(graphs).vectors)).toBe(0);
  });
});

describe("lift and readOut", () => {
  it.each(solids.slice(1))("%s: a lifted vector is read as v/3, a scalar as it is", (solid) => {
    const grid = grids.platonic(solid).toTensor({ dtype: "float64" });
    const { scalars, vectors } = randomGraphs(1, 1, 6);
    const [s, v] = [reshape(scalars, [6, 1]), reshape(vectors, [6, 1, 3])];
    const lifted = reshape(lift(s, v, grid), [6, -1, 2]);
    const read = readOut(lifted, 1, grid);
    expect(relativeError(read.scalars, s)).toBeLessThan(1e-12);
    expect(relativeError(read.vectors, v.div(3))).toBeLessThan(1e-12);
  });

  test.prop([seed, fc.integer({ min: 4, max: 12 })], { numRuns: 10 })(
    "with the dual frame a lifted vector is read as it is, on any grid that spans the space",
    (s, O) => {
      const random = rng(s, { dtype: "float64" });
      for (const dim of [2, 3]) {
        const grid = random.normal([O, dim]);
        const v = random.normal([4, 2, dim]);
        const lifted = reshape(lift(null, v, grid), [4, O, 2]);
        const read = readOut(lifted, 0, grid, { frame: "dual" });
        expect(relativeError(read.vectors, v)).toBeLessThan(1e-8);
      }
    },
  );

  it("the dual frame needs a grid that spans the space", () => {
    const flat = rng(0).normal([2, 3]);
    const lifted = reshape(lift(null, rng(1).normal([1, 1, 3]), flat), [1, 2, 1]);
    expect(() => readOut(lifted, 0, flat, { frame: "dual" })).toThrow("lies in a plane");
  });
});
