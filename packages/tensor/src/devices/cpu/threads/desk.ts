/**
 * @file Where the pieces of one call are handed out, in shared memory: the caller posts them, takes
 * part, and waits for the other threads. Knows kernels by name only.
 */
import type { Memory } from "../space.js";
import { LEFT_BITS, LIST, MOST_PIECES, PIECE, SPINS, WORDS } from "./control.js";
import { maySleep } from "./spawn.js";

/** Any kernel, called with numbers. */
export type Kernel = (...args: number[]) => unknown;

/** One call cut into pieces that do not touch what another writes. */
export interface Pieces {
  readonly kernel: Kernel;
  readonly name: string;
  /** Which argument is the workspace; −1 when there is none. Every thread puts its own there. */
  readonly workAt: number;
  readonly args: readonly (readonly number[])[];
}

/** Milliseconds of one sleep. */
const SLICE = 50;
const MASK = (1 << LEFT_BITS) - 1;

export interface Desk {
  /** Threads that have started. */
  ready(): number;
  /** Offers the pieces of a call to all threads. */
  post(pieces: Pieces): void;
  /** Takes pieces until none is left; gives the milliseconds that they took, 0 for none. */
  takePart(pieces: Pieces): { readonly slowest: number; readonly mean: number };
  /** Waits for the others; false when they make no progress for `limit` milliseconds. */
  settle(count: number, limit: number): boolean;
  /** Whether a kernel trapped. */
  failed(): boolean;
  /** Tells all threads to end. */
  close(): void;
}

/** A desk at address `at` of a shared memory. `names`: the kernels by number. */
export function createDesk({ buffer }: Memory, at: number, names: readonly string[]): Desk {
  const words = new Int32Array(buffer, at, LIST / 4);
  const list = new Float64Array(buffer, at + LIST, MOST_PIECES * PIECE);
  const numbers = new Map(names.map((name, i) => [name, i]));
  words.fill(0);
  let epoch = 0;

  /** Begins a call of `count` pieces: its number differs from that of the one before. */
  function announce(count: number): void {
    epoch = (epoch + 1) & 0xffffff;
    Atomics.store(words, WORDS.ticket, (epoch << LEFT_BITS) | count);
    Atomics.notify(words, WORDS.ticket);
  }

  return {
    ready: () => Atomics.load(words, WORDS.ready),
    post({ name, workAt, args }) {
      args.forEach((own, i) => {
        list.set([numbers.get(name) as number, workAt, own.length, ...own], i * PIECE);
      });
      Atomics.store(words, WORDS.done, 0);
      Atomics.store(words, WORDS.failed, 0);
      announce(args.length);
    },
    takePart: (pieces) => takePart(words, pieces),
    settle: (count, limit) => settle(words, count, limit),
    failed: () => Atomics.load(words, WORDS.failed) !== 0,
    close() {
      Atomics.store(words, WORDS.stopped, 1);
      announce(0);
    },
  };
}

function takePart(words: Int32Array, { kernel, args }: Pieces): ReturnType<Desk["takePart"]> {
  let [slowest, sum, count] = [0, 0, 0];
  for (;;) {
    const ticket = Atomics.load(words, WORDS.ticket);
    const left = ticket & MASK;
    if (left === 0) return { slowest, mean: sum / (count || 1) };
    if (Atomics.compareExchange(words, WORDS.ticket, ticket, ticket - 1) !== ticket) continue;
    const start = performance.now();
    try {
      kernel(...(args[left - 1] as readonly number[]));
    } catch {
      Atomics.store(words, WORDS.failed, 1);
    }
    const spent = performance.now() - start;
    slowest = Math.max(slowest, spent);
    sum += spent;
    count++;
    Atomics.add(words, WORDS.done, 1);
  }
}

function settle(words: Int32Array, count: number, limit: number): boolean {
  let waited = 0;
  let seen = -1;
  for (let spins = 0; ; spins++) {
    const done = Atomics.load(words, WORDS.done);
    if (done === count) return true;
    if (done !== seen) waited = 0;
    seen = done;
    if (spins < SPINS) continue;
    waited += pause(words, done);
    if (waited >= limit) return false;
  }
}

/**
 * Sleeps or spins until one more piece is done, for a slice of time at most; gives the milliseconds
 * that passed without one.
 */
function pause(words: Int32Array, done: number): number {
  if (maySleep()) return Atomics.wait(words, WORDS.done, done, SLICE) === "timed-out" ? SLICE : 0;
  const start = performance.now();
  while (Atomics.load(words, WORDS.done) === done) {
    if (performance.now() - start > SLICE) return SLICE;
  }
  return 0;
}
