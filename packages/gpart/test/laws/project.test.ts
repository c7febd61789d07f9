/** @file Laws of the projection, in float64: isometry, adjointness, and derivatives of every order. */
import { fc, test } from "@fast-check/vitest";
import { grad, gradcheck, gradgradcheck, jacobian } from "@isograd/autograd";
import {
  matmul,
  memory,
  rng,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "@isograd/tensor";
import { forEachDevice, installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { partition, project, projectTranspose, type Scheme } from "../../src/index.js";

installMatchers();

const cases = fc
  .record({
    n: fc.integer({ min: 1, max: 400 }),
    seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    scheme: fc.constantFrom<Scheme>("feistel-v1", "contiguous", "per-layer", "signed-magnitude"),
  })
  .chain((c) => fc.record({ c: fc.constant(c), d: fc.integer({ min: 1, max: c.n }) }))
  .map(({ c, d }) => {
    const values = Float64Array.from({ length: c.n }, (_, i) => Math.abs(Math.sin(i)));
    return { p: partition({ ...c, d, sizes: [c.n], values }), random: rng(c.seed) };
  });

const float64 = { dtype: "float64" } as const;
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const dot = (x: Tensor, y: Tensor) => x.mul(y).sum().item();

describe("P", () => {
  test.prop([cases])("keeps distances: ‖Pθ − Pθ'‖ = ‖θ − θ'‖", ({ p, random }) => {
    scope(() => {
      const [a, b] = [random.normal([p.d], float64), random.normal([p.d], float64)];
      const moved = norm(project(p, a).sub(project(p, b)));
      const step = norm(a.sub(b));
      expect(Math.abs(moved - step)).toBeLessThanOrEqual(1e-12 * step);
    });
  });

  test.prop([cases])("⟨u, Pv⟩ = ⟨Pᵀu, v⟩", ({ p, random }) => {
    scope(() => {
      const [u, v] = [random.normal([p.n], float64), random.normal([p.d], float64)];
      const error = Math.abs(dot(u, project(p, v)) - dot(projectTranspose(p, u), v));
      expect(error).toBeLessThanOrEqual(1e-12 * norm(u) * norm(v));
    });
  });

  test.prop([cases])("PᵀP = I", ({ p, random }) => {
    scope(() => {
      const v = random.normal([p.d], float64);
      expect(norm(projectTranspose(p, project(p, v)).sub(v))).toBeLessThanOrEqual(1e-12 * norm(v));
    });
  });

  it("PᵀP = I, as matrices", () => {
    const p = partition({ n: 23, d: 7, seed: 9 });
    const dense = jacobian((x: Tensor) => project(p, x))(zeros([7], float64));
    const gram = matmul(dense.mT, dense).toArray() as number[][];
    for (const [i, row] of gram.entries()) {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? 1 : 0, 14);
    }
  });

  test.prop([cases])("gives parts the numbers of the whole", ({ p, random }) => {
    scope(() => {
      const theta = random.normal([p.d], float64);
      const cut = Math.floor(p.n / 2);
      const shapes = [[cut], [1, p.n - cut]];
      const parts = project(p, theta, shapes);
      expect(parts.map((x) => x.shape)).toEqual(shapes);
      const flat = parts.flatMap((x) => Array.from(x.dataSync()));
      expect(flat).toEqual(Array.from(project(p, theta).dataSync()));
      const error = norm(projectTranspose(p, parts).sub(theta));
      expect(error).toBeLessThanOrEqual(1e-12 * norm(theta));
    });
  });

  it("leaves coordinates of empty groups without effect", () => {
    const p = partition({ scheme: "hash-v1", n: 8, d: 7, seed: 42, warn: () => {} });
    const back = projectTranspose(p, project(p, tensor([1, 2, 3, 4, 5, 6, 7], float64)));
    const expected = [1, 2, 3, 4, 0, 6, 0];
    for (const [j, x] of (back.toArray() as number[]).entries()) {
      expect(x).toBeCloseTo(expected[j] as number, 14);
    }
  });
});

describe("derivatives", () => {
  test.prop([cases], { numRuns: 20 })("the gradient by θ is Pᵀ of that by w", ({ p, random }) => {
    scope(() => {
      const [theta, target] = [random.normal([p.d], float64), random.normal([p.n], float64)];
      const loss = (w: Tensor) => w.sub(target).square().sum();
      const direct = grad((x: Tensor) => loss(project(p, x)))(theta);
      const byWeights = projectTranspose(p, grad(loss)(project(p, theta)));
      expect(direct.toArray()).toEqual(byWeights.toArray());
    });
  });

  it.each(["feistel-v1", "iid", "hash-v1"] as const)(
    "%s: gradcheck, first and second",
    (scheme) => {
      const p = partition({ scheme, n: 17, d: 5, seed: 3, warn: () => {} });
      const random = rng(1, float64);
      const shapes = [[3, 4], [5]];
      const twisted = (theta: Tensor) => {
        const [a, b] = project(p, theta, shapes) as [Tensor, Tensor];
        return a.sin().sum().add(b.square().sum());
      };
      gradcheck((x) => project(p, x).tanh(), [random.normal([5])]);
      gradgradcheck((x) => project(p, x).tanh(), [random.normal([5])]);
      gradgradcheck(twisted, [random.normal([5])]);
      gradcheck((w) => projectTranspose(p, w).tanh(), [random.normal([17])]);
      gradgradcheck((w) => projectTranspose(p, w).tanh(), [random.normal([17])]);
    },
  );
});

forEachDevice(["cpu", "reference"], (device) => {
  it("float32: the numbers of float64, rounded, and groups made once", () => {
    const p = partition({ n: 3000, d: 11, seed: 5 });
    const theta = rng(1, { device }).normal([11]);
    const w = project(p, theta);
    const exact = project(p, theta.cast("float64"));
    expect(w).toBeCloseToTensor(exact, { rtol: 2e-7, atol: 0 });
    expect(projectTranspose(p, w)).toBeCloseToTensor(theta, { rtol: 1e-5, atol: 0 });
    const before = memory().tensors;
    scope(() => projectTranspose(p, project(p, theta)).size);
    expect(memory().tensors).toBe(before);
  });
});

describe("errors", () => {
  const p = partition({ n: 6, d: 2 });
  it.each<[string, () => unknown, string]>([
    ["theta", () => project(p, zeros([3])), "theta is float32 [3], the partition takes floats [2]"],
    ["dtype", () => project(p, zeros([2], { dtype: "int32" })), "theta is int32 [2]"],
    [
      "weights",
      () => projectTranspose(p, zeros([5])),
      "weights are float32 [5], expected floats [6]",
    ],
    ["shapes", () => project(p, zeros([2]), [[2, 2], [1]]), "hold 5 numbers, the partition has 6"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(message);
  });
});
