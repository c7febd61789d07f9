/**
 * @file The kernels as a team runs them: calls that are large enough are cut and handed out, all
 * others run here.
 */
import type { Heap } from "../heap.js";
import { MOST_PIECES } from "./control.js";
import { CUTS, ROOM } from "./cuts.js";
import type { Kernel, Team } from "./team.js";

/**
 * Pieces for each thread: a thread that other programs hold up leaves some of its own to the
 * others.
 */
const SHARE = 2;

/** Position of the workspace among a kernel's arguments. */
const WORK_AT: Readonly<Record<string, number>> = { gemm: 13, gemmBatch: 18 };

/** The same kernels, run by all threads of `team` when a call is worth it. */
export function teamKernels<K extends object>(kernels: K, team: Team, heap: Heap, room: number): K {
  const own = Object.entries(kernels as Record<string, Kernel>).map(([name, kernel]) => {
    const cut = CUTS[name];
    if (cut === undefined) return [name, kernel];
    const workAt = WORK_AT[name] ?? -1;
    const run: Kernel = (...args) => {
      const threads = team.size();
      const pieces = Math.min(threads * SHARE, MOST_PIECES);
      const parts = threads > 1 ? cut(args, pieces, { i32: heap.i32, room }) : null;
      if (parts === null) kernel(...args);
      else team.run({ kernel, name, workAt, args: parts });
    };
    return [name, run];
  });
  return Object.fromEntries(own) as K;
}

/** Bytes of room for lists of axes. */
export const ROOM_BYTES = MOST_PIECES * ROOM;
