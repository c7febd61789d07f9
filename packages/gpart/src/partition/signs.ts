/** @file A random sign for each weight: the ± of signed partitions. Independent of groups. */
import { childSeed, keyWords, mix32, type SeedWords } from "./mix.js";

/** The stream of the seed for signs; no cell has this number. */
const STREAM = 0x7369676e;

/**
 * Whether entry i has a minus sign: the top bit of a keyed bijection of i, independent of its
 * group.
 */
export function signRule(seed: SeedWords): (i: number) => boolean {
  const [a = 0, b = 0] = keyWords(childSeed(seed, STREAM), 2);
  return (i) => mix32(mix32(i ^ a) + b) < 0;
}
