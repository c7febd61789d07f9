/**
 * @file Adding at places given by integer tensors: the transposes of reading there.
 *
 * @noMethod
 */

import { ShapeError } from "../../base/errors.js";
import { formatShape } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import type { Tensor } from "../../core/tensor.js";
import { converted } from "../define/lift.js";
import {
  type AxisAttrs,
  along,
  checkAlong,
  checkIndices,
  checkLength,
  eachRow,
  type IndexOptions,
  indexAttrs,
} from "./places.js";

/** Bools are counted as int32 where they are added. */
function counted(x: Tensor, use: (x: Tensor) => Tensor): Tensor {
  return converted(x, x.dtype === "bool" ? "int32" : x.dtype, use);
}

/** @internal */
export interface SegmentAttrs extends AxisAttrs {
  readonly segments: number;
}

const segmentSumOp = defineOp<readonly [Tensor, Tensor], SegmentAttrs>({
  name: "segmentSum",
  infer([values, ids], { axis, segments }) {
    const covered = values.shape.slice(axis, axis + ids.shape.length);
    if (formatShape(covered) !== formatShape(ids.shape)) {
      throw new ShapeError(
        "segmentSum",
        `ids of shape ${formatShape(ids.shape)} do not match axes ${axis}… ` +
          `of ${formatShape(values.shape)}`,
        "each place along the axes that they cover needs an id",
      );
    }
    const tail = values.shape.slice(axis + ids.shape.length);
    return { shape: [...values.shape.slice(0, axis), segments, ...tail], dtype: values.dtype };
  },
  reference([values, ids], attrs, out) {
    const sums = out.dtype === "int32" ? out.data : new Float64Array(out.data.length);
    eachRow("segmentSum", attrs, out.shape, ids, (whole, part, inner) => {
      for (let j = 0; j < inner; j++) {
        (sums[whole + j] as number) += values.data[part + j] as number;
      }
    });
    out.data.set(sums);
  },
});

/**
 * Adds up the slices of `values` that share an id: `out[s] = Σ_{i: ids[i] = s} values[i]`. The
 * transpose of {@link take}; ids (int32) need not be sorted, and an id that never occurs gives 0.
 * Negative ids are errors, unless `fromEnd` is true.
 *
 * @throws ShapeError for an id outside of [0, segments).
 * @example
 * segmentSum(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: "int32" }), 2).toArray(); // [4,2]
 */
export const segmentSum = withOp(
  segmentSumOp,
  (values: Tensor, ids: Tensor, segments: number, options?: IndexOptions): Tensor => {
    expectTensor("segmentSum", values);
    checkIndices("segmentSum", ids);
    checkLength("segmentSum", "the number of segments", segments);
    // Counted in the result, where the axes of the ids have become one.
    const rank = Math.max(0, values.shape.length - ids.shape.length) + 1;
    const { axis, fromEnd = false } = indexAttrs("segmentSum", options, 0, rank);
    const attrs = { axis, fromEnd, segments };
    return counted(values, (v) => apply(segmentSumOp, [v, ids], attrs));
  },
);

const indexAddOp = defineOp<readonly [Tensor, Tensor, Tensor], AxisAttrs>({
  name: "indexAdd",
  infer([x, indices, updates], { axis }) {
    const wanted = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    if (formatShape(wanted) !== formatShape(updates.shape) || x.dtype !== updates.dtype) {
      throw new ShapeError(
        "indexAdd",
        `updates are ${updates.dtype} ${formatShape(updates.shape)}, ` +
          `expected ${x.dtype} ${formatShape(wanted)}`,
        "x with the axes of the indices in place of the axis",
      );
    }
    return x;
  },
  reference([x, indices, updates], attrs, out) {
    const sums = x.dtype === "int32" ? Int32Array.from(x.data) : Float64Array.from(x.data);
    eachRow("indexAdd", attrs, x.shape, indices, (whole, part, inner) => {
      for (let j = 0; j < inner; j++) {
        (sums[whole + j] as number) += updates.data[part + j] as number;
      }
    });
    out.data.set(sums);
  },
});

/**
 * `x` with `updates` added at `indices` along an axis; repeated indices add up, and negative ones
 * count from the end, unless `fromEnd` is false.
 *
 * @throws ShapeError for an index outside of the axis, or updates of another shape.
 * @example
 * indexAdd(zeros([2]), tensor([1, 1], { dtype: "int32" }), ones([2])).toArray(); // [0,2]
 */
export const indexAdd = withOp(
  indexAddOp,
  (x: Tensor, indices: Tensor, updates: Tensor, options?: IndexOptions): Tensor => {
    expectTensor("indexAdd", x);
    expectTensor("indexAdd", updates);
    checkIndices("indexAdd", indices);
    const attrs = indexAttrs("indexAdd", options, 0, x.shape);
    return counted(x, (y) => counted(updates, (u) => apply(indexAddOp, [y, indices, u], attrs)));
  },
);

const addAlongOp = defineOp<readonly [Tensor, Tensor], AxisAttrs & { readonly length: number }>({
  name: "addAlongAxis",
  infer([values, indices], { axis, length }) {
    checkAlong("addAlongAxis", values.shape, indices.shape, values.shape.length);
    return { shape: values.shape.map((n, i) => (i === axis ? length : n)), dtype: values.dtype };
  },
  reference([values, indices], attrs, out) {
    const sums = out.dtype === "int32" ? out.data : new Float64Array(out.data.length);
    along("addAlongAxis", attrs, out.shape, indices, (whole, part) => {
      (sums[whole] as number) += values.data[part] as number;
    });
    if (sums !== out.data) out.data.set(sums);
  },
});

/**
 * The transpose of {@link takeAlongAxis}: adds each value at its index along an axis of `length`.
 */
export const addAlongAxis = withOp(
  addAlongOp,
  (values: Tensor, indices: Tensor, length: number, options?: IndexOptions): Tensor => {
    expectTensor("addAlongAxis", values);
    checkIndices("addAlongAxis", indices);
    checkLength("addAlongAxis", "the length", length);
    const attrs = { ...indexAttrs("addAlongAxis", options, -1, values.shape), length };
    return counted(values, (v) => apply(addAlongOp, [v, indices], attrs));
  },
);
