/**
 * @file "signed-magnitude": groups entries by the sign and size of their weights. It needs no seed.
 */
import { UsageError } from "@isograd/tensor";
import { evenSize, shareGroups, sliceOf } from "./simple.js";

/** Groups of all entries, and the size of each group. */
export interface Grouping {
  readonly groups: Int32Array;
  readonly counts: Int32Array;
}

/**
 * Splits the entries by the sign of their weights (zero counts as positive), sorts each pool by
 * |w|, and cuts it into slices of equal count; the pools get groups in proportion to their sizes.
 * The positive pool comes first.
 *
 * @throws UsageError for weights that are not finite.
 */
export function signedMagnitude(values: ArrayLike<number>, d: number): Grouping {
  const pools: [number[], number[]] = [[], []];
  for (let i = 0; i < values.length; i++) {
    const w = values[i] as number;
    if (!Number.isFinite(w)) {
      throw new UsageError(
        "partition",
        `weight ${i} is ${w}`,
        "signed-magnitude needs finite weights",
      );
    }
    pools[w < 0 ? 1 : 0].push(i);
  }
  const filled = pools.filter((pool) => pool.length > 0);
  const shares =
    d < filled.length
      ? []
      : shareGroups(
          filled.map((pool) => pool.length),
          d,
        );
  if (shares.length === 0) {
    throw new UsageError("partition", "weights of two signs need d of at least 2", `got d = ${d}`);
  }
  const groups = new Int32Array(values.length);
  const counts = new Int32Array(d);
  let first = 0;
  filled.forEach((pool, p) => {
    const share = shares[p] as number;
    const size = (i: number) => Math.abs(values[i] as number);
    const sorted = Uint32Array.from(pool).sort((a, b) => size(a) - size(b) || a - b);
    sorted.forEach((i, rank) => {
      groups[i] = first + sliceOf(rank, sorted.length, share);
    });
    for (let j = 0; j < share; j++) counts[first + j] = evenSize(j, sorted.length, share);
    first += share;
  });
  return { groups, counts };
}
