/**
 * @file The partition of N weights into d groups: schemes by name, checks, cached indices. Knows no
 * tensor.
 */
import { feistel } from "./feistel.js";
import { fillHash } from "./hash.js";
import { signedMagnitude } from "./magnitude.js";
import { type SeedWords, seedWords } from "./mix.js";
import {
  checkRange,
  checkSizes,
  checkSpan,
  checkValues,
  type PartitionOptions,
  type Scheme,
} from "./options.js";
import { evenSize, fillIid, perLayer, sliceOf } from "./simple.js";

/**
 * A map g of {0 … n − 1} to groups {0 … d − 1}, the same for the same options on every platform.
 */
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

/**
 * Puts n weights into d groups, by a rule that seed and scheme name settle for good.
 *
 * - `feistel-v1`: g(i) = π(i) mod d for a seed-keyed bijection π: sizes n_j = ⌊n/d⌋ + [j < n mod
 *   d].
 * - `hash-v1`: g(i) = hash(i + seed) mod d, as in the paper's reference code; sizes vary, groups
 *   can be empty.
 * - `iid`: independent uniform draws; sizes vary, groups can be empty.
 * - `contiguous`: d slices of neighbouring weights.
 * - `per-layer`: each layer has its own groups, in proportion to its size, by a bijection of its
 *   own.
 * - `signed-magnitude`: weights of one sign and like size share a group; needs the weights.
 *
 * Source: arXiv 2605.14841, section 3.
 *
 * @throws UsageError for n, d or seed out of range, an unknown scheme, or more groups than a rule
 * can fill.
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
    const where = `${dead} of ${made.d} groups of "${made.scheme}" are empty (n = ${made.n})`;
    const help = 'their numbers do nothing; take a smaller d, or "feistel-v1"';
    warn(`EmptyGroups: partition: ${where}: ${help}`);
  }
  return counts;
}
