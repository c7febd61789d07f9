/** @file Joining tensors and cutting them apart: concat, stack, split, unstack. */

import { ShapeError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import {
  checkList,
  contiguousStrides,
  formatShape,
  normalizeAxis,
  shapesEqual,
  sizeOf,
} from "../../base/shape.js";
import { apply, applyMany } from "../../core/apply.js";
import { expectTensor, expectTensors } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { type AxisOption, axisOf } from "../define/axis.js";
import { copy } from "../define/walks.js";
import { promoted } from "../elementwise/cast.js";
import { expandDims } from "./axes.js";
import { reshape } from "./movement.js";

function firstOf(op: string, [first]: readonly Tensor[]): Tensor {
  if (first !== undefined) return first;
  throw new ShapeError(op, "no tensors to join", "give a list of one or more");
}

/**
 * Joins tensors of one shape along a new axis (default: 0).
 *
 * @throws ShapeError when shapes differ, or there is no tensor.
 */
export function stack(tensors: readonly Tensor[], options?: AxisOption): Tensor {
  expectTensors("stack", tensors);
  const first = firstOf("stack", tensors);
  const other = tensors.find((x) => !shapesEqual(x.shape, first.shape));
  if (other !== undefined) {
    throw new ShapeError(
      "stack",
      `shapes differ: ${formatShape(first.shape)} and ${formatShape(other.shape)}`,
      "all must have one shape; concat joins along an axis that is there",
    );
  }
  const axis = axisOf("stack", options, 0, first.shape.length + 1);
  return scope(() =>
    concat(
      tensors.map((x) => expandDims(x, axis)),
      { axis },
    ),
  );
}

const concatOp = defineOp<readonly Tensor[], { readonly axis: number }>({
  name: "concat",
  infer(inputs, { axis }) {
    const first = firstOf("concat", inputs);
    let length = 0;
    for (const x of inputs) {
      const fits = x.shape.length === first.shape.length && x.dtype === first.dtype;
      if (!fits || x.shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        const all = inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ");
        throw new ShapeError(
          "concat",
          `cannot join ${all} along axis ${axis}`,
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
        out.data.set(x.data.subarray(o * length, (o + 1) * length), o * row + at);
      }
      at += length;
    }
  },
});

/**
 * Joins tensors along an existing axis (default: 0); an axis of null joins the flattened tensors.
 * Dtypes promote.
 *
 * @throws ShapeError when the other axes differ, or there is no tensor.
 * @example
 * concat([tensor([1]), tensor([2, 3])]).toString(); // Tensor(float32, [3]) [1, 2, 3]
 */
export const concat = withOp(
  concatOp,
  (tensors: readonly Tensor[], options?: { readonly axis?: number | null | undefined }): Tensor => {
    expectTensors("concat", tensors);
    const { axis: along = 0 } = given("concat", options, "axis");
    const first = firstOf("concat", tensors);
    if (tensors.some((x) => x.dtype !== first.dtype)) {
      return promoted(tensors, (same) => concat(same, { axis: along }));
    }
    if (along === null) {
      const flat = (x: Tensor) => reshape(x, [x.size]);
      return scope(() => apply(concatOp, tensors.map(flat), { axis: 0 }));
    }
    const axis = normalizeAxis("concat", along, first.shape);
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
    const strides = contiguousStrides(x.shape);
    let start = 0;
    outs.forEach((out, i) => {
      copy(x, strides, start * (strides[axis] as number), out);
      start += sizes[i] as number;
    });
  },
});

/**
 * Cuts a tensor into parts along an axis (default: 0): a number of equal parts, or parts of these
 * lengths.
 *
 * @throws ShapeError unless the lengths add up to that of the axis.
 * @example
 * split(arange(4), 2)[1]?.toString(); // Tensor(int32, [2]) [2, 3]
 */
export const split = withOp(
  splitOp,
  (x: Tensor, parts: number | readonly number[], options?: AxisOption): Tensor[] => {
    expectTensor("split", x);
    const axis = axisOf("split", options, 0, x.shape);
    const n = x.shape[axis] as number;
    const equal = typeof parts === "number";
    const count = equal && Number.isInteger(parts) && parts > 0 && parts <= 2 ** 24 ? parts : 0;
    if (!equal) checkList("split", "parts", parts);
    const sizes = equal ? new Array<number>(count).fill(n / count) : [...parts];
    const whole = sizes.every((s) => Number.isInteger(s) && s >= 0);
    if (!whole || sizes.reduce((a, b) => a + b, 0) !== n || (equal && count === 0)) {
      const wanted = equal ? `${parts} equal parts` : `[${sizes.join(", ")}]`;
      throw new ShapeError(
        "split",
        `axis ${axis} of ${formatShape(x.shape)} does not split into ${wanted}`,
        "give a number that divides its length, or a list of lengths that add up to it",
      );
    }
    return applyMany(splitOp, [x], { axis, sizes });
  },
);

/**
 * Cuts a tensor into its slices along an axis (default: 0), which is dropped: undoes `stack`.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * unstack(tensor([[1, 2], [3, 4]]))[1]?.toArray(); // [3,4]
 */
export function unstack(x: Tensor, options?: AxisOption): Tensor[] {
  expectTensor("unstack", x);
  const axis = axisOf("unstack", options, 0, x.shape);
  const rest = x.shape.filter((_, i) => i !== axis);
  const n = x.shape[axis] as number;
  if (n === 0) return [];
  return scope(() => split(x, n, { axis }).map((part) => reshape(part, rest)));
}
