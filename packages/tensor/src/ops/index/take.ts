/** @file Reading at places given by integer tensors, and the matrix that does it: oneHot. */

import { isFloat } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { given, worded } from "../../base/options.js";
import { broadcastShapes, type Shape, shapesEqual } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { broadcastTo } from "../shape/movement.js";
import {
  type AxisAttrs,
  along,
  checkAlong,
  checkIndices,
  checkLength,
  eachRow,
  type IndexOptions,
  indexAttrs,
  indexError,
} from "./places.js";

const takeOp = defineOp<readonly [Tensor, Tensor], AxisAttrs>({
  name: "take",
  infer: ([x, indices], { axis }) => ({
    shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    dtype: x.dtype,
  }),
  reference([x, indices], attrs, out) {
    eachRow("take", attrs, x.shape, indices, (whole, part, inner) => {
      for (let j = 0; j < inner; j++) out.data[part + j] = x.data[whole + j] as number;
    });
  },
});

/**
 * Picks places along an axis: the axis is replaced by the axes of `indices` (int32, any shape).
 * Negative indices count from the end, unless `fromEnd` is false. The default axis is the first,
 * for tensors of any rank: where NumPy's `take` without one picks from the flattened tensor, write
 * `take(x.flatten(), indices)`.
 *
 * @throws ShapeError for an index outside of the axis.
 * @example
 * take(tensor([10, 20, 30]), tensor([2, 0], { dtype: "int32" })).toArray(); // [30,10]
 * take(tensor([10, 20, 30]), tensor([-1], { dtype: "int32" })).toArray(); // [30]
 */
export const take = withOp(takeOp, (x: Tensor, indices: Tensor, options?: IndexOptions): Tensor => {
  expectTensor("take", x);
  checkIndices("take", indices);
  return apply(takeOp, [x, indices], indexAttrs("take", options, 0, x.shape));
});

const takeAlongOp = defineOp<readonly [Tensor, Tensor], AxisAttrs>({
  name: "takeAlongAxis",
  infer([x, indices], { axis }) {
    checkAlong("takeAlongAxis", x.shape, indices.shape, axis);
    return { shape: indices.shape, dtype: x.dtype };
  },
  reference([x, indices], attrs, out) {
    along("takeAlongAxis", attrs, x.shape, indices, (whole, part) => {
      out.data[part] = x.data[whole] as number;
    });
  },
});

/**
 * One element of `x` for each element of `indices`, taken along `axis` (default: the last); the
 * other axes broadcast. Negative indices count from the end, unless `fromEnd` is false.
 *
 * @throws ShapeError for an index outside of the axis, or axes that do not broadcast.
 * @example
 * const at = tensor([[1], [0]], { dtype: "int32" });
 * takeAlongAxis(tensor([[1, 2], [3, 4]]), at).toArray(); // [[2],[3]]
 */
export const takeAlongAxis = withOp(
  takeAlongOp,
  (x: Tensor, indices: Tensor, options?: IndexOptions): Tensor => {
    expectTensor("takeAlongAxis", x);
    checkIndices("takeAlongAxis", indices);
    const attrs = indexAttrs("takeAlongAxis", options, -1, x.shape);
    const { axis } = attrs;
    const others = (shape: Shape) => shape.map((n, i) => (i === axis ? 1 : n));
    const [p, q] = [others(x.shape), others(indices.shape)];
    if (p.length === q.length && !shapesEqual(p, q)) {
      const to = broadcastShapes("takeAlongAxis", p, q);
      const stretched = (y: Tensor) =>
        broadcastTo(
          y,
          to.map((n, i) => (i === axis ? (y.shape[i] as number) : n)),
        );
      return scope(() => apply(takeAlongOp, [stretched(x), stretched(indices)], attrs));
    }
    return apply(takeAlongOp, [x, indices], attrs);
  },
);

const oneHotOp = defineOp<
  readonly [Tensor],
  { readonly depth: number; readonly dtype: "float32" | "float64" }
>({
  name: "oneHot",
  infer: ([indices], { depth, dtype }) => ({ shape: [...indices.shape, depth], dtype }),
  reference([indices], { depth }, out) {
    const { data } = indices;
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
    options?: { readonly dtype?: "float32" | "float64" | undefined },
  ): Tensor => {
    checkIndices("oneHot", indices);
    checkLength("oneHot", "the depth", depth);
    const { dtype = "float32" } = given("oneHot", options, "dtype");
    if (!isFloat(dtype)) {
      throw new DTypeError(
        "oneHot",
        `cannot make ${worded(dtype)}`,
        "use float32 or float64, then cast",
      );
    }
    return apply(oneHotOp, [indices], { depth, dtype });
  },
);
