/** @file Writing at places along an axis, as ops: the last value, or the largest. And where running maxima lie. */
import type { View } from "../devices/device.js";
import { DTypeError, ShapeError } from "../errors.js";
import { apply, defineOp, withOp } from "../op.js";
import { contiguousStrides, formatShape, shapesEqual } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { walk } from "./define.js";
import { type AxisAttrs, along, checkAlong, checkIndices } from "./indexing.js";

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

const setAlongOp = defineOp<Triple, ScatterAttrs>({
  name: "setAlongAxis",
  infer: inferScatter,
  reference(inputs, { axis, as }, out) {
    const [x, indices, values] = inputs as [View, View, View];
    out.data.set(x.data as never);
    along(as, axis, x.shape, indices, (whole, part) => {
      out.data[whole] = values.data[part] as number;
    });
  },
});

/** `x` with each value at its index along an axis; of values with one index the last stays. */
export const setAlongAxis = withOp(
  setAlongOp,
  (x: Tensor, indices: Tensor, values: Tensor, attrs: ScatterAttrs): Tensor =>
    apply(setAlongOp, [x, indices, values], attrs),
);

const maxAlongOp = defineOp<Triple, ScatterAttrs>({
  name: "maxAlongAxis",
  infer: inferScatter,
  reference(inputs, { axis, as }, out) {
    const [x, indices, values] = inputs as [View, View, View];
    out.data.set(x.data as never);
    along(as, axis, x.shape, indices, (whole, part) => {
      out.data[whole] = Math.max(out.data[whole] as number, values.data[part] as number);
    });
  },
});

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
    walk(heads, [strides], (_, [base]) => {
      let at = 0;
      for (let i = 0; i < n; i++) {
        const best = data[(base as number) + at * step] as number;
        const v = data[(base as number) + i * step] as number;
        if (v >= best || Number.isNaN(v)) at = i;
        out.data[(base as number) + i * step] = at;
      }
    });
  },
});

/** For each element the place of the largest up to it along an axis, of equal ones the last; NaN counts as larger. */
export const cumulativeArgmax = withOp(
  cumulativeArgmaxOp,
  (x: Tensor, axis: number): Tensor => apply(cumulativeArgmaxOp, [x], { axis }),
);
