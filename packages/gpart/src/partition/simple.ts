/** @file Partitions by plain rules: independent draws, contiguous slices, even shares. */
import { keyWords, mix32, type SeedWords } from "./mix.js";

/**
 * out[k] = ⌊d·u/2³²⌋ for independent uniform words u, one for each index: "iid". The word of an
 * index is the xor of two keyed bijections of it, so words can repeat, as random words do.
 */
export function fillIid(out: Int32Array, from: number, d: number, seed: SeedWords): void {
  const [a = 0, b = 0, c = 0, e = 0] = keyWords(seed, 4);
  for (let k = 0; k < out.length; k++) {
    const i = from + k;
    const u = mix32(mix32(i ^ a) + b) ^ mix32(mix32(i ^ c) + e);
    out[k] = Math.floor(((u >>> 0) / 2 ** 32) * d);
  }
}

/**
 * Index of the slice of entry i when n entries are cut into d slices, of which the first n mod d
 * have one entry more.
 */
export function sliceOf(i: number, n: number, d: number): number {
  const short = Math.floor(n / d);
  const longer = n % d;
  const edge = longer * (short + 1);
  return i < edge ? Math.floor(i / (short + 1)) : longer + Math.floor((i - edge) / short);
}

/**
 * Size of group j when n entries are divided into d groups as evenly as possible: ⌊n/d⌋ + [j < n
 * mod d].
 */
export function evenSize(j: number, n: number, d: number): number {
  return Math.floor(n / d) + (j < n % d ? 1 : 0);
}

/**
 * Divides d groups among layers in proportion to their sizes, at least one for each and at most its
 * size, by the largest remainder (the earlier layer when remainders are equal).
 */
export function shareGroups(sizes: readonly number[], d: number): number[] {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (d * size) / n);
  const shares = exact.map((x) => Math.max(1, Math.floor(x)));
  let left = d - shares.reduce((sum, share) => sum + share, 0);
  while (left !== 0) {
    const step = Math.sign(left);
    const gap = (l: number) => step * ((exact[l] as number) - (shares[l] as number));
    const open = shares.flatMap((share, l) => {
      const next = share + step;
      return next >= 1 && next <= (sizes[l] as number) ? [l] : [];
    });
    const best = open.reduce((a, b) => (gap(b) > gap(a) ? b : a));
    shares[best] = (shares[best] as number) + step;
    left -= step;
  }
  return shares;
}
