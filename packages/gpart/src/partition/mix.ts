/**
 * @file Mixes 32-bit words, and turns seeds into words. Uses only 32-bit integer operations: the
 * same bits on every platform.
 */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** ⌊2³²/φ⌋, which is odd: steps of this size visit every word. */
const GOLDEN = 0x9e3779b9;

/**
 * A bijection of 32-bit words in which every input bit moves every output bit (MurmurHash3's
 * finaliser).
 */
export function mix32(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The low and the high word of a seed. */
export type SeedWords = readonly [low: number, high: number];

/**
 * A seed as two words; a bigint counts modulo 2⁶⁴.
 *
 * @throws UsageError unless the seed is a bigint, or a whole number from 0 to 2⁵³ − 1.
 */
export function seedWords(op: string, seed: number | bigint): SeedWords {
  if (typeof seed === "bigint") {
    const whole = BigInt.asUintN(64, seed);
    return [Number(whole & 0xffffffffn), Number(whole >> 32n)];
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(
      op,
      `the seed is a whole number from 0 to 2^53 - 1: got ${shown(seed)}`,
      "to make one from text or a date, hash it first",
    );
  }
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/**
 * `count` key words from a seed. Both words of the seed are mixed first, and each key word is mixed
 * again, so keys of neighbouring seeds are unrelated.
 */
export function keyWords([low, high]: SeedWords, count: number): Int32Array {
  const a = mix32(low ^ GOLDEN);
  const b = mix32(a ^ mix32(high + GOLDEN));
  return Int32Array.from({ length: count }, (_, r) => {
    const step = Math.imul(r + 1, GOLDEN);
    return mix32(mix32(a ^ step) + b);
  });
}

/** The seed of the `part`-th of several independent streams. */
export function childSeed(seed: SeedWords, part: number): SeedWords {
  const [a = 0, b = 0] = keyWords([(seed[0] ^ mix32(part + 1)) >>> 0, seed[1]], 2);
  return [a >>> 0, b >>> 0];
}
