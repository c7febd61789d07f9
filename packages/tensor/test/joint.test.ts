/** @file Random vectors, matrices and categories: moments, uniformity, pinned values, refusals. */
import { describe, expect, it } from "vitest";
import { init, matmul, rng, type Tensor, tensor, zeros } from "../src/api/index.js";

await init();

const values = (x: Tensor): number[] => Array.from(x.dataSync());
const f64 = (x: Parameters<typeof tensor>[0]): Tensor => tensor(x, { dtype: "float64" });
const N = 20_000;

/** The largest difference from a list of numbers. */
const gap = (x: Tensor, expected: readonly number[]): number =>
  Math.max(...values(x).map((v, i) => Math.abs(v - expected[i]!)));

/** The columns of rows [n, k]: each as a list. */
function columns(x: Tensor): number[][] {
  const [n, k] = x.shape as [number, number];
  const all = values(x);
  return Array.from({ length: k }, (_, j) => Array.from({ length: n }, (_, i) => all[i * k + j]!));
}
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const covariance = (a: readonly number[], b: readonly number[]): number =>
  mean(a.map((x, i) => x * b[i]!)) - mean(a) * mean(b);

/** χ² over its degrees of freedom, as a standard normal number. */
function score(counts: readonly number[], chances: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0);
  const chi = counts.reduce((s, c, i) => s + (c - n * chances[i]!) ** 2 / (n * chances[i]!), 0);
  const k = counts.length - 1;
  return ((chi / k) ** (1 / 3) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
}
function counted(sample: readonly number[], k: number): number[] {
  const counts = new Array<number>(k).fill(0);
  for (const i of sample) counts[i]! += 1;
  return counts;
}

describe("categorical", () => {
  const logits = [0.5, -1, 2, 0];
  const total = logits.reduce((s, x) => s + Math.exp(x), 0);
  const chances = logits.map((x) => Math.exp(x) / total);

  it.each(["float32", "float64"] as const)("has the chances of its logits: %s", (dtype) => {
    const drawn = rng(1).categorical(tensor(logits, { dtype }), { shape: N });
    expect(drawn.dtype).toBe("int32");
    expect(score(counted(values(drawn), 4), chances)).toBeLessThan(3.3);
  });

  it("goes along any axis, for batches and with leading axes", () => {
    const random = rng(2);
    const x = f64([
      [0, 99, 0],
      [99, 0, 0],
    ]);
    expect(random.categorical(x).toArray()).toEqual([1, 0]);
    expect(random.categorical(x, { axis: 0, shape: [3] }).toArray()).toEqual([
      1,
      0,
      expect.any(Number),
    ]);
    expect(random.categorical(x, { shape: [4, 2] }).shape).toEqual([4, 2]);
    expect(random.categorical(x, { shape: [5, 4, 2] }).toArray()).toEqual(
      new Array(5).fill(new Array(4).fill([1, 0])),
    );
    expect(random.categorical(x, { shape: [4, 3], axis: -2 }).shape).toEqual([4, 3]);
    expect(random.categorical(tensor([[1, 2]]), { shape: [7] }).shape).toEqual([7]);
    expect(random.categorical(zeros([0, 3])).shape).toEqual([0]);
    expect(random.categorical(tensor([3, -3], { dtype: "int32" }), { shape: [] }).shape).toEqual(
      [],
    );
    expect(
      random
        .categorical(tensor([-Infinity, 0]), { shape: 50 })
        .sum()
        .item(),
    ).toBe(50);
  });

  it("draws batches that do not depend on each other", () => {
    const [a, b] = columns(rng(3).categorical(zeros([2, 3]), { shape: [N, 2] }));
    const both = a!.map((x, i) => 3 * x + b![i]!);
    expect(score(counted(both, 9), new Array(9).fill(1 / 9))).toBeLessThan(3.3);
  });
});

describe("multivariateNormal", () => {
  const sigma = [
    [2, 0.6, -0.3],
    [0.6, 1, 0.2],
    [-0.3, 0.2, 0.5],
  ];

  it.each(["float32", "float64"] as const)("has its mean and covariance: %s", (dtype) => {
    const location = tensor([1, -2, 0.5], { dtype });
    const drawn = rng(1).multivariateNormal(location, tensor(sigma, { dtype }), { shape: N });
    expect([drawn.dtype, drawn.shape]).toEqual([dtype, [N, 3]]);
    const x = columns(drawn);
    for (let i = 0; i < 3; i++) {
      const off = (mean(x[i]!) - [1, -2, 0.5][i]!) / Math.sqrt(sigma[i]![i]! / N);
      expect(Math.abs(off)).toBeLessThan(3.9);
      for (let j = 0; j < 3; j++) {
        const [s, t] = [sigma[i]![j]!, sigma[i]![i]! * sigma[j]![j]!];
        const z = (covariance(x[i]!, x[j]!) - s) / Math.sqrt((t + s * s) / N);
        expect(Math.abs(z)).toBeLessThan(3.9);
      }
    }
  });

  it("broadcasts batches of means and covariances", () => {
    const random = rng(2);
    const one = f64([
      [4, 0],
      [0, 9],
    ]);
    const two = f64([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [4, 0],
        [0, 9],
      ],
    ]);
    expect(random.multivariateNormal(zeros([3, 2]), one).shape).toEqual([3, 2]);
    expect(random.multivariateNormal(zeros([2]), two).shape).toEqual([2, 2]);
    expect(random.multivariateNormal(zeros([3, 1, 2]), two).shape).toEqual([3, 2, 2]);
    expect(random.multivariateNormal(zeros([2]), two, { shape: [5, 2] }).shape).toEqual([5, 2, 2]);
    expect(random.multivariateNormal(zeros([2]), one, { shape: [0] }).shape).toEqual([0, 2]);
    const z = rng(3).normal([2, 2], { dtype: "float64" });
    const x = rng(3).multivariateNormal(f64([5, 6]), two);
    const [a, b, c, d] = values(z) as [number, number, number, number];
    expect(gap(x, [5 + a, 6 + b, 5 + 2 * c, 6 + 3 * d])).toBeLessThan(1e-14);
    expect(
      gap(rng(3).multivariateNormal(f64([5, 6]), one, { shape: 2 }), [
        5 + 2 * a,
        6 + 3 * b,
        5 + 2 * c,
        6 + 3 * d,
      ]),
    ).toBeLessThan(1e-14);
    expect(random.multivariateNormal(tensor([0], { dtype: "int32" }), f64([[1]])).dtype).toBe(
      "float64",
    );
  });
});

describe("dirichlet", () => {
  it.each([[[1, 2, 3.5]], [[0.01, 0.02, 0.005]]])("%s has its means and variances", (alpha) => {
    const x = columns(rng(1).dirichlet(alpha, { shape: N, dtype: "float64" }));
    const a = alpha.reduce((s, v) => s + v, 0);
    for (const [i, column] of x.entries()) {
      const [m, v] = [alpha[i]! / a, (alpha[i]! * (a - alpha[i]!)) / (a * a * (a + 1))];
      expect(Math.abs(mean(column) - m) / Math.sqrt(v / N)).toBeLessThan(3.9);
      const squares = column.map((y) => (y - m) ** 2);
      const spread = Math.sqrt(covariance(squares, squares) / N);
      expect(Math.abs(mean(squares) - v) / spread).toBeLessThan(3.9);
      expect(column.every((y) => y >= 0 && y <= 1)).toBe(true);
    }
    const c01 = -(alpha[0]! * alpha[1]!) / (a * a * (a + 1));
    expect(covariance(x[0]!, x[1]!)).toBeCloseTo(c01, 2);
  });

  it("has rows that sum to 1", () => {
    const x = rng(2).dirichlet([1e-3, 2, 50], { shape: [3, 4], dtype: "float64" });
    expect(x.shape).toEqual([3, 4, 3]);
    expect(gap(x.sum({ axis: -1 }), new Array(12).fill(1))).toBeLessThan(1e-14);
    expect(rng(2).dirichlet([5]).toArray()).toEqual([1]);
    expect(rng(2).dirichlet([1, 1], { shape: 0 }).shape).toEqual([0, 2]);
  });
});

describe("orthogonal", () => {
  it.each([
    [4, 4],
    [5, 2],
    [2, 5],
    [1, 1],
    [30, 30],
  ])("[%i, %i] is orthonormal", (m, n) => {
    const q = rng(1).orthogonal([m, n], { dtype: "float64" });
    expect(q.shape).toEqual([m, n]);
    const product = m < n ? matmul(q, q.T) : matmul(q.T, q);
    const k = Math.min(m, n);
    const unit = Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0));
    for (const [i, x] of values(product).entries()) expect(x).toBeCloseTo(unit[i]!, 13);
  });

  it("is uniform: rotations of the plane at all angles, half of them with a reflection", () => {
    const random = rng(2);
    const [angles, flips] = [new Array<number>(16).fill(0), [0, 0]];
    for (let i = 0; i < 4000; i++) {
      const [a, b, c, d] = values(random.orthogonal(2)) as [number, number, number, number];
      angles[Math.floor(((Math.atan2(c, a) / Math.PI + 1) / 2) * 15.999999)]! += 1;
      flips[a * d - b * c > 0 ? 0 : 1]! += 1;
    }
    expect(score(angles, new Array(16).fill(1 / 16))).toBeLessThan(3.3);
    expect(Math.abs(flips[0]! - 2000) / Math.sqrt(1000)).toBeLessThan(3.3);
  });

  it("has traces of mean 0 and variance 1", () => {
    // Diaconis and Shahshahani 1994: E tr Q = 0, E (tr Q)² = 1, E (tr Q)⁴ = 3 for n ≥ 4
    const random = rng(3);
    const traces = Array.from({ length: 4000 }, () => {
      const q = values(random.orthogonal(4, { dtype: "float64" }));
      return q[0]! + q[5]! + q[10]! + q[15]!;
    });
    expect(Math.abs(mean(traces)) * Math.sqrt(4000)).toBeLessThan(3.3);
    expect(Math.abs(mean(traces.map((t) => t * t)) - 1) * Math.sqrt(4000 / 2)).toBeLessThan(3.3);
    expect(mean(traces.map((t) => t ** 4))).toBeCloseTo(3, 0);
  });
});

describe("the same seed gives the same bits", () => {
  it("pins first values", () => {
    const f = { dtype: "float64" } as const;
    expect([
      values(rng(0).categorical(zeros([4]), { shape: 9 })),
      values(rng(0).dirichlet([0.5, 1, 2], f)),
      values(rng(0).orthogonal(2, f)),
    ]).toMatchInlineSnapshot(`
      [
        [
          3,
          1,
          3,
          1,
          1,
          0,
          2,
          3,
          0,
        ],
        [
          0.060490474526995276,
          0.7658337695233077,
          0.17367575594969697,
        ],
        [
          0.18226850481201518,
          0.9832487946362269,
          -0.9832487946362265,
          0.1822685048120153,
        ],
      ]
    `);
  });
});

describe("bad parameters", () => {
  const random = rng(0);
  const x = tensor([1, 2]);
  const no = undefined as unknown as number;
  it.each<[string, () => unknown, string]>([
    ["a scale", () => random.exponential(2, { scale: 0 }), "exponential: scale is a finite"],
    ["no alpha", () => random.gamma(2, { alpha: no }), "gamma: alpha is a finite number above 0"],
    ["an alpha", () => random.gamma(2, { alpha: -1 }), "gamma: alpha is a finite number above 0"],
    ["a b", () => random.beta(2, { a: 1, b: NaN }), "beta: b is a finite number above 0: got NaN"],
    ["a loc", () => random.gumbel(2, { loc: NaN }), "gumbel: loc is a finite number: got NaN"],
    ["a scale", () => random.laplace(2, { scale: -1 }), "laplace: scale is a finite number"],
    ["a scale", () => random.cauchy(2, { scale: -1 }), "cauchy: scale is a finite number"],
    ["a std", () => random.logNormal(2, { std: 0 }), "logNormal: std is a finite number"],
    [
      "bounds",
      () => random.truncatedNormal(2, { low: 3, high: 2 }),
      "low must not exceed high: got low 3, high 2",
    ],
    [
      "bounds",
      () => random.truncatedNormal(2, { low: Infinity, high: Infinity }),
      "must not exceed",
    ],
    ["an alpha", () => random.weibull(2, { alpha: 0 }), "weibull: alpha is a finite number"],
    ["a df", () => random.studentT(2, { df: 0 }), "studentT: df is a finite number above 0: got 0"],
    ["a df", () => random.chiSquare(2, { df: Infinity }), "chiSquare: df is a finite number"],
    ["a rate", () => random.poisson(2, { rate: -1 }), "poisson: rate is a number from 0 to 2³¹"],
    ["a rate", () => random.poisson(2, { rate: 3e9 }), "poisson: rate is a number from 0 to 2³¹"],
    ["an n", () => random.binomial(2, { n: 1.5, p: 0.5 }), "binomial: n is a whole number"],
    ["a p", () => random.binomial(2, { n: 1, p: 1.5 }), "binomial: p is a probability between"],
    ["a p", () => random.geometric(2, { p: 0 }), "geometric: p is a probability above 0"],
    ["a dtype", () => random.poisson(2, { rate: 1, dtype: "bool" }), "poisson: makes whole"],
    ["a dtype", () => random.gamma(2, { alpha: 1, dtype: "int32" }), "gamma: makes float32"],
    ["an option", () => random.poisson(2, { lam: 3 } as never), "did you mean rate?"],
    ["an option", () => random.gamma(2, { concentration: 3 } as never), "did you mean alpha?"],
    ["an option", () => random.gumbel(2, { mean: 3 } as never), "did you mean loc?"],
    ["an option", () => random.categorical(x, { size: 3 } as never), "did you mean shape?"],
    ["a list", () => random.categorical([1, 2] as never), "categorical: needs a tensor"],
    ["no axis", () => random.categorical(tensor(1)), "categorical: axis -1 is out of range"],
    [
      "no category",
      () => random.categorical(zeros([2, 0])),
      "no category to choose from along axis -1 of [2, 0]",
    ],
    ["a shape", () => random.categorical(zeros([2, 3]), { shape: [3] }), "categorical: shapes do"],
    ["a shape", () => random.categorical(zeros([2, 3]), { shape: 1 }), "does not end in [2]"],
    ["shapes", () => random.multivariateNormal(x, zeros([3, 3])), "got [2] and [3, 3]"],
    ["zeros", () => random.multivariateNormal(x, zeros([2, 2])), "not positive definite"],
    ["no list", () => random.dirichlet(3 as never), "dirichlet: alpha is a list of numbers"],
    ["a zero", () => random.dirichlet([1, 0]), "dirichlet: each alpha is a finite number above 0"],
    ["three", () => random.orthogonal([1, 2, 3]), "orthogonal: needs one or two lengths"],
    ["none", () => random.orthogonal([]), "orthogonal: needs one or two lengths"],
  ])("refuses %s that makes no sense", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

it("draws where the arguments are, and where the generator says", () => {
  const x = tensor([0, 1], { device: "reference" });
  expect(rng(0).categorical(x, { shape: 3 }).device).toBe("reference");
  const covariance = tensor([2, 0, 0, 2], { shape: [2, 2], device: "reference" });
  expect(rng(0).multivariateNormal(x, covariance).device).toBe("reference");
  const random = rng(0, { dtype: "float64", device: "reference" });
  for (const y of [random.gumbel(2), random.dirichlet([1, 2]), random.orthogonal(2)]) {
    expect([y.dtype, y.device]).toEqual(["float64", "reference"]);
  }
  expect([random.poisson(2, { rate: 1 }).dtype, random.poisson(2, { rate: 1 }).device]).toEqual([
    ...["int32", "reference"],
  ]);
});

it("takes limits of parameters", () => {
  const random = rng(4, { dtype: "float64" });
  expect(values(random.poisson(3, { rate: 0 }))).toEqual([0, 0, 0]);
  expect(values(random.binomial(3, { n: 0, p: 0.5 }))).toEqual([0, 0, 0]);
  expect(values(random.binomial(3, { n: 9, p: 0 }))).toEqual([0, 0, 0]);
  expect(values(random.geometric(2, { p: 1e-300 }))).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
  expect(values(random.truncatedNormal(2, { low: 3, high: 3 }))).toEqual([3, 3]);
  const both = values(random.truncatedNormal(999, { mean: 5, std: 2 }));
  expect([Math.min(...both) >= 1, Math.max(...both) <= 9]).toEqual([true, true]);
  expect(Math.max(...values(random.truncatedNormal(999, { low: 1 })))).toBeGreaterThan(2.5);
  const far = values(random.truncatedNormal(99, { low: 1e9, high: Infinity }));
  expect(far.every((x) => x >= 1e9 && x < 1e9 + 1e-5)).toBe(true);
  expect(
    values(random.truncatedNormal(9, { low: -Infinity, high: -40 })).every((x) => x <= -40),
  ).toBe(true);
  expect(values(random.truncatedNormal(2, { low: 1e300, high: Infinity }))).toEqual([1e300, 1e300]);
  expect(values(random.beta(99, { a: 1e-5, b: 1e-5 })).every((x) => x >= 0 && x <= 1)).toBe(true);
  expect(values(random.poisson(9, { rate: 2 ** 31 - 2 ** 20 })).every((x) => x > 2.1e9)).toBe(true);
});
