/** @file x log y, for entropies. */
import { fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { type BinaryFunction, binary } from "../define/elementwise.js";
import { ruled } from "../define/ruled.js";
import { div, mul } from "../elementwise/binary.js";
import { equal, lessEqual, logicalAnd, where } from "../elementwise/compare.js";

/**
 * `x log y`, and 0 where x is 0, whatever y is, unless it is NaN; integers become float32. There
 * the derivative by x counts as 0 where y ≤ 0, as in PyTorch, and that by y as 0 where y is 0 too.
 *
 * @noMethod
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * xlogy(tensor([0, 1, 2]), tensor([0, 1, Math.E])).toString(); // Tensor(float32, [3]) [0, 0, 2]
 */
export const xlogy: BinaryFunction = ruled(
  binary("xlogy", {
    scalar: (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)),
    samples: { from: 0.3, to: 2.5 },
    on: "float",
  }),
  // d(x log y) = log y dx + x/y dy
  fromInputs(({ inputs: [x, y] }) => {
    const none = (bad: Tensor) => logicalAnd(equal(x, 0), bad);
    return [
      (g) => {
        const masked = none(lessEqual(y, 0));
        return where(masked, 0, xlogy(g, where(masked, 1, y)));
      },
      (g) => div(mul(g, x), where(none(equal(y, 0)), 1, y)),
    ];
  }),
);
