/**
 * @file Writing at places along an axis, as ops: the last value, or the largest. And where running
 * maxima lie.
 *
 * @internal
 */

import { DTypeError, ShapeError } from "../../base/errors.js";
import { contiguousStrides, formatShape, shapesEqual, walkStrides } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op, View } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromBoth, fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { arange, full } from "../creation.js";

import { add, div, maximum, mul, sub } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { equal, less, where } from "../elementwise/compare.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import {
  type AxisAttrs,
  addAlongAxis,
  along,
  checkAlong,
  checkIndices,
  takeAlongAxis,
} from "./take.js";

/** Whom errors of gradients name. */
const AS = "putAlongAxis";

type Triple = readonly [Tensor, Tensor, Tensor];
/** The functions that users call say their own name. */
type ScatterAttrs = AxisAttrs & { readonly as: string };

function inferScatter([x, indices, values]: Triple, { axis, as }: ScatterAttrs) {
  checkIndices(as, indices);
  checkAlong(as, x.shape, indices.shape, axis);
  if (!shapesEqual(indices.shape, values.shape)) {
    throw new ShapeError(
      as,
      `values ${formatShape(values.shape)} are written at indices ${formatShape(indices.shape)}`,
      "each index needs one value",
    );
  }
  if (x.dtype !== values.dtype) {
    throw new DTypeError(as, `values are ${values.dtype}, the tensor ${x.dtype}`, "cast one");
  }
  return x;
}

const setAlongOp: Op<Triple, ScatterAttrs> = defineOp({
  name: "setAlongAxis",
  infer: inferScatter,
  reference(inputs, { axis, as }, out) {
    const [x, indices, values] = inputs as [View, View, View];
    out.data.set(x.data as never);
    along(as, axis, x.shape, indices, (whole, part) => {
      out.data[whole] = values.data[part] as number;
    });
  },
  // the cotangent goes to what stayed
  rule: fromInputs(({ inputs: [x, indices], attrs: { axis } }) => [
    (g) => {
      const zero = full(indices.shape, 0, { dtype: g.dtype, device: g.device });
      return setAlongAxis(g, indices, zero, { axis, as: AS });
    },
    null,
    (g) => where(stayed(x, indices, axis), takeAlongAxis(g, indices, { axis }), 0),
  ]),
});

/** Whether each value stayed: the last of those with its index. */
function stayed(x: Tensor, indices: Tensor, axis: number): Tensor {
  const { device } = indices;
  const count = indices.shape[axis] as number;
  const thin = indices.shape.map((n, i) => (i === axis ? n : 1));
  const numbers = reshape(arange(count, { dtype: "int32", device }), thin);
  const number = broadcastTo(numbers, indices.shape);
  const none = full(x.shape, -1, { dtype: "int32", device });
  const last = setAlongAxis(none, indices, number, { axis, as: AS });
  return equal(takeAlongAxis(last, indices, { axis }), number);
}

/** `x` with each value at its index along an axis; of values with one index the last stays. */
export const setAlongAxis = withOp(
  setAlongOp,
  (x: Tensor, indices: Tensor, values: Tensor, attrs: ScatterAttrs): Tensor =>
    apply(setAlongOp, [x, indices, values], attrs),
);

const maxAlongOp: Op<Triple, ScatterAttrs> = defineOp({
  name: "maxAlongAxis",
  infer: inferScatter,
  reference(inputs, { axis, as }, out) {
    const [x, indices, values] = inputs as [View, View, View];
    out.data.set(x.data as never);
    along(as, axis, x.shape, indices, (whole, part) => {
      out.data[whole] = Math.max(out.data[whole] as number, values.data[part] as number);
    });
  },
  // those that reach the maximum share its cotangent, all of them if it is NaN; below the values of
  // a segment is nothing
  rule: fromBoth(({ inputs: [x, indices, values], out, attrs: { axis, as } }) => {
    const at = (y: Tensor) => takeAlongAxis(y, indices, { axis });
    const own = () => reaches(x, out);
    const other = () => reaches(values, at(out));
    const share = (g: Tensor) => {
      const others = addAlongAxis(other(), indices, out.shape[axis] as number, { axis });
      return div(g, as.startsWith("segment") ? maximum(others, 1) : add(own(), others));
    };
    return [(g) => mul(share(g), own()), null, (g) => mul(at(share(g)), other())];
  }),
});

/** 1 where x is not less than the maximum. */
function reaches(x: Tensor, top: Tensor): Tensor {
  return sub(1, cast(less(x, top), top.dtype));
}

/** The larger of `x` and the values at each index along an axis; NaN wins. */
export const maxAlongAxis = withOp(
  maxAlongOp,
  (x: Tensor, indices: Tensor, values: Tensor, attrs: ScatterAttrs): Tensor =>
    apply(maxAlongOp, [x, indices, values], attrs),
);

const cumulativeArgmaxOp = defineOp<readonly [Tensor], AxisAttrs>({
  name: "cumulativeArgmax",
  infer: ([x]) => ({ shape: x.shape, dtype: "int32" }),
  reference([x], { axis }, out) {
    const { shape, data } = x as View;
    const n = shape[axis] as number;
    if (n === 0) return;
    const strides = contiguousStrides(shape);
    const step = strides[axis] as number;
    const heads = shape.map((m, i) => (i === axis ? 1 : m));
    walkStrides(heads, [strides], (_, [base]) => {
      let at = 0;
      for (let i = 0; i < n; i++) {
        const best = data[(base as number) + at * step] as number;
        const v = data[(base as number) + i * step] as number;
        if (v >= best || Number.isNaN(v)) at = i;
        out.data[(base as number) + i * step] = at;
      }
    });
  },
  rule: null,
});

/**
 * For each element the place of the largest up to it along an axis, of equal ones the last; NaN
 * counts as larger.
 */
export const cumulativeArgmax = withOp(
  cumulativeArgmaxOp,
  (x: Tensor, axis: number): Tensor => apply(cumulativeArgmaxOp, [x], { axis }),
);
