/**
 * @file Trading time for memory: a function whose intermediates are computed again in the backward
 * pass.
 */
import { keep, UsageError } from "@isograd/tensor";
import { closeScope, expectSync, openScope, shown } from "@isograd/tensor/engine";
import type { Node } from "../tape/node.js";
import { collectNodes } from "../tape/record.js";
import { expectAlone } from "../transforms/region.js";
import { freeKept, isRefilling, keepFor, Segment } from "./segment.js";

/**
 * The same function with the same values and derivatives of any order, bit for bit. Intermediate
 * results are freed at once, and computed again when the backward pass needs them. Source: arXiv
 * 1604.06174.
 *
 * The second run sees the same as the first: its arguments, even if they were disposed or their
 * lists changed since; parameters, buffers and the training mode of modules as they were; the same
 * random numbers. It leaves no trace: generators and running statistics move once. Everything else
 * that `fn` reads must stay the same, and other tensors that it uses must live until the backward
 * pass.
 *
 * @throws UsageError when `fn` returns a promise; GradientError in the backward pass when it
 * throws, or runs other ops than the first time.
 * @example
 * const block = checkpoint((x: Tensor) => x.tanh().exp().tanh());
 * grad((x: Tensor) => block(x).sum())(tensor([0])).toString(); // Tensor(float32, [1]) [0.42]
 */
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => R;
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  second?: unknown,
): (...args: A) => R {
  expectAlone("checkpoint", fn, second);
  if (typeof second === "object") {
    throw new UsageError("checkpoint", `has no options, got ${shown(second)}`, "leave it out");
  }
  return (...args) => {
    if (isRefilling()) return fn(...args);
    const kept = keepFor(args);
    try {
      const [result, nodes] = firstRun(() => kept.past.first(() => fn(...args)));
      if (nodes.length === 0) freeKept(kept);
      else new Segment(fn, args, kept, nodes);
      return result;
    } catch (error) {
      freeKept(kept);
      throw error;
    }
  };
}

function firstRun<R>(run: () => R): [R, Node[]] {
  const mark = openScope();
  try {
    const [result, nodes] = collectNodes(run);
    expectSync("checkpoint", result, "read data after it");
    return [keep(result), nodes];
  } finally {
    closeScope(mark);
  }
}
