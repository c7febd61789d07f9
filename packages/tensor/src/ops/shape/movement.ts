/**
 * @file Moving elements without arithmetic: reshape, permute, broadcast, slice, place, flip,
 * concat, split.
 */

import { ShapeError } from "../../base/errors.js";
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
  sizeOf,
} from "../../base/shape.js";
import { apply, applyMany } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { expectTensor, expectTensors } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";

import { promoted } from "../elementwise/cast.js";
import { copy } from "./slicing.js";

export {
  type PlaceAttrs,
  pad,
  place,
  type SliceAttrs,
  type SliceRange,
  slice,
} from "./slicing.js";

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
export const reshape = withOp(reshapeOp, (x: Tensor, shape: Shape): Tensor => {
  expectTensor("reshape", x);
  return apply(reshapeOp, [x], { shape: resolveShape("reshape", x.size, x.shape, shape) });
});

const permuteOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "permuteDims",
  infer([x], { axes }) {
    const { shape, dtype } = x;
    // the transpose of a matrix, the common case, without a closure; here and below
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
    const strides = contiguousStrides((x as View).shape);
    copy(
      x as View,
      axes.map((a) => strides[a] as number),
      0,
      out,
    );
  },
});

/**
 * Reorders the axes; reverses them when none are given. Free for matmul and einsum, copied once by
 * others.
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
    copy(x as View, broadcastStrides((x as View).shape, shape), 0, out);
  },
});

/**
 * Repeats `x` along axes of length 1 and new leading axes.
 *
 * @throws ShapeError when x does not broadcast to the shape.
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]).toArray(); // [[1,2],[1,2]]
 */
export const broadcastTo = withOp(broadcastOp, (x: Tensor, shape: Shape): Tensor => {
  expectTensor("broadcastTo", x);
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
});

const concatOp = defineOp<readonly Tensor[], { readonly axis: number }>({
  name: "concat",
  infer(inputs, { axis }) {
    const first = inputs[0] as Tensor;
    let length = 0;
    for (const x of inputs) {
      const fits = x.shape.length === first.shape.length && x.dtype === first.dtype;
      if (!fits || x.shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        throw new ShapeError(
          "concat",
          `cannot join ${inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ")} along axis ${axis}`,
          "shapes must agree on every other axis, and dtypes must be equal",
        );
      }
      length += x.shape[axis] as number;
    }
    return { shape: first.shape.map((n, i) => (i === axis ? length : n)), dtype: first.dtype };
  },
  reference(inputs, { axis }, out) {
    const inner = sizeOf(out.shape.slice(axis + 1));
    const row = (out.shape[axis] as number) * inner;
    let at = 0;
    for (const x of inputs) {
      const length = (x.shape[axis] as number) * inner;
      for (let o = 0; o * length < x.data.length; o++) {
        out.data.set(x.data.subarray(o * length, (o + 1) * length) as never, o * row + at);
      }
      at += length;
    }
  },
});

/**
 * Joins tensors along an existing axis; an axis of null joins the flattened tensors. Dtypes
 * promote.
 *
 * @throws ShapeError when they differ elsewhere, or there is none.
 * @example
 * concat([tensor([1]), tensor([2, 3])]).toString(); // Tensor(float32, [3]) [1, 2, 3]
 */
export const concat = withOp(
  concatOp,
  (
    tensors: readonly Tensor[],
    options: { readonly axis?: number | null | undefined } = {},
  ): Tensor => {
    expectTensors("concat", tensors);
    const first = tensors[0];
    if (first === undefined) {
      throw new ShapeError("concat", "no tensors to join", "give a list of one or more");
    }
    if (tensors.some((x) => x.dtype !== first.dtype)) {
      return promoted(tensors, (same) => concat(same, options));
    }
    if (options.axis === null) {
      const flat = (x: Tensor) => reshape(x, [x.size]);
      return scope(() => apply(concatOp, tensors.map(flat), { axis: 0 }));
    }
    const axis = normalizeAxis("concat", options.axis ?? 0, first.shape);
    return apply(concatOp, tensors, { axis });
  },
);

const splitOp = defineOp<
  readonly [Tensor],
  { readonly axis: number; readonly sizes: readonly number[] }
>({
  name: "split",
  infer: ([x]) => x,
  inferMany: ([x], { axis, sizes }) =>
    sizes.map((n) => ({ shape: x.shape.map((m, i) => (i === axis ? n : m)), dtype: x.dtype })),
  referenceMany([x], { axis, sizes }, outs) {
    const view = x as View;
    const strides = contiguousStrides(view.shape);
    let start = 0;
    outs.forEach((out, i) => {
      copy(view, strides, start * (strides[axis] as number), out);
      start += sizes[i] as number;
    });
  },
});

/**
 * Cuts a tensor into parts along an axis: a number of equal parts, or their lengths.
 *
 * @throws ShapeError when the lengths are not those of the axis together.
 * @example
 * split(arange(4), 2)[1]?.toString(); // Tensor(int32, [2]) [2, 3]
 */
export const split = withOp(
  splitOp,
  (
    x: Tensor,
    parts: number | readonly number[],
    options: { readonly axis?: number | undefined } = {},
  ): Tensor[] => {
    expectTensor("split", x);
    const axis = normalizeAxis("split", options.axis ?? 0, x.shape);
    const n = x.shape[axis] as number;
    const equal = typeof parts === "number";
    const count = equal && Number.isInteger(parts) && parts > 0 ? parts : 0;
    if (!equal) checkList("split", "parts", parts);
    const sizes = equal ? new Array<number>(count).fill(n / count) : [...parts];
    const whole = sizes.every((s) => Number.isInteger(s) && s >= 0);
    if (!whole || sizes.reduce((a, b) => a + b, 0) !== n || (equal && count === 0)) {
      throw new ShapeError(
        "split",
        `axis ${axis} of ${formatShape(x.shape)} does not split into ${equal ? `${parts} equal parts` : `[${sizes.join(", ")}]`}`,
        "give a number that divides its length, or a list of lengths that add up to it",
      );
    }
    return applyMany(splitOp, [x], { axis, sizes });
  },
);

const flipOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "flip",
  infer: ([x]) => x,
  reference([x], { axes }, out) {
    const view = x as View;
    const strides = contiguousStrides(view.shape);
    let start = 0;
    for (const a of axes) start += ((view.shape[a] as number) - 1) * (strides[a] as number);
    copy(
      view,
      strides.map((s, i) => (axes.includes(i) ? -s : s)),
      start,
      out,
    );
  },
});

/** Reverses the order along `axis` (all axes when absent). */
export const flip = withOp(
  flipOp,
  (x: Tensor, options: { readonly axis?: number | readonly number[] | undefined } = {}): Tensor => {
    expectTensor("flip", x);
    return apply(flipOp, [x], { axes: normalizeAxes("flip", options.axis, x.shape) });
  },
);
