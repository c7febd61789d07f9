/** @file Random distributions against SciPy: distribution functions, moments, pinned bits. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Rng, rng, type Tensor } from "../src/api/index.js";

interface Case {
  readonly name: keyof Rng;
  readonly options: Readonly<Record<string, number>>;
  /** Places, and the distribution function there. */
  readonly at: readonly number[];
  readonly cdf: readonly number[];
  /** Mean and variance, null where there are none. */
  readonly moments: readonly (number | null)[];
}

const url = new URL("../../testkit/golden/random.json", import.meta.url);
const { continuous, counts } = JSON.parse(readFileSync(url, "utf8")) as Readonly<
  Record<"continuous" | "counts", readonly Case[]>
>;
const titled = (cases: readonly Case[]) =>
  cases.map((c, i): [string, Case, number] => [`${c.name} ${JSON.stringify(c.options)}`, c, i]);

const N = 20_000;
const values = (x: Tensor): number[] => Array.from(x.dataSync());

function drawn({ name, options }: Case, seed: number, n: number, dtype?: string): number[] {
  const random = rng(seed);
  const method = random[name] as unknown as (shape: number, options: object) => Tensor;
  return values(method.call(random, n, dtype === undefined ? options : { ...options, dtype }));
}

/** How many of the sample are at most each of `at`, as shares. */
function shares(sample: readonly number[], at: readonly number[]): number[] {
  const sorted = Float64Array.from(sample).sort();
  let i = 0;
  return at.map((x) => {
    while (i < sorted.length && (sorted[i] as number) <= x) i++;
    return i / sorted.length;
  });
}

/** Mean and variance, as standard normal numbers; the second by the sample's fourth moment. */
function momentScores(sample: readonly number[], [mean, variance]: Case["moments"]): number[] {
  const n = sample.length;
  const average = (f: (x: number) => number) => sample.reduce((s, x) => s + f(x), 0) / n;
  if (typeof mean !== "number" || typeof variance !== "number") return [];
  const squares = average((x) => (x - mean) ** 2);
  const spread = Math.sqrt(average((x) => ((x - mean) ** 2 - squares) ** 2) / n);
  const first = (average((x) => x) - mean) / Math.sqrt(variance / n);
  return [first, (squares - variance) / spread];
}

/** χ² of counts as a standard normal number (Wilson & Hilferty 1931). */
function chiSquareScore(counted: readonly number[], chances: readonly number[]): number {
  const chi = counted.reduce(
    (sum, c, i) => sum + (c - N * chances[i]!) ** 2 / (N * chances[i]!),
    0,
  );
  const k = counted.length - 1;
  return ((chi / k) ** (1 / 3) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
}

/** Bins between sums of shares, and above the last. */
const bins = (sums: readonly number[]): number[] =>
  [...sums, 1].map((x, i) => (i === 0 ? x : x - (sums[i - 1] as number)));

describe("draws have SciPy's distribution functions", () => {
  it.each(titled(continuous))("%s", (_, each, i) => {
    const sample = drawn(each, i, N, "float64");
    const distances = shares(sample, each.at).map((x, j) => Math.abs(x - each.cdf[j]!));
    expect(Math.max(...distances) * Math.sqrt(N)).toBeLessThan(1.95); // p = 0.001
    // heavy tails have no fourth moment: their sample variance converges slowly
    const heavy = each.name === "studentT" && each.options.df! < 10;
    if (!heavy) for (const z of momentScores(sample, each.moments)) expect(z).within(-3.9, 3.9);
  });

  it.each(titled(counts))("%s", (_, each, i) => {
    const sample = drawn(each, i, N);
    expect(sample.every((k) => Number.isInteger(k))).toBe(true);
    const counted = bins(shares(sample, each.at)).map((x) => x * N);
    const [seen, chances] = pooled(counted, bins(each.cdf));
    expect(chiSquareScore(seen, chances)).toBeLessThan(3.3);
    for (const z of momentScores(sample, each.moments)) expect(z).within(-3.9, 3.9);
  });
});

/** Bins of fewer than 5 expected counts joined with the one before. */
function pooled(counted: readonly number[], chances: readonly number[]): [number[], number[]] {
  const [seen, share]: [number[], number[]] = [[], []];
  for (const [i, p] of chances.entries()) {
    const last = seen.length - 1;
    if (last >= 0 && (p * N < 5 || share[last]! * N < 5)) {
      seen[last]! += counted[i]!;
      share[last]! += p;
    } else {
      seen.push(counted[i]!);
      share.push(p);
    }
  }
  return [seen, share];
}

function hash(x: Tensor): number {
  const data = x.dataSync();
  let h = 0;
  for (const word of new Int32Array(data.slice().buffer)) h = (Math.imul(h, 31) + word) | 0;
  return h;
}

describe("the same seed gives the same bits", () => {
  const all = [...continuous, ...counts];
  const pinned = (name: keyof Rng): number =>
    all
      .filter((c) => c.name === name)
      .reduce((h, { options }) => {
        const random = rng(7);
        const method = random[name] as unknown as (shape: number, options: object) => Tensor;
        const dtype = counts.some((c) => c.name === name) ? "int32" : "float64";
        return Math.imul(h, 31) + hash(method.call(random, 500, { ...options, dtype }));
      }, 0) | 0;

  it("pins a hash of each distribution", () => {
    const names = [...new Set(all.map(({ name }) => name))];
    expect(Object.fromEntries(names.map((name) => [name, pinned(name)]))).toMatchInlineSnapshot(`
      {
        "beta": -160642304,
        "binomial": 301243436,
        "cauchy": -399882236,
        "chiSquare": 789046748,
        "exponential": 1758358023,
        "gamma": -34291994,
        "geometric": -404990433,
        "gumbel": -490132310,
        "laplace": 1341490497,
        "logNormal": 1512655050,
        "poisson": 765488885,
        "studentT": -394745492,
        "truncatedNormal": 395988677,
        "weibull": -1893719249,
      }
    `);
  });

  it.each(titled(continuous))("float32 draws of %s are the float64 ones, rounded", (_, each) => {
    expect(drawn(each, 3, 99)).toEqual(drawn(each, 3, 99, "float64").map(Math.fround));
  });
});
