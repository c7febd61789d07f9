/**
 * @file A team of threads: hands out the pieces of one call, takes part itself, and waits. Knows
 * kernels by name only.
 */
import { DeviceError } from "../../../base/errors.js";
import type { Heap } from "../heap.js";
import {
  CONTROL_BYTES,
  LEFT_BITS,
  LIST,
  MOST_PIECES,
  PIECE,
  type Setup,
  SPINS,
  WORDS,
} from "./control.js";
import { maySleep, type Spawn, type Thread } from "./spawn.js";

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

export interface Team {
  /** Threads that can take a piece now, the caller's among them. */
  size(): number;
  /**
   * Runs all pieces and returns when the last is done; throws a DeviceError when a thread was lost.
   */
  run(pieces: Pieces): void;
  /** Resolves when all threads are there, or when it is clear that they will not be. */
  ready(): Promise<void>;
  stop(): void;
}

/** What a team is made from. */
export interface TeamOptions {
  readonly heap: Heap;
  readonly modules: readonly WebAssembly.Module[];
  readonly names: readonly string[];
  /** Threads besides the caller's. */
  readonly workers: number;
  readonly spawn: Spawn;
  /** Bytes that kernels need for themselves, a thread: scratch and workspace. */
  readonly scratchBytes: number;
  readonly workBytes: number;
  /** Called once, when a thread was lost; the team is stopped by then. */
  readonly lost: (wasReady: boolean) => void;
  /** Milliseconds without progress after which a thread that holds a piece is given up. */
  readonly patience?: number;
}

const PATIENCE = 5000;
const SLICE = 50;
const MASK = (1 << LEFT_BITS) - 1;

export function createTeam(options: TeamOptions): Team {
  const { heap, names, workers, spawn, lost, patience = PATIENCE } = options;
  const areas = options.scratchBytes + options.workBytes;
  const [control, ...own] = reserveAll(heap, [CONTROL_BYTES, ...new Array(workers).fill(areas)]);
  const { buffer } = heap.memory;
  const words = new Int32Array(buffer, control, LIST / 4);
  const list = new Float64Array(buffer, control + LIST, MOST_PIECES * PIECE);
  const numbers = new Map(names.map((name, i) => [name, i]));
  words.fill(0);
  let epoch = 0;
  let over = false;

  const threads: Thread[] = [];
  try {
    for (const scratch of own) {
      const { memory } = heap;
      const { modules } = options;
      const work = scratch + options.scratchBytes;
      const setup: Setup = { memory, modules, names, control, scratch, work };
      threads.push(spawn(setup, () => end(Atomics.load(words, WORDS.ready) > 0)));
    }
  } catch (error) {
    stop(); // those that did start
    throw error;
  }

  /** Ends the team. What its threads may still write to is never handed out again. */
  function end(wasReady: boolean): void {
    if (over) return;
    kill();
    heap.abandon();
    lost(wasReady);
  }

  function kill(): void {
    over = true;
    Atomics.store(words, WORDS.stopped, 1);
    Atomics.store(words, WORDS.ticket, ++epoch << LEFT_BITS);
    Atomics.notify(words, WORDS.ticket);
    for (const thread of threads) thread.kill();
  }

  function write({ name, workAt, args }: Pieces): void {
    args.forEach((own, i) => {
      const at = i * PIECE;
      list[at] = numbers.get(name) as number;
      list[at + 1] = workAt;
      list[at + 2] = own.length;
      list.set(own, at + 3);
    });
  }

  /** Takes pieces until none is left; gives the milliseconds that the slowest took. */
  function takePart({ kernel, args }: Pieces): number {
    let slowest = 0;
    for (;;) {
      const ticket = Atomics.load(words, WORDS.ticket);
      const left = ticket & MASK;
      if (left === 0) return slowest;
      if (Atomics.compareExchange(words, WORDS.ticket, ticket, ticket - 1) !== ticket) continue;
      const start = performance.now();
      try {
        kernel(...(args[left - 1] as readonly number[]));
      } catch {
        Atomics.store(words, WORDS.failed, 1);
      }
      slowest = Math.max(slowest, performance.now() - start);
      Atomics.add(words, WORDS.done, 1);
    }
  }

  /** Waits for the others; false when they make no progress for `limit` milliseconds. */
  function settle(count: number, limit: number): boolean {
    let waited = 0;
    let seen = -1;
    for (let spins = 0; ; spins++) {
      const done = Atomics.load(words, WORDS.done);
      if (done === count) return true;
      if (done !== seen) waited = 0;
      seen = done;
      if (spins < SPINS) continue;
      waited += pause(done);
      if (waited >= limit) return false;
    }
  }

  /**
   * Sleeps or spins until a piece is done, for a slice of time at most; gives the time that was
   * lost.
   */
  function pause(done: number): number {
    if (maySleep()) return Atomics.wait(words, WORDS.done, done, SLICE) === "timed-out" ? SLICE : 0;
    const start = performance.now();
    while (Atomics.load(words, WORDS.done) === done) {
      if (performance.now() - start > SLICE) return SLICE;
    }
    return 0;
  }

  return {
    size: () => (over ? 1 : 1 + Atomics.load(words, WORDS.ready)),
    run(pieces) {
      const count = pieces.args.length;
      write(pieces);
      Atomics.store(words, WORDS.done, 0);
      Atomics.store(words, WORDS.failed, 0);
      epoch = (epoch + 1) & 0xffffff;
      Atomics.store(words, WORDS.ticket, (epoch << LEFT_BITS) | count);
      Atomics.notify(words, WORDS.ticket);
      const slowest = takePart(pieces);
      const arrived = settle(count, Math.max(patience, slowest * 20));
      if (arrived && Atomics.load(words, WORDS.failed) === 0) return;
      end(true);
      throw lostThread(pieces.name, arrived);
    },
    async ready() {
      while (!over && Atomics.load(words, WORDS.ready) < workers) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    stop,
  };

  function stop(): void {
    if (over) return;
    kill();
    for (const ptr of own) heap.unreserve(ptr, areas); // nobody works now
  }
}

/**
 * Blocks for the team's own use, all or none. The first is never reused: a thread may look at it
 * until it is gone.
 */
function reserveAll(heap: Heap, sizes: readonly number[]): [number, ...number[]] {
  const mine: number[] = [];
  try {
    for (const bytes of sizes) mine.push(heap.reserve(bytes));
  } catch (error) {
    mine.forEach((ptr, i) => void heap.unreserve(ptr, sizes[i] as number));
    throw error;
  }
  return mine as [number, ...number[]];
}

function lostThread(kernel: string, trapped: boolean): DeviceError {
  return new DeviceError(
    "cpu",
    trapped
      ? `a thread failed in the kernel "${kernel}"`
      : `a thread died in the kernel "${kernel}" or stopped making progress`,
    "the result of this call is lost; threads are started anew with the next one: run it again",
  );
}
