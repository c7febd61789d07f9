/**
 * @file The partition of N weights into d groups: schemes by name, checks, cached indices.
 * Independent of tensors.
 */
import { UsageError } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { checkCells, joinCells, layOut, type Rule, valuesIn } from "./cells.js";
import { feistel } from "./feistel.js";
import { fillHash } from "./hash.js";
import { signedMagnitude } from "./magnitude.js";
import { childSeed, type SeedWords, seedWords } from "./mix.js";
import {
  checkRange,
  checkSizes,
  checkSpan,
  checkValues,
  type PartitionOptions,
  type Scheme,
} from "./options.js";
import { signRule } from "./signs.js";
import { evenSize, fillIid, sliceOf } from "./simple.js";

/**
 * A map g from {0 … n − 1} to groups {0 … d − 1}. The same options give the same map on every
 * platform.
 */
export interface Partition {
  readonly scheme: Scheme;
  readonly n: number;
  readonly d: number;
  readonly seed: number | bigint;
  /** Whether weights have random signs. */
  readonly signed: boolean;
  /** Whether `project` keeps the indices. */
  readonly indices: "cached" | "regenerated";
  /** g(i), without making an index array. */
  groupOf(i: number): number;
  /** −1 for weights with a minus sign (only in signed partitions), else 1. */
  signOf(i: number): 1 | -1;
  /** Computes out[k] = g(from + k) and returns `out`. */
  fill(out: Int32Array, from?: number): Int32Array;
  /** The same, plus d for weights with a minus sign: places in (q, −q). */
  fillSigned(out: Int32Array, from?: number): Int32Array;
  /** g of all entries, computed at the first call and kept. Do not write to it. */
  groups(): Int32Array;
  /** Size n_j of each group. Do not write to it. */
  counts(): Int32Array;
  /** 1/√n_j for each group, 0 for empty ones. Do not write to it. */
  scales(): Float64Array;
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
    const cells = checkSizes(options).map((_, l) => l);
    return inCells({ ...options, scheme: "feistel-v1", cells }, seed);
  },
  "signed-magnitude": (options) => {
    const { groups, counts } = signedMagnitude(checkValues(options), options.d);
    return {
      fill: (out, from) => out.set(groups.subarray(from, from + out.length)),
      counts: () => counts,
    };
  },
};

/** The rule of a scheme in cells; each cell has its own seed. */
function inCells(options: PartitionOptions, seed: SeedWords): Rule {
  const { scheme = "feistel-v1", values, d, cells = [], budgets } = options;
  const sizes = checkSizes(options);
  checkCells(options);
  const plan = layOut(sizes, cells, d, budgets);
  const rules = plan.cells.map((cell, c) => {
    checkRange(cell.n, cell.d, scheme);
    const own = values === undefined ? {} : { values: valuesIn(plan, c, values) };
    return makers[scheme]({ ...cell, ...own }, childSeed(seed, c));
  });
  return joinCells(plan, rules);
}

function ruleOf(options: PartitionOptions, seed: SeedWords): Rule {
  const { scheme = "feistel-v1", cells } = options;
  return cells === undefined ? makers[scheme](options, seed) : inCells(options, seed);
}

/**
 * Assigns n weights to d groups. Seed and scheme name define the result forever.
 *
 * - `feistel-v1`: g(i) = π(i) mod d for a seed-keyed bijection π: sizes n_j = ⌊n/d⌋ + [j < n mod
 *   d].
 * - `hash-v1`: g(i) = hash(i + seed) mod d, as in the paper's reference code; sizes vary, groups
 *   can be empty.
 * - `iid`: independent uniform draws; sizes vary, groups can be empty.
 * - `contiguous`: d slices of neighbouring weights.
 * - `per-layer`: each layer has its own groups, in proportion to its size, and its own bijection.
 * - `signed-magnitude`: weights of one sign and similar size share a group; needs the weights.
 *
 * Layers in one of the `cells` share groups; `signed` gives each weight a random sign. P stays an
 * isometry.
 *
 * Source: arXiv 2605.14841, section 3.
 *
 * @throws UsageError for n, d or seed out of range, an unknown scheme, or more groups than the rule
 * can fill.
 * @example
 * const p = partition({ n: 10, d: 4, seed: 1 });
 * p.counts().join(" "); // 3 3 2 2
 * partition({ scheme: "hash-v1", n: 10, d: 2, seed: 42 }).groups().length; // 10
 */
export function partition(asked: PartitionOptions): Partition {
  const names = "n# d# seed scheme sizes values signed? cells budgets indices warn()";
  const options = given("partition", asked, names);
  const { n, d, seed = 0, scheme = "feistel-v1", signed = false, warn = console.warn } = options;
  const { indices = "cached" } = options;
  checkRange(n, d, scheme);
  if (indices !== "cached" && indices !== "regenerated") {
    const problem = `indices are ${shown(indices)}`;
    throw new UsageError("partition", problem, 'choose "cached" or "regenerated"');
  }
  if (options.budgets !== undefined && options.cells === undefined) {
    throw new UsageError(
      "partition",
      "budgets are those of cells",
      "give cells, or leave them out",
    );
  }
  const words = seedWords("partition", seed);
  const rule = ruleOf({ ...options }, words); // a copy: rules read n and d later
  const minus = signed ? signRule(words) : () => false;
  const kept: { groups?: Int32Array; counts?: Int32Array; scales?: Float64Array } = {};
  const one = new Int32Array(1);
  const made: Partition = {
    scheme,
    n,
    d,
    seed,
    signed,
    indices,
    groupOf: (i) => made.fill(one, i)[0] as number,
    signOf(i) {
      checkSpan(i, 1, n);
      return minus(i) ? -1 : 1;
    },
    fill(out, from = 0) {
      if (!(out instanceof Int32Array)) {
        const problem = `fills an Int32Array, got ${shown(out)}`;
        throw new UsageError("partition", problem, "write new Int32Array(10)");
      }
      checkSpan(from, out.length, n);
      rule.fill(out, from);
      return out;
    },
    fillSigned(out, from = 0) {
      made.fill(out, from);
      if (!signed) return out;
      for (let k = 0; k < out.length; k++) if (minus(from + k)) out[k] = (out[k] as number) + d;
      return out;
    },
    groups: () => (kept.groups ??= made.fill(new Int32Array(n))),
    counts: () => (kept.counts ??= rule.counts?.() ?? countGroups(made, warn)),
    scales: () =>
      (kept.scales ??= Float64Array.from(made.counts(), (c) => (c > 0 ? 1 / Math.sqrt(c) : 0))),
  };
  return made;
}

/** Counts the members of each group, a chunk at a time, and warns about empty groups. */
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
