/**
 * @file The kernels as a team runs them: calls that are large enough are cut and handed out, all
 * others run here.
 */
import { CUTS } from "../exports.js";
import type { Heap } from "../heap.js";
import { MOST_PIECES } from "./control.js";
import { type Cut, ROOM } from "./cuts.js";
import type { Kernel } from "./desk.js";
import type { Pace } from "./pace.js";
import type { Team } from "./team.js";

/** Pieces for each thread: one that other programs slow down leaves some of its own to the rest. */
const SHARE = 2;

const cuts: Readonly<Record<string, Cut>> = CUTS;

/** The same kernels, run by all threads of `team` when a call is worth it and they are free. */
export function cutKernels<K extends object>(
  kernels: K,
  team: Team,
  heap: Heap,
  room: number,
  pace: Pace,
): K {
  // all exports of a module that are kernels take numbers
  const own = Object.entries(kernels as Readonly<Record<string, Kernel>>).map(([name, kernel]) => {
    const cut = cuts[name];
    if (cut === undefined) return [name, kernel];
    const { workAt = -1 } = cut;
    const run: Kernel = (...args) => {
      const threads = team.size();
      const pieces = Math.min(threads * SHARE, MOST_PIECES);
      const parts = threads > 1 ? cut(args, pieces, { i32: heap.i32, room }) : null;
      if (parts === null) return void kernel(...args);
      pace({
        pieces: parts.length,
        whole: () => void kernel(...args),
        all: () => team.run({ kernel, name, workAt, args: parts }),
      });
    };
    return [name, run];
  });
  return Object.fromEntries(own) as K; // the same names as in `kernels`
}

/** Bytes of room for lists of axes. */
export const ROOM_BYTES = MOST_PIECES * ROOM;
