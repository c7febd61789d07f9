/** @file Turns recording on and off: requiresGrad, noGrad, stopGradient. */
import { GradientError, Tensor } from "@isograd/tensor";
import {
  expectFunction,
  expectSync,
  expectTensor,
  formatShape,
  isFloat,
} from "@isograd/tensor/engine";
import { constant } from "../tape/alone.js";
import { leafNode } from "../tape/leaf.js";
import { recordFromNow, unrecorded } from "../tape/modes.js";
import { nodeOf, tie } from "../tape/node.js";

/**
 * Marks a tensor as a leaf: ops on it are recorded, and `backward()` collects its gradient in
 * `x.grad`. Returns the same handle; does nothing if x is a leaf already.
 *
 * @throws GradientError for a tensor that is not of floats, and for a result of recorded ops.
 * @example
 * const w = requiresGrad(tensor([3]));
 * w.square().sum().backward();
 * w.grad?.toString(); // Tensor(float32, [1]) [6]
 */
export function requiresGrad(x: Tensor): Tensor {
  expectTensor("requiresGrad", x);
  if (!isFloat(x.dtype)) {
    throw new GradientError("requiresGrad", `${x.dtype} tensors have no gradient`, "cast first");
  }
  const node = nodeOf(x);
  if (node !== null) {
    if (node.rule === null) return x;
    throw new GradientError(
      "requiresGrad",
      `this tensor, of shape ${formatShape(x.shape)}, ` +
        "is the result of recorded ops, so it is no leaf",
      "mark the tensors it is made of, or cut it off first: requiresGrad(stopGradient(x))",
    );
  }
  recordFromNow();
  tie(x, leafNode(x, [null]), 0);
  return x;
}

/** Whether ops on this tensor are recorded. */
export function isTracked(x: Tensor): boolean {
  if (!(x instanceof Tensor)) expectTensor("isTracked", x);
  return nodeOf(x) !== null;
}

/**
 * Runs `fn` without recording. `fn` must be synchronous.
 *
 * @throws UsageError when `fn` returns a promise.
 * @example
 * const w = requiresGrad(tensor([3]));
 * isTracked(noGrad(() => w.mul(2))); // false
 */
export function noGrad<T>(fn: () => T): T {
  expectFunction("noGrad", fn, "write noGrad(() => …)");
  const result = unrecorded(fn);
  expectSync("noGrad", result, "recording is on again when its function returns: await outside");
  return result;
}

/**
 * The same values, as a constant: no gradient flows through.
 *
 * @example
 * const f = (x: Tensor) => x.mul(stopGradient(x)).sum();
 * grad(f)(tensor([3])).toString(); // Tensor(float32, [1]) [3]
 */
export function stopGradient(x: Tensor): Tensor {
  expectTensor("stopGradient", x);
  return constant(x);
}
