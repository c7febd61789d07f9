/** @file Differences of neighbours along an axis. */

import { ShapeError } from "../base/errors.js";
import { given } from "../base/options.js";
import { normalizeAxis } from "../base/shape.js";
import { expectTensor, expectTensors } from "../core/expect.js";
import { scope } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import { sub } from "./elementwise/binary.js";
import { reshape } from "./shape/movement.js";
import { type SliceRange, slice } from "./shape/slicing.js";
import { concat } from "./shape/stack.js";

/**
 * The n-th difference (default: the first), `x[i + 1] − x[i]`, along an axis (default: the last),
 * of x with `prepend` before and `append` after it.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * diff(tensor([1, 4, 9])).toArray(); // [3,5]
 */
export function diff(
  x: Tensor,
  options?: {
    readonly axis?: number | undefined;
    readonly n?: number | undefined;
    readonly prepend?: Tensor | undefined;
    readonly append?: Tensor | undefined;
  },
): Tensor {
  expectTensor("diff", x);
  const chosen = given("diff", options, "n# axis prepend append");
  const { n = 1, prepend, append } = chosen;
  const axis = normalizeAxis("diff", chosen.axis ?? -1, x.shape);
  if (!Number.isInteger(n) || n < 0) throw new ShapeError("diff", `n is ${n}`, "n counts from 0");
  return scope(() => {
    const parts = [prepend, x, append].filter((part) => part !== undefined);
    expectTensors("diff", parts);
    let y = parts.length === 1 ? reshape(x, x.shape) : concat(parts, { axis });
    const steps = Math.min(n, y.shape[axis] as number);
    for (let i = 0; i < steps; i++) {
      const from = (range: SliceRange) => y.shape.map((_, d) => (d === axis ? range : null));
      const [later, sooner] = [slice(y, from([1, null])), slice(y, from([0, -1]))];
      y = sub(later, sooner);
    }
    return y;
  });
}
