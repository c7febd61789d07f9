/** @file A team of threads: starts them, runs a call in pieces on all of them, and ends them. */
import { DeviceError } from "../../../base/errors.js";
import type { Heap } from "../heap.js";
import { CONTROL_BYTES, type Setup } from "./control.js";
import { createDesk, type Pieces } from "./desk.js";
import type { Spawn, Thread } from "./spawn.js";

export interface Team {
  /** Threads that can take a piece now, the caller's among them. */
  size(): number;
  /**
   * Runs all pieces and returns when the last is done, with the mean milliseconds of those that the
   * caller did, 0 for none; throws a DeviceError when a thread was lost.
   */
  run(pieces: Pieces): number;
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
  /** Called once, when a thread was lost, and why; the team is stopped by then. */
  readonly lost: (wasReady: boolean, why: unknown) => void;
  /** Milliseconds without progress until a thread with a piece counts as lost; default: 5000. */
  readonly patience?: number | undefined;
}

const PATIENCE = 5000;

export function createTeam(options: TeamOptions): Team {
  const { heap, names, workers, spawn, lost, patience = PATIENCE } = options;
  const areas = options.scratchBytes + options.workBytes;
  const [control, ...own] = reserveAll(heap, [CONTROL_BYTES, ...new Array(workers).fill(areas)]);
  const desk = createDesk(heap.memory, control, names);
  const threads: Thread[] = [];
  let over = false;

  function kill(): void {
    over = true;
    desk.close();
    for (const thread of threads) thread.kill();
  }

  /** Ends the team. What its threads may still write to is never used again. */
  function end(wasReady: boolean, why?: unknown): void {
    if (over) return;
    kill();
    heap.abandon();
    lost(wasReady, why);
  }

  function stop(): void {
    if (over) return;
    kill();
    for (const ptr of own) heap.unreserve(ptr, areas); // no thread works now
  }

  try {
    for (const scratch of own) {
      const { memory } = heap;
      const work = scratch + options.scratchBytes;
      const setup: Setup = { memory, modules: options.modules, names, control, scratch, work };
      threads.push(spawn(setup, (why) => end(desk.ready() > 0, why)));
    }
  } catch (error) {
    stop(); // those that did start
    throw error;
  }

  return {
    size: () => (over ? 1 : 1 + desk.ready()),
    run(pieces) {
      desk.post(pieces);
      const { slowest, mean } = desk.takePart(pieces);
      const arrived = desk.settle(pieces.args.length, Math.max(patience, slowest * 20));
      if (arrived && !desk.failed()) return mean;
      end(true);
      throw lostThread(pieces.name, arrived);
    },
    async ready() {
      while (!over && desk.ready() < workers) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    stop,
  };
}

/**
 * Blocks for the team's own use, all or none. The first is never reused: a thread may read it until
 * it has ended.
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
    "the result of this call is lost: run it again",
  );
}
