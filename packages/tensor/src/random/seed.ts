/** @file From a seed to the 128 bits a generator starts with. Pure integer arithmetic. */
import { UsageError } from "../base/errors.js";
import { shown } from "../base/options.js";

/** The state of a generator: four 32-bit integers, not all zero. */
export type RandomState = readonly [number, number, number, number];

// Odd constants, one per lane: the first words of the fractional parts of √2, √3, √5, √7, made odd.
const LANES = [0x6a09e667, 0xbb67ae85, 0x3c6ef373, 0xa54ff53b] as const;

/**
 * MurmurHash3's finaliser (Appleby 2011): a bijection of 32-bit integers in which every bit moves
 * every bit.
 */
function scramble(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/**
 * Mixes any number of 32-bit words into a state: inputs that differ in one bit give unrelated
 * states.
 */
export function mix(words: readonly number[]): RandomState {
  const lanes: [number, number, number, number] = [...LANES];
  for (let round = 0; round < words.length + 4; round++) {
    // Four closing rounds spread the last words over all lanes.
    const word = round < words.length ? (words[round] as number) : round;
    for (let k = 0; k < 4; k++) {
      const other = lanes[(k + 1) & 3] as number;
      const sum = (lanes[k] as number) ^ Math.imul(word + k, LANES[k] as number);
      lanes[k] = (scramble(sum) + other) | 0;
    }
  }
  return lanes.every((lane) => lane === 0) ? [1, 0, 0, 0] : lanes;
}

/** The state for a seed: any number or any text; `1` and `"1"` differ. */
export function stateOf(seed: number | string): RandomState {
  if (typeof seed === "string") {
    return mix([1, ...Array.from({ length: seed.length }, (_, i) => seed.charCodeAt(i))]);
  }
  if (typeof seed !== "number" || Number.isNaN(seed)) {
    throw new UsageError("rng", `cannot use ${shown(seed)} as a seed`, "use a number or a string");
  }
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, seed + 0);
  return mix([0, bits.getInt32(0), bits.getInt32(4)]);
}

/** Checks a state read from a file. */
export function checkState(state: readonly number[]): RandomState {
  const list: readonly number[] = Array.isArray(state) ? state : [];
  const fits = list.length === 4 && list.every((word) => Number.isInteger(word));
  if (!fits || list.every((word) => word === 0)) {
    throw new UsageError("rng", "not the state of a generator", "use what state() returned");
  }
  return list as RandomState;
}
