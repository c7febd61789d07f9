/**
 * @file The block of shared memory through which threads agree: its words, and how a piece of work
 * is written down.
 */
import type { Memory } from "../space.js";

/**
 * Places of the words, in Int32s, each on a cache line of its own. The ticket carries a number that
 * changes with every call and, in its lowest bits, how many pieces nobody has taken yet: whoever
 * lowers it owns the piece of that number. As both are one word, a thread that comes late can never
 * take a piece of a call that it has not seen.
 */
export const WORDS = { ticket: 0, done: 16, failed: 32, ready: 48, stopped: 64 } as const;
export const LEFT_BITS = 7;
export const MOST_PIECES = 64;

/**
 * Bytes before the list of pieces, and Float64s a piece: kernel, place of the workspace, count,
 * arguments.
 */
export const LIST = 512;
export const PIECE = 24;
export const CONTROL_BYTES = LIST + MOST_PIECES * PIECE * 8;

/** Loads of the ticket before a thread that waits goes to sleep: some fifty microseconds. */
export const SPINS = 10_000;

/** What a worker is started with. */
export interface Setup {
  readonly memory: Memory;
  readonly modules: readonly WebAssembly.Module[];
  /** Exports by number. */
  readonly names: readonly string[];
  /** Addresses: the control block, and areas of this worker's own for the kernels. */
  readonly control: number;
  readonly scratch: number;
  readonly work: number;
}
