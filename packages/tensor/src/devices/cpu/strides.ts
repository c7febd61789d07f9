/**
 * @file Lists of axes for kernels that walk strides: without axes of length 1, neighbours merged,
 * written to WASM memory.
 */
import type { Shape } from "../../base/shape.js";
import type { Runtime } from "./runtime.js";

/**
 * Merged axes, innermost first: length, then one stride per operand in bytes. Reused by every call.
 */
export interface Walk {
  rank: number;
  readonly length: number[];
  readonly strides: readonly [number[], number[], number[]];
}

/** What a walk needs to know of a tensor: strides in elements, null when contiguous. */
export interface Strided {
  readonly shape: Shape;
  readonly strides: Shape | null;
}

const walk: Walk = { rank: 0, length: [], strides: [[], [], []] };

/**
 * The stride in elements of axis `d` of `out` (counted from the right) in an operand that
 * broadcasts to it.
 */
function strideAt(x: Strided, d: number, step: number): number {
  const at = x.shape.length - d;
  if (at < 0 || x.shape[at] === 1) return 0;
  return x.strides === null ? step : (x.strides[at] as number);
}

/**
 * Merges the axes over which up to three operands broadcast to `shape`. `bytes[i]` is the element
 * size of operand i.
 */
export function mergeOperands(
  shape: Shape,
  operands: readonly Strided[],
  bytes: readonly number[],
): Walk {
  const steps = [1, 1, 1];
  const now = [0, 0, 0];
  walk.rank = 0;
  for (let d = 1; d <= shape.length; d++) {
    for (let i = 0; i < operands.length; i++) {
      const x = operands[i] as Strided;
      now[i] = strideAt(x, d, steps[i] as number) * (bytes[i] as number);
      (steps[i] as number) *= x.shape[x.shape.length - d] ?? 1;
    }
    push(shape[shape.length - d] as number, now, operands.length);
  }
  return walk;
}

/**
 * Merges axes given outermost first with explicit byte strides: source and destination of a copy.
 */
export function mergeStrides(shape: Shape, from: readonly number[], to: readonly number[]): Walk {
  walk.rank = 0;
  for (let d = shape.length - 1; d >= 0; d--) {
    push(shape[d] as number, [from[d] as number, to[d] as number], 2);
  }
  return walk;
}

function push(length: number, strides: readonly number[], operands: number): void {
  if (length === 1) return;
  const last = walk.rank - 1;
  let fits = last >= 0;
  for (let i = 0; fits && i < operands; i++) {
    const own = walk.strides[i as 0];
    fits = strides[i] === (own[last] as number) * (walk.length[last] as number);
  }
  if (fits) {
    (walk.length[last] as number) *= length;
    return;
  }
  walk.length[walk.rank] = length;
  for (let i = 0; i < operands; i++) {
    walk.strides[i as 0][walk.rank] = strides[i] as number;
  }
  walk.rank++;
}

/** Adds axes of length 1 until there are `rank`. */
export function padWalk(rank: number): void {
  while (walk.rank < rank) {
    walk.length[walk.rank] = 1;
    for (const own of walk.strides) own[walk.rank] = 0;
    walk.rank++;
  }
}

/**
 * Writes the merged axes, outermost first, with a word for the kernel's counter after the strides
 * of each.
 */
export function writeWalk({ heap, axes }: Runtime, operands: number): void {
  let at = axes >>> 2;
  for (let d = walk.rank - 1; d >= 0; d--) {
    heap.i32[at++] = walk.length[d] as number;
    for (let i = 0; i < operands; i++) {
      heap.i32[at++] = walk.strides[i as 0][d] as number;
    }
    at++;
  }
}
