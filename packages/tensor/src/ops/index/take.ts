/**
 * @file Reading and adding at places given by integer tensors: take, segmentSum and what follows
 * from them.
 */

import { isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import {
  broadcastShapes,
  contiguousStrides,
  formatShape,
  normalizeAxis,
  type Shape,
  shapesEqual,
  sizeOf,
  walkStrides,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";

import { converted } from "../define/elementwise.js";
import { broadcastTo } from "../shape/movement.js";

/** @internal */
export interface AxisAttrs {
  readonly axis: number;
}

/** An index outside [0, n), reported with its place. @internal */
export function indexError(op: string, index: number, place: number, n: number): ShapeError {
  return new ShapeError(
    op,
    `index ${index} (number ${place} of the indices) is outside of [0, ${n})`,
    "indices count from 0; negative ones are not wrapped",
  );
}

/** Throws unless `indices` is an int32 tensor. @internal */
export function checkIndices(op: string, indices: Tensor): void {
  expectTensor(op, indices);
  if (indices.dtype === "int32") return;
  throw new DTypeError(
    op,
    `indices are ${indices.dtype}, not int32`,
    'make them with tensor(…, { dtype: "int32" }) or cast them',
  );
}

/** Throws unless `n` is a length: a whole number ≥ 0. @internal */
export function checkLength(op: string, what: string, n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new UsageError(op, `${what} is ${String(n)}`, "give a whole number ≥ 0");
}

/** Bools are counted as int32 where they are added. */
function counted(x: Tensor, use: (x: Tensor) => Tensor): Tensor {
  return converted(x, x.dtype === "bool" ? "int32" : x.dtype, use);
}

/** Offsets of a walk over [outer, indices, inner] of a tensor indexed along one axis. */
function eachRow(
  op: string,
  axis: number,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number, inner: number) => void,
): void {
  const n = shape[axis] as number;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const count = indices.data.length;
  for (let i = 0; i < count; i++) {
    const at = indices.data[i] as number;
    if (at < 0 || at >= n) throw indexError(op, at, i, n);
    for (let o = 0; o < outer; o++) visit((o * n + at) * inner, (o * count + i) * inner, inner);
  }
}

const takeOp = defineOp<readonly [Tensor, Tensor], AxisAttrs>({
  name: "take",
  infer: ([x, indices], { axis }) => ({
    shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    dtype: x.dtype,
  }),
  reference(inputs, { axis }, out) {
    const [x, indices] = inputs as [View, View];
    eachRow("take", axis, x.shape, indices, (whole, part, inner) => {
      for (let j = 0; j < inner; j++) out.data[part + j] = x.data[whole + j] as number;
    });
  },
});

/**
 * Picks places along an axis: the axis is replaced by the axes of `indices` (int32, any shape). The
 * axis is the first unless said, for tensors of any rank: where NumPy's `take` without one picks
 * from the flattened tensor, write `take(x.flatten(), indices)`.
 *
 * @throws ShapeError for an index outside of the axis.
 * @example
 * take(tensor([10, 20, 30]), tensor([2, 0], { dtype: "int32" })).toString(); // Tensor(float32, [2]) [30, 10]
 */
export const take = withOp(
  takeOp,
  (x: Tensor, indices: Tensor, options: { readonly axis?: number | undefined } = {}): Tensor => {
    expectTensor("take", x);
    checkIndices("take", indices);
    const axis = normalizeAxis("take", options.axis ?? 0, x.shape);
    return apply(takeOp, [x, indices], { axis });
  },
);

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
        `ids of shape ${formatShape(ids.shape)} do not match axes ${axis}… of ${formatShape(values.shape)}`,
        "each place along the axes that they cover needs an id",
      );
    }
    const tail = values.shape.slice(axis + ids.shape.length);
    return { shape: [...values.shape.slice(0, axis), segments, ...tail], dtype: values.dtype };
  },
  reference(inputs, { axis }, out) {
    const [values, ids] = inputs as [View, View];
    const sums = out.dtype === "int32" ? out.data : new Float64Array(out.data.length);
    eachRow("segmentSum", axis, out.shape, ids, (whole, part, inner) => {
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
 *
 * @noMethod
 *
 * @throws ShapeError for an id outside of [0, segments).
 * @example
 * segmentSum(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: "int32" }), 2).toString(); // Tensor(float32, [2]) [4, 2]
 */
export const segmentSum = withOp(
  segmentSumOp,
  (
    values: Tensor,
    ids: Tensor,
    segments: number,
    options: { readonly axis?: number | undefined } = {},
  ): Tensor => {
    expectTensor("segmentSum", values);
    checkIndices("segmentSum", ids);
    checkLength("segmentSum", "the number of segments", segments);
    // Counted in the result, where the axes of the ids have become one.
    const rank = Math.max(0, values.shape.length - ids.shape.length) + 1;
    const axis = normalizeAxis("segmentSum", options.axis ?? 0, rank);
    return counted(values, (v) => apply(segmentSumOp, [v, ids], { axis, segments }));
  },
);

const indexAddOp = defineOp<readonly [Tensor, Tensor, Tensor], AxisAttrs>({
  name: "indexAdd",
  infer([x, indices, updates], { axis }) {
    const wanted = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    if (formatShape(wanted) !== formatShape(updates.shape) || x.dtype !== updates.dtype) {
      throw new ShapeError(
        "indexAdd",
        `updates are ${updates.dtype} ${formatShape(updates.shape)}, expected ${x.dtype} ${formatShape(wanted)}`,
        "they have the shape of x with the axes of the indices in place of the axis",
      );
    }
    return x;
  },
  reference(inputs, { axis }, out) {
    const [x, indices, updates] = inputs as [View, View, View];
    const sums = x.dtype === "int32" ? Int32Array.from(x.data) : Float64Array.from(x.data);
    eachRow("indexAdd", axis, x.shape, indices, (whole, part, inner) => {
      for (let j = 0; j < inner; j++) {
        (sums[whole + j] as number) += updates.data[part + j] as number;
      }
    });
    out.data.set(sums);
  },
});

/**
 * `x` with `updates` added at `indices` along an axis; repeated indices add up.
 *
 * @noMethod
 *
 * @throws ShapeError for an index outside of the axis, or updates of another shape.
 * @example
 * indexAdd(zeros([2]), tensor([1, 1], { dtype: "int32" }), ones([2])).toString(); // Tensor(float32, [2]) [0, 2]
 */
export const indexAdd = withOp(
  indexAddOp,
  (
    x: Tensor,
    indices: Tensor,
    updates: Tensor,
    options: { readonly axis?: number | undefined } = {},
  ): Tensor => {
    expectTensor("indexAdd", x);
    expectTensor("indexAdd", updates);
    checkIndices("indexAdd", indices);
    const axis = normalizeAxis("indexAdd", options.axis ?? 0, x.shape);
    return counted(x, (y) => counted(updates, (u) => apply(indexAddOp, [y, indices, u], { axis })));
  },
);

/**
 * Calls `visit(place in x, place in indices)` for every element of indices, along one axis of x.
 *
 * @internal
 */
export function along(
  op: string,
  axis: number,
  shape: Shape,
  indices: View,
  visit: (whole: number, part: number) => void,
): void {
  const strides = contiguousStrides(shape);
  const steps = strides.map((s, i) => (i === axis ? 0 : s));
  const n = shape[axis] as number;
  walkStrides(indices.shape, [steps], (k, [base]) => {
    const at = indices.data[k] as number;
    if (at < 0 || at >= n) throw indexError(op, at, k, n);
    visit((base as number) + at * (strides[axis] as number), k);
  });
}

/** Throws unless the shapes agree on every axis but one. @internal */
export function checkAlong(op: string, x: Shape, indices: Shape, axis: number): void {
  const fits = x.length === indices.length && x.every((n, i) => i === axis || n === indices[i]);
  if (fits) return;
  throw new ShapeError(
    op,
    `indices of shape ${formatShape(indices)} do not go along axis ${axis} of ${formatShape(x)}`,
    "they need the same lengths on every other axis",
  );
}

const takeAlongOp = defineOp<readonly [Tensor, Tensor], AxisAttrs>({
  name: "takeAlongAxis",
  infer([x, indices], { axis }) {
    checkAlong("takeAlongAxis", x.shape, indices.shape, axis);
    return { shape: indices.shape, dtype: x.dtype };
  },
  reference(inputs, { axis }, out) {
    const [x, indices] = inputs as [View, View];
    along("takeAlongAxis", axis, x.shape, indices, (whole, part) => {
      out.data[part] = x.data[whole] as number;
    });
  },
});

/**
 * One element of `x` for each element of `indices`, taken along `axis` (the last unless said); the
 * other axes broadcast.
 *
 * @throws ShapeError for an index outside of the axis, or axes that do not broadcast.
 * @example
 * takeAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], { dtype: "int32" })).toArray(); // [[2],[3]]
 */
export const takeAlongAxis = withOp(
  takeAlongOp,
  (x: Tensor, indices: Tensor, options: { readonly axis?: number | undefined } = {}): Tensor => {
    expectTensor("takeAlongAxis", x);
    checkIndices("takeAlongAxis", indices);
    const axis = normalizeAxis("takeAlongAxis", options.axis ?? -1, x.shape);
    const others = (shape: Shape) => shape.map((n, i) => (i === axis ? 1 : n));
    const [p, q] = [others(x.shape), others(indices.shape)];
    if (p.length === q.length && !shapesEqual(p, q)) {
      const to = broadcastShapes("takeAlongAxis", p, q);
      const stretched = (y: Tensor) =>
        broadcastTo(
          y,
          to.map((n, i) => (i === axis ? (y.shape[i] as number) : n)),
        );
      return scope(() => apply(takeAlongOp, [stretched(x), stretched(indices)], { axis }));
    }
    return apply(takeAlongOp, [x, indices], { axis });
  },
);

const addAlongOp = defineOp<readonly [Tensor, Tensor], AxisAttrs & { readonly length: number }>({
  name: "addAlongAxis",
  infer([values, indices], { axis, length }) {
    checkAlong("addAlongAxis", values.shape, indices.shape, values.shape.length);
    return { shape: values.shape.map((n, i) => (i === axis ? length : n)), dtype: values.dtype };
  },
  reference(inputs, { axis }, out) {
    const [values, indices] = inputs as [View, View];
    along("addAlongAxis", axis, out.shape, indices, (whole, part) => {
      (out.data[whole] as number) += values.data[part] as number;
    });
  },
});

/**
 * The transpose of {@link takeAlongAxis}: adds each value at its index along an axis of `length`.
 *
 * @noMethod
 */
export const addAlongAxis = withOp(
  addAlongOp,
  (
    values: Tensor,
    indices: Tensor,
    length: number,
    options: { readonly axis?: number | undefined } = {},
  ): Tensor => {
    expectTensor("addAlongAxis", values);
    checkIndices("addAlongAxis", indices);
    checkLength("addAlongAxis", "the length", length);
    const axis = normalizeAxis("addAlongAxis", options.axis ?? -1, values.shape);
    return counted(values, (v) => apply(addAlongOp, [v, indices], { axis, length }));
  },
);

const oneHotOp = defineOp<
  readonly [Tensor],
  { readonly depth: number; readonly dtype: "float32" | "float64" }
>({
  name: "oneHot",
  infer: ([indices], { depth, dtype }) => ({ shape: [...indices.shape, depth], dtype }),
  reference([indices], { depth }, out) {
    const { data } = indices as View;
    for (let i = 0; i < data.length; i++) {
      const at = data[i] as number;
      if (at < 0 || at >= depth) throw indexError("oneHot", at, i, depth);
      out.data[i * depth + at] = 1;
    }
  },
});

/**
 * A new last axis of length `depth`, 1 at each index and 0 elsewhere.
 *
 * @noMethod
 *
 * @throws ShapeError for an index outside of [0, depth); UsageError for a depth that is no length.
 * @example
 * oneHot(tensor([1, 0], { dtype: "int32" }), 2).toArray(); // [[0,1],[1,0]]
 */
export const oneHot = withOp(
  oneHotOp,
  (
    indices: Tensor,
    depth: number,
    options: { readonly dtype?: "float32" | "float64" | undefined } = {},
  ): Tensor => {
    checkIndices("oneHot", indices);
    checkLength("oneHot", "the depth", depth);
    const { dtype = "float32" } = options;
    if (!isFloat(dtype)) {
      throw new DTypeError("oneHot", `cannot make ${dtype}`, "use float32 or float64, then cast");
    }
    return apply(oneHotOp, [indices], { depth, dtype });
  },
);
