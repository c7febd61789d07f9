/**
 * @file Runs functions that have a derivative of their own, on their arguments alone: any other
 * tracked tensor that they read would silently lose its gradient.
 */
import { GradientError, Tensor } from "@isograd/tensor";
import { dropNode, formatShape, type Recorder } from "@isograd/tensor/engine";
import { overSamples, samplesBehind } from "../batching/sample.js";
import { guarded, isSeen, unrecorded } from "./modes.js";
import { newestNode, nodeOf } from "./node.js";

/**
 * The same values as a constant. A sample of vmap and the tensor of all samples are both tracked,
 * so both become constants.
 */
export function constant(x: Tensor, scoped = true): Tensor {
  const all = samplesBehind(x);
  if (all !== null) {
    return overSamples(x, constant(all, false), scoped);
  }
  const handle = x.alias(scoped);
  dropNode(handle);
  return handle;
}

/**
 * Whether a tensor is tracked, or under vmap the tensor of all samples: by a node up to number
 * `newest` (default: by any).
 */
export function tracked(x: Tensor, newest = Infinity): boolean {
  const node = nodeOf(x);
  if (node !== null && node.id <= newest) return true;
  const all = samplesBehind(x);
  return all !== null && tracked(all, newest);
}

/** Whether the op is recorded whose composition runs now, with the recorder switched off. */
const call = { recorded: false };

/** Runs `fn`, a call of an op that is a composition, and tells {@link alone} if it is recorded. */
export function calling<R>(fn: () => R): R {
  const before = call.recorded;
  call.recorded = isSeen();
  try {
    return fn();
  } finally {
    call.recorded = before;
  }
}

/**
 * Runs `fn` unrecorded on constants of the values of `inputs`.
 *
 * @throws GradientError when the call is recorded and `fn` reads, or returns, a tracked tensor that
 * is no input.
 */
export function alone<R>(op: string, inputs: readonly Tensor[], fn: (own: Tensor[]) => R): R {
  if (!call.recorded && !isSeen()) return unrecorded(() => fn([...inputs]));
  const newest = newestNode();
  const refuse = (x: Tensor, how: string): void => {
    if (!tracked(x, newest)) return;
    throw new GradientError(
      op,
      `the function ${how} a tracked tensor, of shape ${formatShape(x.shape)}, ` +
        "that is no argument of its own: its gradient would be lost",
      "pass it as an argument, or take stopGradient of it to keep it constant",
    );
  };
  const check: Recorder = (inner, read) => {
    for (const x of read) refuse(x, `reads (in ${inner.name})`);
  };
  const result = guarded(check, () => fn(inputs.map((x) => constant(x))));
  if (result instanceof Tensor) refuse(result, "returns");
  return result;
}
