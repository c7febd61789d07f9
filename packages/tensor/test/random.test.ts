/** @file The generator: pinned bits, exact logarithm, distributions, independence, refusals. */
import { describe, expect, it } from "vitest";
import { Rng, rng, type Tensor } from "../src/api/index.js";
import { exp, log, log1p, logFactorial } from "../src/random/exact.js";
import { fillNormal } from "../src/random/fill.js";
import { mix, stateOf } from "../src/random/seed.js";

const values = (x: Tensor): number[] => Array.from(x.dataSync());
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]): number => mean(x.map((v) => v * v)) - mean(x) ** 2;

/**
 * Largest distance of the sample's distribution function from `cdf`, times √n: 1.95 is exceeded
 * with p = 0.001.
 */
function kolmogorovSmirnov(sample: readonly number[], cdf: (x: number) => number): number {
  const n = sample.length;
  const distances = [...sample]
    .sort((a, b) => a - b)
    .map((x, i) => Math.max(cdf(x) - i / n, (i + 1) / n - cdf(x)));
  return distances.reduce((a, b) => Math.max(a, b), 0) * Math.sqrt(n);
}

/** Φ(x) by its series (Marsaglia 2004). */
function normalCdf(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let [sum, term] = [x, x];
  for (let i = 3; sum + term !== sum; i += 2) {
    term = (term * x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** χ² of counts that should all be equal, as a standard normal number (Wilson & Hilferty 1931). */
function chiSquareScore(counts: readonly number[]): number {
  const expected = mean(counts);
  const chi = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  const k = counts.length - 1;
  return ((chi / k) ** (1 / 3) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
}

/** Correlation times √n: standard normal when the two are independent. */
function correlationScore(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((x, i) => (x - ma) * ((b[i] as number) - mb)));
  return (covariance / Math.sqrt(variance(a) * variance(b))) * Math.sqrt(a.length);
}

describe("the same seed gives the same bits", () => {
  it("pins the first draws", () => {
    expect(rng(0).state()).toEqual([1403108811, -1781379081, 986239349, -2137328581]);
    expect(rng("isograd").state()).toEqual([9881141, -1725095447, 1700638549, 1191076105]);
    expect([rng(0).next(), rng(1).next(), rng("1").next(), rng(0.5).next()]).toEqual([
      0.08760477250378873, 0.8653543217397677, 0.9021890668785615, 0.8676139581518791,
    ]);
    expect(values(rng(0).normal([3], { dtype: "float64" }))).toEqual([
      0.07244868400024787, -0.39082496062440286, 1.2042103608386434,
    ]);
    expect(values(rng(0).uniform([3]))).toEqual([
      0.08760476112365723, 0.52741539478302, 0.4502270817756653,
    ]);
    expect(values(rng(0).integers([8], { low: -5, high: 5 }))).toEqual([
      -5, 0, -1, -2, -3, 3, -1, 4,
    ]);
    expect(values(rng(0).permutation(8))).toEqual([0, 4, 1, 2, 3, 7, 6, 5]);
    expect(values(rng(0).choice(1000, 4))).toEqual([87, 527, 451, 380]);
    expect(rng(0).split().next()).toBe(0.9164904049771582);
    expect(
      rng(0)
        .shuffle([..."abcdefgh"])
        .join(""),
    ).toBe("aebcdhgf");
  });

  it("pins a hash of a million normal numbers", () => {
    const x = new Float64Array(1e6);
    fillNormal({ next: bitsOf(7) }, x, 0, 1);
    const words = new Int32Array(x.buffer);
    let hash = 0;
    for (const word of words) hash = (Math.imul(hash, 31) + word) | 0;
    expect(hash).toBe(578140594);
  });

  it("rounds the float64 normals to get the float32 ones", () => {
    const wide = rng(3).normal([99], { dtype: "float64" });
    expect(values(rng(3).normal([99]))).toEqual(values(wide).map(Math.fround));
  });

  it("does not depend on how draws are batched, for whole pairs", () => {
    const random = rng(3);
    const parts = [...values(random.normal([2])), ...values(random.normal([4]))];
    expect(parts).toEqual(values(rng(3).normal([6])));
  });

  it("goes on from a saved state", () => {
    const random = rng(5);
    random.normal([10]);
    const saved = JSON.parse(JSON.stringify(random.state())) as number[];
    const expected = values(random.uniform([5]));
    expect(values(Rng.fromState(saved).uniform([5]))).toEqual(expected);
    random.restore(saved);
    expect(values(random.uniform([5]))).toEqual(expected);
  });
});

function bitsOf(seed: number): () => number {
  const random = rng(seed);
  return () => random.nextInt(2 ** 32) | 0;
}

describe("seeds", () => {
  it("gives unrelated states to neighbouring seeds", () => {
    const ones = Array.from({ length: 2000 }, (_, seed) => {
      const [a, b] = [stateOf(seed), stateOf(seed + 1)];
      return a.reduce((n, word, k) => n + bitCount(word ^ (b[k] as number)), 0);
    });
    expect(mean(ones)).toBeCloseTo(64, 0);
    expect(Math.min(...ones)).toBeGreaterThan(38);
    const first = Array.from({ length: 20000 }, (_, seed) => rng(seed).next());
    expect(kolmogorovSmirnov(first, (x) => x)).toBeLessThan(1.95);
    expect(Math.abs(correlationScore(first.slice(1), first.slice(0, -1)))).toBeLessThan(3.3);
  });

  it("tells seeds apart", () => {
    const seeds = [0, 1, -1, 0.5, 1e300, 2 ** 32, 2 ** 53, Infinity, "", "0", "1", "ab", "ba"];
    expect(new Set(seeds.map((seed) => rng(seed).next())).size).toBe(seeds.length);
    expect(rng(-0).next()).toBe(rng(0).next());
    expect(mix([])).not.toEqual([0, 0, 0, 0]);
  });

  function bitCount(word: number): number {
    return (word >>> 0).toString(2).replaceAll("0", "").length;
  }
});

describe("log", () => {
  it("is within 2 ulp of the platform's", () => {
    for (let i = 1; i < 100000; i++) {
      const x = i % 2 === 0 ? i / 100000 : i * 2 ** -62;
      expect(Math.abs(log(x) - Math.log(x)) / Math.abs(Math.log(x))).toBeLessThan(4.5e-16);
    }
    expect(log(1)).toBe(0);
    expect(log(0.5)).toBe(-Math.LN2);
  });
});

describe("exp", () => {
  it("is within 2 ulp of the platform's", () => {
    let worst = 0;
    const compare = (x: number) => {
      worst = Math.max(worst, Math.abs(exp(x) / Math.exp(x) - 1));
    };
    for (let i = 1; i < 60000; i++) compare((i / 60000) * 1390 - 690 + (i % 7) * 1e-3);
    for (let i = -2000; i < 2000; i++) compare(i / 3000);
    expect(worst).toBeLessThan(4.5e-16);
    expect([0, -0, 2 ** -60, -746, -800, 710, Infinity, -Infinity, NaN].map(exp)).toEqual([
      ...[1, 1, 1, 0, 0, Infinity, Infinity, 0, NaN],
    ]);
    expect(exp(-745)).toBe(5e-324);
    expect(exp(-740)).toBe(4.2e-322);
    expect(exp(709.7)).toBeLessThan(Infinity);
  });

  it("log1p and log k! of small and large numbers", () => {
    for (const x of [-1, -0.9, -1e-3, -1e-17, 0, 1e-300, 1e-9, 0.5, 3]) {
      if (x === -1) expect(log1p(x)).toBe(-Infinity);
      else
        expect(Math.abs(log1p(x) - Math.log1p(x))).toBeLessThanOrEqual(
          3e-16 * Math.abs(Math.log1p(x)),
        );
    }
    let sum = 0;
    for (let k = 1; k < 300; k++) {
      sum += Math.log(k);
      expect(Math.abs(logFactorial(k) - sum)).toBeLessThan(1e-11 + 1e-14 * sum);
    }
  });
});

describe("distributions", () => {
  it("normal", () => {
    const sample = values(rng(11).normal([100001], { dtype: "float64" }));
    expect(Math.abs(mean(sample)) * Math.sqrt(sample.length)).toBeLessThan(3.3);
    expect(Math.abs(variance(sample) - 1) * Math.sqrt(sample.length / 2)).toBeLessThan(3.3);
    expect(kolmogorovSmirnov(sample, normalCdf)).toBeLessThan(1.95);
    const [even, odd] = [
      sample.filter((_, i) => i % 2 === 0),
      sample.filter((_, i) => i % 2 === 1),
    ];
    expect(Math.abs(correlationScore(odd, even.slice(0, odd.length)))).toBeLessThan(3.3);
  });

  it("normal of another mean and deviation", () => {
    const sample = values(rng(12).normal([50000], { mean: 3, std: 0.5 }));
    expect(kolmogorovSmirnov(sample, (x) => normalCdf((x - 3) / 0.5))).toBeLessThan(1.95);
  });

  it.each(["float32", "float64"] as const)("uniform %s", (dtype) => {
    const sample = values(rng(13).uniform([100000], { low: -2, high: 5, dtype }));
    expect(kolmogorovSmirnov(sample, (x) => (x + 2) / 7)).toBeLessThan(1.95);
  });

  it("uniform stays below the open end", () => {
    const sample = values(rng(14).uniform([200000], { low: 1, high: 1 + 2 ** -22 }));
    expect(new Set(sample)).toEqual(new Set([1, 1 + 2 ** -23]));
    expect(values(rng(14).uniform([3], { low: 2, high: 2 }))).toEqual([2, 2, 2]);
  });

  it("integers and bernoulli", () => {
    const counts = new Array<number>(7).fill(0);
    for (const x of values(rng(15).integers([70000], { low: -3, high: 4 }))) counts[x + 3]! += 1;
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(3.3);
    const whole = values(rng(15).integers([1000], { low: -(2 ** 31), high: 2 ** 31 }));
    expect(Math.min(...whole)).toBeLessThan(-2e9);
    expect(Math.max(...whole)).toBeGreaterThan(2e9);
    const share = mean(values(rng(16).bernoulli([100000], { p: 0.3 })));
    expect(Math.abs(share - 0.3) / Math.sqrt(0.21 / 100000)).toBeLessThan(3.3);
    expect(new Set(values(rng(16).bernoulli([1000], { p: 0 })))).toEqual(new Set([0]));
    expect(new Set(values(rng(16).bernoulli([1000], { p: 1 })))).toEqual(new Set([1]));
  });

  it("permutations and choices: every order equally often", () => {
    const random = rng(17);
    const [orders, choices] = [new Map<string, number>(), new Map<string, number>()];
    const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
    for (let i = 0; i < 24000; i++) {
      count(orders, random.shuffle([0, 1, 2, 3]).join());
      count(choices, values(random.choice(5, 2)).join());
    }
    expect([orders.size, choices.size]).toEqual([24, 20]);
    expect(Math.abs(chiSquareScore([...orders.values()]))).toBeLessThan(3.3);
    expect(Math.abs(chiSquareScore([...choices.values()]))).toBeLessThan(3.3);
    expect(values(random.permutation(1000)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
  });

  it("split streams are independent of each other and of their parent", () => {
    const parent = rng(18);
    const streams = [...parent.split(3), parent].map((r) => values(r.uniform([20000])));
    streams.push(values(rng(18).split().split().uniform([20000])));
    for (const a of streams) {
      for (const b of streams.slice(streams.indexOf(a) + 1)) {
        expect(Math.abs(correlationScore(a, b))).toBeLessThan(3.3);
        expect(Math.abs(correlationScore(a.slice(1), b.slice(0, -1)))).toBeLessThan(3.3);
      }
    }
  });
});

describe("options and refusals", () => {
  it("makes what was asked for", () => {
    const random = rng(1, { dtype: "float64", device: "reference" });
    expect(random.normal([2]).device).toBe("reference");
    expect(random.uniform([2]).dtype).toBe("float64");
    expect(random.split().uniform([2]).dtype).toBe("float64");
    expect(random.integers([2], { high: 3 }).dtype).toBe("int32");
    expect(random.bernoulli([2]).dtype).toBe("bool");
    expect(random.bernoulli([2], { dtype: "float32" }).dtype).toBe("float32");
    expect(random.normal([]).shape).toEqual([]);
    expect(random.normal(3).shape).toEqual([3]);
    expect(random.uniform(0).shape).toEqual([0]);
    expect(random.normal([2, 0]).size).toBe(0);
    expect(random.permutation(0).shape).toEqual([0]);
    expect(values(random.choice(1, 3, { replace: true }))).toEqual([0, 0, 0]);
    expect(random.shuffle([])).toEqual([]);
  });

  it.each<[string, () => unknown, string]>([
    ["a seed", () => rng(NaN), "UsageError: rng: cannot use NaN as a seed"],
    ["a state", () => Rng.fromState([0, 0, 0, 0]), "UsageError: rng: not the state"],
    ["a dtype", () => rng(0).normal([1], { dtype: "int32" }), "DTypeError: normal: makes float32"],
    ["an order", () => rng(0).uniform([1], { low: 2 }), "UsageError: uniform: low must not exceed"],
    ["a range", () => rng(0).integers([1], { high: 0 }), "UsageError: integers: needs a range"],
    ["a bound", () => rng(0).integers([1], { high: 0.5 }), "UsageError: integers: bounds are"],
    ["a probability", () => rng(0).bernoulli([1], { p: 2 }), "UsageError: bernoulli: p is"],
    ["a count", () => rng(0).choice(2, 3), "ShapeError: choice: cannot take 3 of 2"],
    ["a shape", () => rng(0).normal([-1]), "ShapeError: normal: shape [-1]"],
  ])("refuses %s that makes no sense", (_, call, message) => {
    let text = "";
    try {
      call();
    } catch (error) {
      text = String(error);
    }
    expect(text).toContain(message);
  });
});
