/**
 * @file Turns by right angles in the plane of two axes.
 *
 * @noMethod
 */

import { UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { checkList, formatShape, normalizeAxes, normalizeAxis } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { swapAxes } from "./axes.js";
import { flip, reshape } from "./movement.js";

/** How often, and in which plane, {@link rot90} turns. */
export interface Rot90Options {
  /** The number of quarter turns. Default: 1. */
  readonly k?: number | undefined;
  /** The plane: turns go from the first axis towards the second. Default: [0, 1]. */
  readonly axes?: readonly [number, number] | undefined;
}

/**
 * Turns by `k` right angles in the plane of two axes, from the first towards the second: for the
 * default axes against the clock.
 *
 * @throws UsageError unless `k` is whole and two different axes are named; ShapeError for an axis
 * out of range.
 * @example
 * rot90(tensor([[1, 2], [3, 4]])).toArray(); // [[2,4],[1,3]]
 * rot90(tensor([[1, 2], [3, 4]]), { k: -1 }).toArray(); // [[3,1],[4,2]]
 */
export function rot90(x: Tensor, options?: Rot90Options, ...surplus: []): Tensor {
  noMore("rot90", surplus);
  expectTensor("rot90", x);
  const { k = 1, axes = [0, 1] } = given("rot90", options, "k# axes");
  if (!Number.isInteger(k)) {
    throw new UsageError("rot90", `k is ${shown(k)}`, "give a whole number of quarter turns");
  }
  checkList("rot90", "axes", axes);
  if (axes.length !== 2) {
    throw new UsageError(
      "rot90",
      `${shown(axes)} names no plane of ${formatShape(x.shape)}`,
      "give two axes, [from, towards]",
    );
  }
  normalizeAxes("rot90", axes, x.shape);
  const [from, towards] = axes.map((axis) => normalizeAxis("rot90", axis, x.shape)) as [
    number,
    number,
  ];
  const turns = ((k % 4) + 4) % 4;
  return scope(() => {
    if (turns === 0) return reshape(x, x.shape);
    if (turns === 2) return flip(x, { axis: [from, towards] });
    return flip(swapAxes(x, from, towards), { axis: turns === 1 ? from : towards });
  });
}
