/** @file The options of a partition, the names of its schemes, and their checks. */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** Names of the rules. The result of a name never changes, since files contain it. */
export const schemes = [
  "feistel-v1",
  "hash-v1",
  "iid",
  "contiguous",
  "per-layer",
  "signed-magnitude",
] as const;

/** Name of a rule that assigns weights to groups. */
export type Scheme = (typeof schemes)[number];

/** Whether a value, such as one of a file, is the name of a rule. */
export function isScheme(value: unknown): value is Scheme {
  return schemes.some((scheme) => scheme === value);
}

/** What `partition` takes. */
export interface PartitionOptions {
  /** Number of weights, from 1 to 2³¹ − 1. */
  readonly n: number;
  /** Number of groups, and so of trained numbers; at most n. */
  readonly d: number;
  /** A whole number from 0 to 2⁵³ − 1, or a bigint, which counts modulo 2⁶⁴; default: 0. */
  readonly seed?: number | bigint | undefined;
  /** The rule that makes the groups; default: `"feistel-v1"`. */
  readonly scheme?: Scheme | undefined;
  /** Number of weights of each layer, n in total, for `"per-layer"` and for cells, else unread. */
  readonly sizes?: readonly number[] | undefined;
  /** The n weights themselves, for `"signed-magnitude"`; other rules do not read them. */
  readonly values?: ArrayLike<number> | undefined;
  /** Whether weights have random signs, `(Pθ)_i = ±θ_{g(i)}/√n_{g(i)}`; default: false. */
  readonly signed?: boolean | undefined;
  /** The cell of each layer of `sizes`, counted from 0. Each cell has its own groups. */
  readonly cells?: readonly number[] | undefined;
  /** Number of groups of each cell, d in total; default: in proportion to the weights. */
  readonly budgets?: readonly number[] | undefined;
  /**
   * Whether `project` keeps the indices (on the CPU 2 bytes for each weight when 16 bits are
   * enough, else 4), or computes them again in each call with O(d) memory and the same bits;
   * default: `"cached"`.
   */
  readonly indices?: "cached" | "regenerated" | undefined;
  /** Called once if groups are empty; default: `console.warn`. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Rules that draw groups independently, so some can stay empty. */
const FREE: ReadonlySet<Scheme> = new Set(["hash-v1", "iid"]);

/** @throws UsageError unless n and d are in range and the scheme exists. */
export function checkRange(n: number, d: number, scheme: string): void {
  if (!isScheme(scheme)) {
    const problem = `unknown scheme ${shown(scheme)}`;
    throw new UsageError("partition", problem, `choose one of ${schemes.join(", ")}`);
  }
  if (!Number.isInteger(n) || n < 1 || n >= 2 ** 31) {
    throw new UsageError(
      "partition",
      `n is a whole number from 1 to 2^31 - 1: got ${shown(n)}`,
      "count the weights",
    );
  }
  if (!Number.isInteger(d) || d < 1 || d >= 2 ** 31) {
    throw new UsageError(
      "partition",
      `d is a whole number from 1 to 2^31 - 1: got ${shown(d)}`,
      "take d ≤ n",
    );
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
  const last = Number.isInteger(from) ? from + length - 1 : "?";
  throw new UsageError(
    "partition",
    `entries ${shown(from)} … ${last} are outside of [0, ${n})`,
    "they count from 0",
  );
}

/** @throws UsageError unless an option is a list. */
export function checkList(name: string, x: unknown): void {
  if (Array.isArray(x)) return;
  throw new UsageError("partition", `${name} must be a list, got ${shown(x)}`, "write [3, 5]");
}

/** @throws UsageError unless the sizes are positive and add up to n. */
export function checkSizes({ sizes, n }: PartitionOptions): readonly number[] {
  if (sizes !== undefined) checkList("sizes", sizes);
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
  if (values !== undefined && values !== null && values.length === n) return values;
  throw new UsageError(
    "partition",
    `"signed-magnitude" needs the n = ${n} weights`,
    `got ${values === undefined || values === null ? "none" : values.length} values`,
  );
}
