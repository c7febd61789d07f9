/**
 * @file Laws of the projection, in float64: isometry, adjointness, and derivatives of every order.
 */
import { fc, test } from "@fast-check/vitest";
import { grad, gradcheck, gradgradcheck, jacobian, vmap } from "@isograd/autograd";
import {
  init,
  matmul,
  memory,
  ones,
  rng,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "@isograd/tensor";
import { setWatcher } from "@isograd/tensor/engine";
import { forEachDevice, installMatchers } from "@isograd/testkit";
import { describe, expect, it, vi } from "vitest";
import { partition, project, projectTranspose, type Scheme } from "../../src/index.js";
import { forgetIndices, PIECE } from "../../src/indices.js";
import { subProjected } from "../../src/project.js";

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

/**
 * Layers in two cells, the first with most of the groups; with and without signs and cached
 * indices.
 */
const mixed = fc
  .record({
    sizes: fc.array(fc.integer({ min: 2, max: 90 }), { minLength: 2, maxLength: 6 }),
    seed: fc.nat(),
    signed: fc.boolean(),
    indices: fc.constantFrom("cached" as const, "regenerated" as const),
  })
  .map(({ sizes, ...rest }) => {
    const n = sizes.reduce((a, b) => a + b, 0);
    const cells = sizes.map((_, l) => l % 2);
    return {
      p: partition({ n, d: 3, sizes, cells, budgets: [2, 1], ...rest }),
      random: rng(rest.seed),
    };
  });

/** Faster than `toEqual` for many numbers. */
function expectSameBits(a: Tensor, b: Tensor): void {
  const [x, y] = [a, b].map((t) => t.dataSync()).map((d) => Buffer.from(d.buffer));
  expect((x as Buffer).equals(y as Buffer)).toBe(true);
}

const float64 = { dtype: "float64" } as const;
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const dot = (x: Tensor, y: Tensor) => x.mul(y).sum().item();

describe("P", () => {
  test.prop([fc.oneof(cases, mixed)])("keeps distances: ‖Pθ − Pθ'‖ = ‖θ − θ'‖", ({ p, random }) => {
    scope(() => {
      const [a, b] = [random.normal([p.d], float64), random.normal([p.d], float64)];
      const moved = norm(project(p, a).sub(project(p, b)));
      const step = norm(a.sub(b));
      expect(Math.abs(moved - step)).toBeLessThanOrEqual(1e-12 * step);
    });
  });

  test.prop([fc.oneof(cases, mixed)])("⟨u, Pv⟩ = ⟨Pᵀu, v⟩", ({ p, random }) => {
    scope(() => {
      const [u, v] = [random.normal([p.n], float64), random.normal([p.d], float64)];
      const error = Math.abs(dot(u, project(p, v)) - dot(projectTranspose(p, u), v));
      expect(error).toBeLessThanOrEqual(1e-12 * norm(u) * norm(v));
    });
  });

  test.prop([fc.oneof(cases, mixed)])("PᵀP = I", ({ p, random }) => {
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

describe("signs", () => {
  it("(Pθ)_i = ±θ_g(i)/√n_g(i)", () => {
    const p = partition({ n: 500, d: 7, seed: 3, signed: true });
    const theta = rng(1).normal([7], float64);
    const values = theta.toArray() as number[];
    const expected = Array.from(p.groups(), (g, i) => {
      return p.signOf(i) * ((values[g] as number) * (p.scales()[g] as number));
    });
    expect(project(p, theta).toArray()).toEqual(expected);
    const minus = expected.filter((_, i) => p.signOf(i) < 0).length;
    expect(Math.abs(minus - 250)).toBeLessThan(60);
  });
});

describe("indices made afresh", () => {
  test.prop([fc.integer({ min: 1, max: 300_000 }), fc.nat(), fc.boolean(), fc.boolean()], {
    numRuns: 15,
  })("give the bits of kept ones, forward and back", (n, seed, signed, wide) => {
    scope(() => {
      const d = Math.min(n, wide ? 70_000 : 40);
      const options = { n, d, seed, signed };
      const [a, b] = [partition(options), partition({ ...options, indices: "regenerated" })];
      const random = rng(seed);
      const [theta, w] = [random.normal([d]), random.normal([n])];
      expectSameBits(project(b, theta), project(a, theta));
      expectSameBits(projectTranspose(b, w), projectTranspose(a, w));
      forgetIndices(a);
    });
  });

  /** The largest memory during the computation of indices, minus the result of 4n bytes. */
  function peak(n: number, d: number): number {
    const p = partition({ n, d, seed: 1, indices: "regenerated" });
    const [theta, w] = [zeros([d]), zeros([n])];
    const before = memory().bytes;
    const seen: number[] = [];
    const watcher = setWatcher(() => seen.push(memory().bytes - before));
    try {
      project(p, theta).dispose();
      projectTranspose(p, w).dispose();
    } finally {
      setWatcher(watcher);
    }
    expect(seen.length).toBeGreaterThan(n / PIECE);
    expect(memory().bytes - before).toBeLessThan(8 * d); // the scales
    return Math.max(...seen) - 4 * n;
  }

  it("take memory for d numbers and pieces of one size, for any number of weights", () => {
    // blocks of memory are powers of 2
    const [small, large] = [peak(2 ** 18, 1024), peak(2 ** 21, 1024)];
    expect(large).toBe(small);
    expect(large).toBeLessThan(32 * 1024 + 2 * 4 * PIECE);
    expect(peak(2 ** 21, 65536) - large).toBeLessThan(32 * 65536);
  });

  it("are made in arrays no longer than a piece", () => {
    const longest = (n: number): number => {
      let most = 0;
      class Watched extends Int32Array {
        constructor(...given: [number]) {
          super(...given);
          if (typeof given[0] === "number") most = Math.max(most, given[0]);
        }
      }
      vi.stubGlobal("Int32Array", Watched);
      try {
        const p = partition({ n, d: 64, seed: 1, indices: "regenerated" });
        scope(() => projectTranspose(p, project(p, ones([64]))).size);
      } finally {
        vi.unstubAllGlobals();
      }
      return most;
    };
    expect([longest(100), longest(2 ** 19)]).toEqual([100, PIECE]);
  });
});

forEachDevice(["cpu", "reference"], (device) => {
  it.each([
    { d: 11, signed: false },
    { d: 11, signed: true },
    { d: 70_000, signed: false },
  ])("w − Pθ in one pass is that of two, to the last bit: %o", (options) => {
    const n = 80_003;
    for (const indices of ["cached", "regenerated"] as const) {
      const p = partition({ n, seed: 5, indices, ...options });
      const random = rng(1, { device });
      const [theta, w] = [random.normal([p.d]), random.normal([1, n])];
      const [fused] = subProjected(p, theta, [w]);
      const plain = w.sub(project(p, theta).reshape([1, n]));
      expectSameBits(fused as Tensor, plain);
      forgetIndices(p);
    }
  });
});

describe("threads", () => {
  it.each([40, 70_000])("give the same bits, for %i groups", async (d) => {
    const n = 300_001;
    const p = partition({ n, d, seed: 5 });
    const [theta, w] = [rng(1).normal([d]), rng(2).normal([n])];
    const results = () => [project(p, theta), subProjected(p, theta, [w])[0] as Tensor];
    const { threads: before } = await init();
    await init({ threads: 1 });
    const alone = results();
    await init({ threads: 2 });
    const together = results();
    await init({ threads: before });
    together.forEach((x, i) => {
      expectSameBits(x, alone[i] as Tensor);
    });
    forgetIndices(p);
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

describe("w − Pθ", () => {
  it("gradcheck, first and second", () => {
    const p = partition({ n: 12, d: 5, seed: 3, signed: true });
    const random = rng(1, float64);
    const inputs: [Tensor, Tensor] = [random.normal([5]), random.normal([3, 4])];
    const f = (theta: Tensor, w: Tensor) => (subProjected(p, theta, [w])[0] as Tensor).tanh();
    gradcheck(f, inputs);
    gradgradcheck(f, inputs);
  });

  it("is mapped over samples", () => {
    const p = partition({ n: 12, d: 5, seed: 3 });
    const thetas = rng(1).normal([3, 5]);
    const all = vmap((theta: Tensor) => project(p, theta))(thetas);
    for (let i = 0; i < 3; i++) {
      const own = project(p, thetas.slice([i]).reshape([5]));
      expect(all.slice([i]).reshape([12])).toBeCloseToTensor(own, { rtol: 0, atol: 0 });
    }
  });

  it("refuses another base", () => {
    const p = partition({ n: 6, d: 2 });
    expect(() => subProjected(p, zeros([2]), [zeros([6], float64)])).toThrow(
      "the base is float64 [6]",
    );
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
