/**
 * @file Writing at places along an axis, as ops: the last value stays, or the largest.
 *
 * @internal
 */

import { DTypeError, ShapeError } from "../../base/errors.js";
import { formatShape, shapesEqual } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromBoth, fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";
import { arange, full } from "../creation.js";
import { type NamedOps, namedOps } from "../define/named.js";
import { add, div, maximum, mul, sub } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { equal, less, where } from "../elementwise/compare.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import { addAlongAxis } from "./add.js";
import { type AxisAttrs, along, checkAlong, checkIndices } from "./places.js";
import { takeAlongAxis } from "./take.js";

type Triple = readonly [x: Tensor, indices: Tensor, values: Tensor];

function inferScatter(op: string, [x, indices, values]: Triple, { axis }: AxisAttrs): Tensor {
  checkIndices(op, indices);
  checkAlong(op, x.shape, indices.shape, axis);
  if (!shapesEqual(indices.shape, values.shape)) {
    throw new ShapeError(
      op,
      `values ${formatShape(values.shape)} are written at indices ${formatShape(indices.shape)}`,
      "each index needs one value",
    );
  }
  if (x.dtype !== values.dtype) {
    throw new DTypeError(op, `values are ${values.dtype}, the tensor ${x.dtype}`, "cast one");
  }
  return x;
}

const setAlong: NamedOps<Triple, AxisAttrs> = namedOps("setAlongAxis", (name) =>
  defineOp({
    name,
    infer: (inputs, attrs) => inferScatter(name, inputs, attrs),
    reference([x, indices, values], attrs, out) {
      out.data.set(x.data);
      along(name, attrs, x.shape, indices, (whole, part) => {
        out.data[whole] = values.data[part] as number;
      });
    },
    // the cotangent goes to what stayed
    rule: fromInputs(({ inputs: [x, indices], attrs: { axis } }) => [
      (g) => {
        const zero = full(indices.shape, 0, { dtype: g.dtype, device: g.device });
        return setAlongAxis(g, indices, zero, { axis });
      },
      null,
      (g) => where(stayed(x, indices, axis), takeAlongAxis(g, indices, { axis }), 0),
    ]),
  }),
);

/** Whether each value stayed: the last of those with its index. */
function stayed(x: Tensor, indices: Tensor, axis: number): Tensor {
  const { device } = indices;
  const count = indices.shape[axis] as number;
  const thin = indices.shape.map((n, i) => (i === axis ? n : 1));
  const numbers = reshape(arange(count, { dtype: "int32", device }), thin);
  const number = broadcastTo(numbers, indices.shape);
  const none = full(x.shape, -1, { dtype: "int32", device });
  const last = setAlongAxis(none, indices, number, { axis });
  return equal(takeAlongAxis(last, indices, { axis }), number);
}

/**
 * `x` with each value at its index along an axis; of values with one index the last stays. Errors
 * name `as`.
 */
export const setAlongAxis = withOp(
  setAlong(),
  (x: Tensor, indices: Tensor, values: Tensor, attrs: AxisAttrs, as?: string): Tensor =>
    apply(setAlong(as), [x, indices, values], attrs),
);

/** @internal */
export interface MaxAttrs extends AxisAttrs {
  /** Whether x holds no values of its own, only the least number: it gets no gradient. */
  readonly bottom?: boolean;
}

const maxAlong: NamedOps<Triple, MaxAttrs> = namedOps("maxAlongAxis", (name) =>
  defineOp({
    name,
    infer: (inputs, attrs) => inferScatter(name, inputs, attrs),
    reference([x, indices, values], attrs, out) {
      out.data.set(x.data);
      along(name, attrs, x.shape, indices, (whole, part) => {
        out.data[whole] = Math.max(out.data[whole] as number, values.data[part] as number);
      });
    },
    // those that reach the maximum share its cotangent, all of them if it is NaN
    rule: fromBoth(({ inputs: [x, indices, values], out, attrs: { axis, bottom } }) => {
      const at = (y: Tensor) => takeAlongAxis(y, indices, { axis });
      const own = () => reaches(x, out);
      const other = () => reaches(values, at(out));
      const share = (g: Tensor) => {
        const others = addAlongAxis(other(), indices, out.shape[axis] as number, { axis });
        return div(g, bottom ? maximum(others, 1) : add(own(), others));
      };
      return [(g) => mul(share(g), own()), null, (g) => mul(at(share(g)), other())];
    }),
  }),
);

/** 1 where x is not less than the maximum. */
function reaches(x: Tensor, top: Tensor): Tensor {
  return sub(1, cast(less(x, top), top.dtype));
}

/** The larger of `x` and the values at each index along an axis; NaN wins. Errors name `as`. */
export const maxAlongAxis = withOp(
  maxAlong(),
  (x: Tensor, indices: Tensor, values: Tensor, attrs: MaxAttrs, as?: string): Tensor =>
    apply(maxAlong(as), [x, indices, values], attrs),
);
