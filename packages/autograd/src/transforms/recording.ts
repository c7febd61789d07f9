/** @file Turning the recording on and off: requiresGrad, noGrad, stopGradient. */
import { GradientError, type Tensor } from "@isograd/tensor";
import { isFloat } from "@isograd/tensor/engine";
import { leafNode, recordFromNow, unrecorded } from "../tape.js";

/**
 * Marks a tensor as a leaf: ops on it are recorded, and `backward()` collects its gradient in `x.grad`. Returns
 * the same handle.
 *
 * @throws GradientError for a tensor that is not of floats.
 * @example
 * const w = requiresGrad(tensor([3]));
 * w.square().sum().backward();
 * w.grad?.toString(); // Tensor(float32, [1]) [6]
 */
export function requiresGrad(x: Tensor): Tensor {
  if (!isFloat(x.dtype)) {
    throw new GradientError("requiresGrad", `${x.dtype} tensors have no gradient`, "cast first");
  }
  recordFromNow();
  x.dropNode();
  x.slot = 0;
  x.setNode(leafNode(x, false));
  return x;
}

/** Whether ops on this tensor are recorded. */
export function isTracked(x: Tensor): boolean {
  return x.node !== null;
}

/**
 * Runs `fn` without recording.
 *
 * @example
 * const w = requiresGrad(tensor([3]));
 * isTracked(noGrad(() => w.mul(2))); // false
 */
export function noGrad<T>(fn: () => T): T {
  return unrecorded(fn);
}

/**
 * The same values, as a constant: no gradient flows through.
 *
 * @example
 * grad((x: Tensor) => x.mul(stopGradient(x)).sum())(tensor([3])).toString(); // Tensor(float32, [1]) [3]
 */
export function stopGradient(x: Tensor): Tensor {
  const constant = x.alias(true);
  constant.dropNode();
  return constant;
}
