/** @file The partition of N weights into d groups: schemes by name, checks, cached indices. Knows no tensor. */
import { UsageError } from "@isograd/tensor";
import { feistel } from "./feistel.js";
import { fillHash } from "./hash.js";
import { signedMagnitude } from "./magnitude.js";
import { type SeedWords, seedWords } from "./mix.js";
import { evenSize, fillIid, perLayer, sliceOf } from "./simple.js";

/** Names of the rules. What a name computes never changes: files carry it. */
export const schemes = [
  "feistel-v1",
  "hash-v1",
  "iid",
  "contiguous",
  "per-layer",
  "signed-magnitude",
] as const;

/** Name of a rule that puts weights into groups. */
export type Scheme = (typeof schemes)[number];

/** What {@link partition} takes. */
export interface PartitionOptions {
  /** Weights: 1 … 2³¹ − 1. */
  readonly n: number;
  /** Groups, and so trained numbers; at most n. */
  readonly d: number;
  /** A whole number from 0 to 2⁵³ − 1; 0 unless said. */
  readonly seed?: number;
  /** `"feistel-v1"` unless said. */
  readonly scheme?: Scheme;
  /** Weights of each layer, for `"per-layer"`; they add up to n. */
  readonly sizes?: readonly number[];
  /** The n weights themselves, for `"signed-magnitude"`. */
  readonly values?: ArrayLike<number>;
  /** Told once if groups are empty; `console.warn` unless said. */
  readonly warn?: (message: string) => void;
}

/** A map g of {0 … n − 1} to groups {0 … d − 1}, the same for the same options on every platform. */
export interface Partition {
  readonly scheme: Scheme;
  readonly n: number;
  readonly d: number;
  readonly seed: number;
  /** g(i), without making an index array. */
  groupOf(i: number): number;
  /** out[k] = g(from + k), made afresh; returns `out`. */
  fill(out: Int32Array, from?: number): Int32Array;
  /** g of all entries, made when first asked for and kept. Not to be written to. */
  groups(): Int32Array;
  /** Size n_j of each group. Not to be written to. */
  counts(): Int32Array;
  /** 1/√n_j for each group, 0 for empty ones. Not to be written to. */
  scales(): Float64Array;
}

/** How one scheme makes groups. `counts` only where they are known in closed form. */
interface Rule {
  fill(out: Int32Array, from: number): void;
  counts?(): Int32Array;
}

type Maker = (options: PartitionOptions, seed: SeedWords) => Rule;

const balanced = ({ n, d }: PartitionOptions) => ({
  counts: () => Int32Array.from({ length: d }, (_, j) => evenSize(j, n, d)),
});

const makers: Readonly<Record<Scheme, Maker>> = {
  "feistel-v1": (options, seed) => {
    const bijection = feistel(options.n, seed);
    return {
      fill: (out, from) => bijection.fillModulo(out, from, options.d),
      ...balanced(options),
    };
  },
  "hash-v1": ({ d }, seed) => ({ fill: (out, from) => fillHash(out, from, d, seed) }),
  iid: ({ d }, seed) => ({ fill: (out, from) => fillIid(out, from, d, seed) }),
  contiguous: (options) => ({
    fill(out, from) {
      for (let k = 0; k < out.length; k++) out[k] = sliceOf(from + k, options.n, options.d);
    },
    ...balanced(options),
  }),
  "per-layer": (options, seed) => {
    const { fill, counts } = perLayer(checkSizes(options), options.d, seed);
    return { fill, counts: () => counts };
  },
  "signed-magnitude": (options) => {
    const { groups, counts } = signedMagnitude(checkValues(options), options.d);
    return {
      fill: (out, from) => out.set(groups.subarray(from, from + out.length)),
      counts: () => counts,
    };
  },
};

/** Rules that draw groups freely, so that some may stay empty. */
const FREE: ReadonlySet<Scheme> = new Set(["hash-v1", "iid"]);

/**
 * Puts n weights into d groups, by a rule that seed and scheme name settle for good.
 *
 * - `feistel-v1`: g(i) = π(i) mod d for a seed-keyed bijection π: sizes n_j = ⌊n/d⌋ + [j < n mod d].
 * - `hash-v1`: g(i) = hash(i + seed) mod d, as in the paper's reference code; sizes vary, groups can be empty.
 * - `iid`: independent uniform draws; sizes vary, groups can be empty.
 * - `contiguous`: d slices of neighbouring weights.
 * - `per-layer`: each layer has its own groups, in proportion to its size, by a bijection of its own.
 * - `signed-magnitude`: weights of one sign and like size share a group; needs the weights.
 *
 * Source: arXiv 2605.14841, section 3.
 *
 * @throws UsageError for n, d or seed out of range, an unknown scheme, or more groups than a rule can fill.
 * @example
 * const p = partition({ n: 10, d: 4, seed: 1 });
 * p.counts().join(" "); // 3 3 2 2
 * partition({ scheme: "hash-v1", n: 10, d: 2, seed: 42 }).groups().length; // 10
 */
export function partition(options: PartitionOptions): Partition {
  const { n, d, seed = 0, scheme = "feistel-v1", warn = console.warn } = options;
  checkRange(n, d, scheme);
  const rule = makers[scheme](options, seedWords("partition", seed));
  const kept: { groups?: Int32Array; counts?: Int32Array; scales?: Float64Array } = {};
  const one = new Int32Array(1);
  const made: Partition = {
    scheme,
    n,
    d,
    seed,
    groupOf(i) {
      checkSpan(i, 1, n);
      rule.fill(one, i);
      return one[0] as number;
    },
    fill(out, from = 0) {
      checkSpan(from, out.length, n);
      rule.fill(out, from);
      return out;
    },
    groups: () => (kept.groups ??= made.fill(new Int32Array(n))),
    counts: () => (kept.counts ??= rule.counts?.() ?? countGroups(made, warn)),
    scales: () =>
      (kept.scales ??= Float64Array.from(made.counts(), (c) => (c > 0 ? 1 / Math.sqrt(c) : 0))),
  };
  return made;
}

/** Sizes of the groups by counting, a chunk at a time; tells of empty ones. */
function countGroups(made: Partition, warn: (message: string) => void): Int32Array {
  const counts = new Int32Array(made.d);
  const chunk = new Int32Array(Math.min(made.n, 65536));
  for (let from = 0; from < made.n; from += chunk.length) {
    const part = made.fill(chunk.subarray(0, Math.min(chunk.length, made.n - from)), from);
    for (let k = 0; k < part.length; k++) {
      const j = part[k] as number;
      counts[j] = (counts[j] as number) + 1;
    }
  }
  const dead = counts.reduce((sum, c) => sum + (c === 0 ? 1 : 0), 0);
  if (dead > 0) {
    warn(
      `EmptyGroups: partition: ${dead} of ${made.d} groups of "${made.scheme}" are empty (n = ${made.n}): ` +
        'their numbers do nothing; take a smaller d, or "feistel-v1"',
    );
  }
  return counts;
}

function checkRange(n: number, d: number, scheme: string): void {
  if (!(schemes as readonly string[]).includes(scheme)) {
    const problem = `unknown scheme "${scheme}"`;
    throw new UsageError("partition", problem, `choose one of ${schemes.join(", ")}`);
  }
  if (!Number.isInteger(n) || n < 1 || n >= 2 ** 31) {
    throw new UsageError("partition", `n is a whole number from 1 to 2^31 - 1: got ${n}`);
  }
  if (!Number.isInteger(d) || d < 1 || d >= 2 ** 31) {
    throw new UsageError("partition", `d is a whole number from 1 to 2^31 - 1: got ${d}`);
  }
  if (d > n && !FREE.has(scheme as Scheme)) {
    throw new UsageError(
      "partition",
      `d = ${d} groups cannot all have a member among n = ${n} weights`,
      `take d ≤ ${n}, or target more weights`,
    );
  }
}

function checkSpan(from: number, length: number, n: number): void {
  if (Number.isInteger(from) && from >= 0 && from + length <= n) return;
  throw new UsageError(
    "partition",
    `entries ${from} … ${from + length - 1} are outside of [0, ${n})`,
  );
}

function checkSizes({ sizes, n, d }: PartitionOptions): readonly number[] {
  const whole = sizes?.every((size) => Number.isInteger(size) && size > 0) ?? false;
  if (sizes === undefined || !whole || sizes.reduce((a, b) => a + b, 0) !== n) {
    throw new UsageError(
      "partition",
      `"per-layer" needs the positive sizes of the layers, adding up to n = ${n}`,
      `got sizes: ${sizes === undefined ? "none" : `[${sizes.join(", ")}]`}`,
    );
  }
  if (d < sizes.length) {
    const problem = `"per-layer" needs at least one group for each of ${sizes.length} layers`;
    throw new UsageError("partition", problem, `got d = ${d}`);
  }
  return sizes;
}

function checkValues({ values, n }: PartitionOptions): ArrayLike<number> {
  if (values !== undefined && values.length === n) return values;
  throw new UsageError(
    "partition",
    `"signed-magnitude" needs the n = ${n} weights`,
    `got ${values === undefined ? "none" : values.length} values`,
  );
}
