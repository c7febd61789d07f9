/**
 * @file Where the time of a step goes: time and work by op, from the watcher that sees every op.
 */
import type { Tensor } from "@isograd/tensor";
import { setWatcher } from "@isograd/tensor/engine";

/** What one kind of op took in one step. */
export interface Part {
  readonly op: string;
  readonly calls: number;
  readonly ms: number;
  /** Floating-point operations, of products of matrices only. */
  readonly flops: number;
}

function flopsOf(op: string, inputs: readonly Tensor[], out: Tensor): number {
  if (op !== "matmul") return 0;
  return 2 * out.size * (inputs[0]?.shape.at(-1) ?? 0);
}

/**
 * Means of each op over a few runs, the longest first; recording counts towards the op before it.
 */
export function profile(step: () => void, times: number): Part[] {
  const found = new Map<string, { calls: number; ms: number; flops: number }>();
  let last = performance.now();
  const before = setWatcher((op, inputs, _, outs) => {
    const now = performance.now();
    const part = found.get(op.name) ?? { calls: 0, ms: 0, flops: 0 };
    part.calls += 1 / times;
    part.ms += (now - last) / times;
    if ("size" in outs) part.flops += flopsOf(op.name, inputs, outs) / times;
    found.set(op.name, part);
    last = now;
  });
  try {
    for (let i = 0; i < times; i++) {
      last = performance.now();
      step();
    }
  } finally {
    setWatcher(before);
  }
  const parts = [...found].map(([op, part]) => ({ op, ...part }));
  return parts.sort((a, b) => b.ms - a.ms);
}
