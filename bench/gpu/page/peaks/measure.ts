/** @file What a GPU can reach, measured: a copy of memory, and multiply-adds in registers. */

/** The largest values measured. */
export interface Peaks {
  /** Bytes read and written by a copy. */
  readonly gigabytesPerSecond: number;
  readonly gigaflops: number;
}

/** Two kernels and how to wait for them. */
export interface Kernels {
  /** Starts a copy of COPIED floats. */
  copy(): void;
  /** Starts THREADS threads of FLOPS operations each. */
  multiply(): void;
  /** Waits until all started work is done. */
  finish(): Promise<void>;
}

/** Floats: 64 MiB are read, and as many written. */
export const COPIED = 2 ** 24;
export const THREADS = 2 ** 18;
/** Turns of a thread's loop, and accumulators of four lanes in it. */
export const TURNS = 64;
export const CHAINS = 8;
/** A multiply-add is two operations. */
const FLOPS = TURNS * CHAINS * 4 * 2;

const LONG_MS = 150;
const ROUNDS = 5;

/** The shortest milliseconds a run, among samples long enough to be timed. */
async function fastest(run: () => void, finish: () => Promise<void>): Promise<number> {
  const time = async (runs: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    await finish();
    return performance.now() - start;
  };
  await time(1);
  let runs = 1;
  while ((await time(runs)) < LONG_MS) runs *= 2;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) best = Math.min(best, (await time(runs)) / runs);
  return best;
}

export async function measurePeaks({ copy, multiply, finish }: Kernels): Promise<Peaks> {
  const copied = await fastest(copy, finish);
  const multiplied = await fastest(multiply, finish);
  return {
    gigabytesPerSecond: (COPIED * 4 * 2) / copied / 1e6,
    gigaflops: (THREADS * FLOPS) / multiplied / 1e6,
  };
}

/** Statements of one turn: one multiply-add per accumulator, independent of the others. */
export const turn = (madd: (s: string) => string): string =>
  Array.from({ length: CHAINS }, (_, i) => `s${i} = ${madd(`s${i}`)};`).join("\n");

/** The sum of all accumulators, so that none is optimised away. */
export const total = Array.from({ length: CHAINS }, (_, i) => `s${i}`).join(" + ");
