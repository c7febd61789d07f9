/** @file What a partition is made from: scheme names, options, and their checks. */
import { UsageError } from "@isograd/tensor";

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

/** Whether a value, such as one of a file, is the name of a rule. */
export function isScheme(value: unknown): value is Scheme {
  return schemes.some((scheme) => scheme === value);
}

/** What `partition` takes. */
export interface PartitionOptions {
  /** Weights: 1 … 2³¹ − 1. */
  readonly n: number;
  /** Groups, and so trained numbers; at most n. */
  readonly d: number;
  /** A whole number from 0 to 2⁵³ − 1; 0 unless said. */
  readonly seed?: number | undefined;
  /** `"feistel-v1"` unless said. */
  readonly scheme?: Scheme | undefined;
  /** Weights of each layer, for `"per-layer"` and for cells; they add up to n. */
  readonly sizes?: readonly number[] | undefined;
  /** The n weights themselves, for `"signed-magnitude"`. */
  readonly values?: ArrayLike<number> | undefined;
  /** Weights bear random signs: `(Pθ)_i = ±θ_{g(i)}/√n_{g(i)}`; false unless said. */
  readonly signed?: boolean | undefined;
  /** A cell for each layer of `sizes`, counted from 0: each cell has groups of its own. */
  readonly cells?: readonly number[] | undefined;
  /** Groups of each cell, d together; in proportion to the cells' weights unless said. */
  readonly budgets?: readonly number[] | undefined;
  /**
   * Whether `project` keeps the indices (2 bytes a weight on the CPU where 2¹⁶ are enough, else 4),
   * or makes them afresh in each call, with O(d) memory and the same bits; `"cached"` unless said.
   */
  readonly indices?: "cached" | "regenerated" | undefined;
  /** Told once if groups are empty; `console.warn` unless said. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Rules that draw groups freely, so that some may stay empty. */
const FREE: ReadonlySet<Scheme> = new Set(["hash-v1", "iid"]);

/** @throws UsageError unless n, d and scheme go together. */
export function checkRange(n: number, d: number, scheme: string): void {
  if (!isScheme(scheme)) {
    const problem = `unknown scheme "${scheme}"`;
    throw new UsageError("partition", problem, `choose one of ${schemes.join(", ")}`);
  }
  if (!Number.isInteger(n) || n < 1 || n >= 2 ** 31) {
    throw new UsageError("partition", `n is a whole number from 1 to 2^31 - 1: got ${n}`);
  }
  if (!Number.isInteger(d) || d < 1 || d >= 2 ** 31) {
    throw new UsageError("partition", `d is a whole number from 1 to 2^31 - 1: got ${d}`);
  }
  if (d > n && !FREE.has(scheme)) {
    throw new UsageError(
      "partition",
      `d = ${d} groups cannot all have a member among n = ${n} weights`,
      `take d ≤ ${n}, or target more weights`,
    );
  }
}

export function checkSpan(from: number, length: number, n: number): void {
  if (Number.isInteger(from) && from >= 0 && from + length <= n) return;
  throw new UsageError(
    "partition",
    `entries ${from} … ${from + length - 1} are outside of [0, ${n})`,
  );
}

/** @throws UsageError unless the sizes of the layers are those of n weights. */
export function checkSizes({ sizes, n }: PartitionOptions): readonly number[] {
  const whole = sizes?.every((size) => Number.isInteger(size) && size > 0) ?? false;
  if (sizes === undefined || !whole || sizes.reduce((a, b) => a + b, 0) !== n) {
    throw new UsageError(
      "partition",
      `layers need positive sizes that add up to n = ${n}`,
      `got sizes: ${sizes === undefined ? "none" : `[${sizes.join(", ")}]`}`,
    );
  }
  return sizes;
}

export function checkValues({ values, n }: PartitionOptions): ArrayLike<number> {
  if (values !== undefined && values.length === n) return values;
  throw new UsageError(
    "partition",
    `"signed-magnitude" needs the n = ${n} weights`,
    `got ${values === undefined ? "none" : values.length} values`,
  );
}
