/** @file The checker finds errors, names their place, and accepts correct functions. */
import {
  assertEquivariant,
  type DenseGraphs,
  EquivarianceError,
  equivarianceError,
  grids,
  type TransformName,
} from "@isograd/equivariant";
import { rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { randomGraphs, smallPonita } from "../helpers.js";

type Points = { readonly positions: Tensor };
const sample: Points = { positions: rng(1, { dtype: "float64" }).normal([3, 5, 3]) };
const asVector = { outputs: { output: "vector" as const } };

/** The transforms that a function fails. */
function failures(f: (given: Points) => Tensor, kind: "point" | "vector" | "scalar"): string[] {
  const entries = equivarianceError(f, sample, { outputs: { output: kind } });
  return entries.filter((e) => !(e.worst < 1e-9)).map((e) => e.transform);
}

describe("equivarianceError", () => {
  it("lets right functions pass", () => {
    expect(failures(({ positions }) => positions.mul(1), "point")).toEqual([]);
    const centred = ({ positions: p }: Points) => p.sub(p.mean({ axis: 1, keepdims: true }));
    expect(failures(centred, "vector")).toEqual([]);
    const size = (given: Points) => centred(given).square().sum({ axis: -1 });
    expect(failures(size, "scalar")).toEqual([]);
  });

  const broken: [string, (given: Points) => Tensor, "point" | "vector" | "scalar", string[]][] = [
    ["positions as vectors", ({ positions }) => positions.mul(1), "vector", ["translation"]],
    [
      "vectors as points",
      ({ positions: p }) => p.sub(p.mean({ axis: 1, keepdims: true })),
      "point",
      ["translation"],
    ],
    [
      "components",
      ({ positions: p }) => p.sub(p.mean({ axis: 1, keepdims: true })).abs(),
      "vector",
      ["rotation", "reflection"],
    ],
    [
      "the order of nodes",
      ({ positions: p }) => p.sub(p.slice([null, [0, 1]])),
      "vector",
      ["permutation"],
    ],
    [
      "other graphs",
      ({ positions: p }) => p.sub(p.mean({ axis: [0, 1], keepdims: true })),
      "vector",
      ["batching"],
    ],
    [
      "handedness",
      ({ positions: p }) => {
        const x = p.sub(p.mean({ axis: 1, keepdims: true }));
        const y = x
          .mul(x.square().sum({ axis: -1, keepdims: true }))
          .sum({ axis: 1, keepdims: true });
        const rolled = (t: Tensor, by: number) =>
          t.take(tensor([by % 3, (by + 1) % 3, (by + 2) % 3], { dtype: "int32" }), { axis: -1 });
        return rolled(x, 1)
          .mul(rolled(y, 2))
          .sub(rolled(x, 2).mul(rolled(y, 1)));
      },
      "vector",
      ["reflection"],
    ],
  ];
  it.each(broken)("finds a dependence on %s", (_, f, kind, transforms) => {
    expect(failures(f, kind)).toEqual(transforms);
  });

  it("measures networks: exact transforms exact, other rotations not", () => {
    const model = smallPonita({ grid: grids.platonic("cube") });
    const entries = equivarianceError(model, randomGraphs(1), { refined: null });
    const names: TransformName[] = entries.map((e) => e.transform);
    expect(new Set(names).size).toBe(6);
    for (const { transform, output, kind, error, worst } of entries) {
      expect(kind).toBe(output === "vectors" ? "vector" : "scalar");
      expect(worst).toBeGreaterThanOrEqual(error * (1 - 1e-12));
      const free = transform === "rotation" || transform === "reflection";
      if (free) expect(error).toBeGreaterThan(1e-3);
      else expect(error).toBeLessThan(1e-9);
    }
  });

  it("finds a network whose kernels see directions", () => {
    const model = smallPonita({ grid: grids.platonic("octahedron") });
    const graphs = randomGraphs(1, 2, 4);
    const skewed = (given: DenseGraphs) =>
      model.forward({ ...given, vectors: given.vectors!.mul(tensor([1, 1, 2])) });
    expect(() => assertEquivariant(skewed, graphs, { grid: grids.platonic("octahedron") })).toThrow(
      "gridRotation: the vector output",
    );
  });
});

describe("causes", () => {
  it("are rounding, the grid, or a defect", () => {
    const model = smallPonita({ grid: grids.fibonacci(12), layers: 1 });
    const graphs = randomGraphs(1, 2, 4);
    for (const { transform, cause, refined } of equivarianceError(model, graphs, { group: "E3" })) {
      const free = transform === "rotation" || transform === "reflection";
      expect(cause).toBe(free ? "grid" : "noise");
      if (free) expect(refined![1]).toBeLessThan(refined![0]);
      else expect(refined).toBeUndefined();
    }
    // The same, but it uses a component of vectors, an error that no grid reduces.
    const skewed = (grid: typeof model | ReturnType<typeof model.refined>) => ({
      forward: (given: DenseGraphs) =>
        grid.forward({ ...given, vectors: given.vectors!.mul(tensor([1, 1, 2])) }),
    });
    const refined = (factor: number) => skewed(model.refined(factor));
    const options = { transforms: ["rotation"] as const, refined };
    const found = equivarianceError(skewed(model), graphs, options);
    expect(found.every((e) => e.cause === "defect")).toBe(true);
  });

  it("stand in the message", () => {
    const model = smallPonita({ grid: grids.fibonacci(8), layers: 1 });
    const check = () =>
      assertEquivariant(model, randomGraphs(1, 2, 4), { transforms: ["rotation"] });
    expect(check).toThrow("it is an error of the grid");
    expect(check).toThrow("take more orientations");
  });
});

describe("a check without a sample", () => {
  type Given = {
    readonly positions: Tensor;
    readonly velocities: Tensor;
    readonly charges: Tensor;
  };
  const inputs = { positions: "point", velocities: "vector", charges: "scalar" } as const;
  const drift = ({ positions, velocities, charges }: Given) => ({
    positions: positions.add(velocities.mul(charges.expandDims(-1))),
  });

  it("draws one, in space and in the plane", () => {
    assertEquivariant(drift, { group: "E3", inputs });
    assertEquivariant(drift, { group: "E2", inputs, nodes: 3, graphs: 2 });
    const entries = equivarianceError(drift, { group: "SO2", inputs });
    expect(entries.map((e) => e.transform)).toEqual(["rotation", "permutation", "batching"]);
    const shapes = { charges: [3, 5, 1] };
    const wide = ({ charges, ...rest }: Given) => drift({ ...rest, charges: charges.squeeze(2) });
    assertEquivariant(wide, { group: "SE3", inputs, shapes });
  });

  it("finds the first component of a vector, in both", () => {
    const first = (given: Given) => ({ scalars: given.velocities.slice([null, null, 0]) });
    expect(() => assertEquivariant(first, { group: "SE3", inputs })).toThrow(
      "rotation: the scalar output",
    );
    expect(() => assertEquivariant(first, { group: "SE2", inputs })).toThrow(
      "rotation: the scalar output",
    );
    expect(() => assertEquivariant(first, { inputs: { source: "node" } } as never)).toThrow(
      "cannot be drawn at random",
    );
    const line = { positions: rng(0).normal([2, 3, 4]) };
    expect(() => equivarianceError((x: Points) => x.positions, line)).toThrow("length 2 or 3");
  });
});

describe("assertEquivariant", () => {
  it("names the transform, the output and its error", () => {
    const bad = ({ positions: p }: Points) => ({ forces: p.mul(tensor([1, 1, 2])) });
    const options = { transforms: ["rotation", "permutation"] as const };
    try {
      assertEquivariant(bad, sample, options);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(EquivarianceError);
      const { entry, message } = error as EquivarianceError;
      expect(entry).toMatchObject({ transform: "rotation", output: "forces", kind: "vector" });
      expect(message).toMatch(/rotation: the vector output "forces" is off by 0\.\d+ \(relative\)/);
      expect(message).toContain("help: does it use components of vectors");
    }
  });

  it("does not let NaN pass", () => {
    const nan = ({ positions }: Points) => positions.sub(positions).div(0);
    expect(() => assertEquivariant(nan, sample, asVector)).toThrow("not a number");
  });

  it("asks so for names of Object.prototype too", () => {
    for (const name of ["constructor", "toString"]) {
      const f = ({ positions }: Points) => ({ [name]: positions.mul(2) });
      expect(() => equivarianceError(f, sample)).toThrow(`how the output "${name}" turns`);
      const given = { ...sample, [name]: sample.positions };
      expect(() => equivarianceError(f, given)).toThrow(`how the input "${name}" turns`);
    }
  });

  it("asks how things turn when it cannot know", () => {
    const f = ({ positions }: Points) => positions.mul(2);
    expect(() => equivarianceError(f, sample)).toThrow(UsageError);
    const spins = { ...sample, spins: sample.positions };
    expect(() => equivarianceError(f, spins, asVector)).toThrow('how the input "spins" turns');
    expect(equivarianceError(f, spins, { ...asVector, inputs: { spins: "vector" } })).toHaveLength(
      5,
    );
    expect(() => equivarianceError(f, { masses: sample.positions } as never)).toThrow(UsageError);
  });
});
