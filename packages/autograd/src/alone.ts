/**
 * @file Functions with a derivative of their own run on their arguments alone: a tracked tensor
 * that they read besides would lose its gradient in silence.
 */
import { GradientError, Tensor } from "@isograd/tensor";
import { formatShape, type Recorder, Storage } from "@isograd/tensor/engine";
import { guarded, isSeen, type Node, newestNode, unrecorded } from "./tape.js";

/**
 * The same values as a constant; under vmap for all samples too, which are recorded beside the one.
 */
export function constant(x: Tensor, scoped = true): Tensor {
  const { device, dtype, size, data } = x.storage;
  if (device.over !== undefined && data instanceof Tensor) {
    const storage = new Storage(device, dtype, size, 0, constant(data, false));
    return new Tensor(x.shape, x.dtype, storage, x.strides, scoped);
  }
  const handle = x.alias(scoped);
  handle.dropNode();
  return handle;
}

/**
 * Whether a tensor, or under vmap that of all samples, is tracked; by nodes up to `newest` where
 * that is given.
 */
export function tracked(x: Tensor, newest = Infinity): boolean {
  if (x.node !== null && (x.node as Node).id <= newest) return true;
  const { device, data } = x.storage;
  return device.over !== undefined && data instanceof Tensor && tracked(data, newest);
}

/** Set while a call is recorded whose composition runs with the recorder switched off. */
const call = { recorded: false };

/**
 * Runs `fn`, a call of an op that is a composition: its {@link alone} learns whether the call is
 * recorded.
 */
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
      `the function ${how} a tracked tensor, of shape ${formatShape(x.shape)}, that is no argument of its own: its gradient would be lost`,
      "pass it as an argument, so that the derivative can give its cotangent, or take stopGradient of it to hold it constant",
    );
  };
  const check: Recorder = (inner, read) => {
    for (const x of read) refuse(x, `reads (in ${inner.name})`);
  };
  const result = guarded(check, () => fn(inputs.map((x) => constant(x))));
  if (result instanceof Tensor) refuse(result, "returns");
  return result;
}
