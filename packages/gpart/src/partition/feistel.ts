/**
 * @file A seed-keyed bijection of {0 … n − 1}: a Feistel network with cycle walking. Independent of
 * groups.
 */
import { scope, type Tensor } from "@isograd/tensor";
import {
  apply,
  type CpuKernel,
  defineOp,
  fromTypedArray,
  sizeOf,
  type View,
} from "@isograd/tensor/engine";
import { keyWords, mix32, type SeedWords } from "./mix.js";

/** Rounds of the network: a fixed part of "feistel-v1". */
const ROUNDS = 8;
/** From this number of entries on the kernel is faster. */
const FEW = 64;
/** Entries of one call of the kernel, so that the copy of the result stays small. */
const MANY = 2 ** 15;

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

/**
 * One pass of a block through the network, with the round functions
 * `F_r(x) = mix32(x + k_r) >>> (32 − half)`.
 */
function turn(x: number, half: number, keys: ArrayLike<number>): number {
  let l = x >>> half;
  let r = x & ((1 << half) - 1);
  for (let k = 0; k < ROUNDS; k += 2) {
    l ^= mix32(r + (keys[k] as number)) >>> (32 - half);
    r ^= mix32(l + (keys[k + 1] as number)) >>> (32 - half);
  }
  return ((l << half) | r) >>> 0;
}

function walk(i: number, n: number, half: number, keys: ArrayLike<number>): number {
  let x = turn(i, half, keys);
  while (x >= n) x = turn(x, half, keys);
  return x;
}

interface Stretch {
  readonly from: number;
  readonly count: number;
  readonly n: number;
  readonly d: number;
}

const kernel: CpuKernel<readonly [Tensor], Stretch> = (
  { heap, core },
  [keys],
  { from, n, d },
  { shape },
) => {
  const count = sizeOf(shape);
  const out = heap.alloc(4 * count);
  core.feistel(count, from, n, halfBits(n), d, keys.storage.ptr, out);
  return out;
};

/**
 * π(from + k) mod d for k < count, from the keys of π. The CPU's kernel computes sixteen entries at
 * a time.
 */
const feistelOp = defineOp<readonly [Tensor], Stretch>({
  name: "feistel",
  infer: (_, { count }) => ({ shape: [count], dtype: "int32" }),
  reference([keys], { from, n, d }, { data }) {
    const half = halfBits(n);
    const words = (keys as View).data as Int32Array;
    for (let k = 0; k < data.length; k++) data[k] = walk(from + k, n, half, words) % d;
  },
  kernels: { cpu: kernel },
});

/**
 * The bijection of "feistel-v1". A block of 2h bits is cut into halves L (high) and R (low); eight
 * rounds alternate between `L ^= F_r(R)` and `R ^= F_r(L)`. A result ≥ n goes through the network
 * again (cycle walking; fewer than four passes on average).
 *
 * Source: Luby & Rackoff 1988 for the network; Black & Rogaway 2002 for the walk.
 */
export function feistel(n: number, seed: SeedWords): Bijection {
  const half = halfBits(n);
  const keys = keyWords(seed, ROUNDS);
  const of = (i: number): number => walk(i, n, half, keys);
  const fillModulo = (out: Int32Array, from: number, d: number): void => {
    if (out.length < FEW) {
      for (let k = 0; k < out.length; k++) out[k] = of(from + k) % d;
      return;
    }
    scope(() => {
      const words = fromTypedArray(keys, [ROUNDS], "int32", "cpu");
      for (let at = 0; at < out.length; at += MANY) {
        const count = Math.min(MANY, out.length - at);
        const made = apply(feistelOp, [words], { from: from + at, count, n, d });
        out.set(made.dataSync() as Int32Array, at);
        made.dispose();
      }
    });
  };
  return { n, of, fillModulo };
}
