/** @file One tensor in another shape or order: reshape, permute, broadcast, flip. */

import { ShapeError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import {
  broadcastStrides,
  checkList,
  checkShape,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  resolveShape,
  type Shape,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import type { Tensor } from "../../core/tensor.js";

import { copy } from "../define/walks.js";

const reshapeOp = defineOp<readonly [Tensor], { readonly shape: Shape }>({
  name: "reshape",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  view: () => null,
});

/**
 * The same elements in another shape; one length may be −1. Free: shares memory.
 *
 * @throws ShapeError when the number of elements changes.
 * @example
 * reshape(arange(6), [2, -1]).shape; // [2,3]
 */
export const reshape = withOp(reshapeOp, (x: Tensor, shape: Shape, ...surplus: []): Tensor => {
  expectTensor("reshape", x, surplus);
  return apply(reshapeOp, [x], { shape: resolveShape("reshape", x.size, x.shape, shape) });
});

const permuteOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "permuteDims",
  infer([x], { axes }) {
    const { shape, dtype } = x;
    // The transpose of a matrix is the common case: no closure, here and below.
    if (axes.length === 2 && axes[0] === 1) {
      return { shape: [shape[1] as number, shape[0] as number], dtype };
    }
    return { shape: axes.map((a) => shape[a] as number), dtype };
  },
  view([x], { axes }) {
    if (axes.length === 2 && axes[0] === 1 && x.strides === null) return [1, x.shape[1] as number];
    const strides = x.strides ?? contiguousStrides(x.shape);
    return axes.map((a) => strides[a] as number);
  },
  reference([x], { axes }, out) {
    const strides = contiguousStrides(x.shape);
    copy(
      x,
      axes.map((a) => strides[a] as number),
      0,
      out,
    );
  },
});

/**
 * Reorders the axes (default: reverses them). No element moves: matmul, einsum and arithmetic read
 * the tensor as it is, other ops copy it once.
 *
 * @example
 * permuteDims(zeros([2, 3, 4]), [2, 0, 1]).shape; // [4,2,3]
 */
export const permuteDims = withOp(permuteOp, (x: Tensor, axes?: readonly number[]): Tensor => {
  expectTensor("permuteDims", x);
  const rank = x.shape.length;
  const order = axes ?? x.shape.map((_, i) => rank - 1 - i);
  checkList("permuteDims", "axes", order);
  const full = order.map((a) => normalizeAxis("permuteDims", a, x.shape));
  if (full.length !== rank || new Set(full).size !== rank) {
    throw new ShapeError(
      "permuteDims",
      `[${order.join(", ")}] is not an order of the ${rank} axes of ${formatShape(x.shape)}`,
      "name every axis once, in the order that they shall have",
    );
  }
  return apply(permuteOp, [x], { axes: full });
});

const broadcastOp = defineOp<readonly [Tensor], { readonly shape: Shape }>({
  name: "broadcastTo",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  view: ([x], { shape }) => broadcastStrides(x.shape, shape, x.strides),
  reference: ([x], { shape }, out) => {
    copy(x, broadcastStrides(x.shape, shape), 0, out);
  },
});

/**
 * Repeats `x` along axes of length 1 and new leading axes.
 *
 * @throws ShapeError when x does not broadcast to the shape.
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]).toArray(); // [[1,2],[1,2]]
 */
export const broadcastTo = withOp(
  broadcastOp,
  (x: Tensor, shape: Shape, ...surplus: []): Tensor => {
    expectTensor("broadcastTo", x, surplus);
    checkShape("broadcastTo", shape);
    const lead = shape.length - x.shape.length;
    const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === shape[i + lead]);
    if (!fits) {
      throw new ShapeError(
        "broadcastTo",
        `${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
        "axes are aligned on the right; only lengths of 1 stretch",
      );
    }
    return apply(broadcastOp, [x], { shape: shape.slice() });
  },
);

const flipOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "flip",
  infer: ([x]) => x,
  reference([x], { axes }, out) {
    const strides = contiguousStrides(x.shape);
    let start = 0;
    for (const a of axes) start += ((x.shape[a] as number) - 1) * (strides[a] as number);
    copy(
      x,
      strides.map((s, i) => (axes.includes(i) ? -s : s)),
      start,
      out,
    );
  },
});

/** Reverses the order along `axis` (default: all axes). */
export const flip = withOp(
  flipOp,
  (x: Tensor, options?: { readonly axis?: number | readonly number[] | undefined }): Tensor => {
    expectTensor("flip", x);
    const { axis } = given("flip", options, "axis");
    return apply(flipOp, [x], { axes: normalizeAxes("flip", axis, x.shape) });
  },
);

/**
 * `+x`: the same values behind a new handle.
 *
 * @example
 * positive(tensor([-1, 2])).toArray(); // [-1,2]
 */
export function positive(x: Tensor, ...surplus: []): Tensor {
  expectTensor("positive", x, surplus);
  return reshape(x, x.shape);
}
