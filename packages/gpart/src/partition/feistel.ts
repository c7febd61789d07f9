/** @file A seed-keyed bijection of {0 … n − 1}: a Feistel network with cycle walking. Knows no groups. */
import { keyWords, mix32, type SeedWords } from "./mix.js";

/** Rounds of the network; part of what "feistel-v1" means. */
const ROUNDS = 8;

/** A bijection of {0 … n − 1}. */
export interface Bijection {
  readonly n: number;
  /** π(i). */
  of(i: number): number;
  /** out[k] = π(from + k) mod d. */
  fillModulo(out: Int32Array, from: number, d: number): void;
}

/** Bits of each half of the block: ⌈log₂ n⌉ rounded up to even, at least 2, then halved. */
export function halfBits(n: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(n - 1)) / 2));
}

/** All values of all round functions, `F_r(x) = mix32(x + k_r) >>> (32 − half)`: 2^half entries a round. */
function roundTables(seed: SeedWords, half: number): Uint16Array {
  const keys = keyWords(seed, ROUNDS);
  const table = new Uint16Array(ROUNDS << half);
  for (let r = 0; r < ROUNDS; r++) {
    const key = keys[r] as number;
    for (let x = 0; x < 1 << half; x++) table[(r << half) | x] = mix32(x + key) >>> (32 - half);
  }
  return table;
}

/** Entries that walk together: their turns overlap in the processor, where one entry's would wait. */
const CHUNK = 2048;

/** Replaces `block[places[k]]`, k < count, by its turn through the network. */
function turn(
  table: Uint16Array,
  half: number,
  block: Uint32Array,
  places: Uint16Array,
  count: number,
): void {
  const mask = (1 << half) - 1;
  for (let k = 0; k < count; k++) {
    const place = places[k] as number;
    const x = block[place] as number;
    let l = x >>> half;
    let r = x & mask;
    l ^= table[r] as number;
    r ^= table[(1 << half) | l] as number;
    l ^= table[(2 << half) | r] as number;
    r ^= table[(3 << half) | l] as number;
    l ^= table[(4 << half) | r] as number;
    r ^= table[(5 << half) | l] as number;
    l ^= table[(6 << half) | r] as number;
    r ^= table[(7 << half) | l] as number;
    block[place] = (l << half) | r;
  }
}

/** Keeps the places whose block is still outside of [0, n); returns how many. */
function outside(block: Uint32Array, places: Uint16Array, count: number, n: number): number {
  let left = 0;
  for (let k = 0; k < count; k++) {
    const place = places[k] as number;
    places[left] = place;
    left += (block[place] as number) >= n ? 1 : 0;
  }
  return left;
}

/**
 * The bijection of "feistel-v1". A block of 2h bits is cut into halves L (high) and R (low); eight rounds do in turn
 * `L ^= F_r(R)` and `R ^= F_r(L)`; while the result is ≥ n it goes through the network again (cycle walking; fewer
 * than four turns on average). Needs O(√n) memory.
 *
 * Source: Luby & Rackoff 1988 for the network; Black & Rogaway 2002 for the walk.
 */
export function feistel(n: number, seed: SeedWords): Bijection {
  const half = halfBits(n);
  const table = roundTables(seed, half);
  const block = new Uint32Array(CHUNK);
  const places = new Uint16Array(CHUNK);
  const walk = (from: number, count: number): void => {
    for (let k = 0; k < count; k++) {
      block[k] = from + k;
      places[k] = k;
    }
    let left = count;
    while (left > 0) {
      turn(table, half, block, places, left);
      left = outside(block, places, left, n);
    }
  };
  const of = (i: number): number => {
    walk(i, 1);
    return block[0] as number;
  };
  const fillModulo = (out: Int32Array, from: number, d: number): void => {
    for (let start = 0; start < out.length; start += CHUNK) {
      const count = Math.min(CHUNK, out.length - start);
      walk(from + start, count);
      for (let k = 0; k < count; k++) out[start + k] = (block[k] as number) % d;
    }
  };
  return { n, of, fillModulo };
}
