/** @file Running products, extremes and logarithms of sums along an axis. */

import { isFloat } from "../../base/dtype.js";
import { given, noMore } from "../../base/options.js";
import { contiguousStrides, walkStrides } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { full } from "../creation.js";
import { logaddexp, mul } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { type CumulativeOptions, runningAxis } from "../reduce.js";
import { pad } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";
import { doubling } from "./doubling.js";
import { lowest, reversed } from "./extremes.js";
import type { AxisAttrs } from "./places.js";
import { takeAlongAxis } from "./take.js";

const cumulativeArgmaxOp = defineOp<readonly [Tensor], AxisAttrs>({
  name: "cumulativeArgmax",
  infer: ([x]) => ({ shape: x.shape, dtype: "int32" }),
  reference([x], { axis }, out) {
    const { shape, data } = x;
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
 *
 * @internal
 */
export const cumulativeArgmax = withOp(
  cumulativeArgmaxOp,
  (x: Tensor, axis: number): Tensor => apply(cumulativeArgmaxOp, [x], { axis }),
);

type RunningOptions = Omit<CumulativeOptions, "dtype">;

/**
 * Running maximum along an axis (which may be left out for 1-d tensors); with `includeInitial` it
 * begins with the smallest number. NaN stays once it came. The gradient goes to the last of equal
 * maxima.
 *
 * @noMethod
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeMax(tensor([1, 3, 2])).toArray(); // [1,3,3]
 */
export function cumulativeMax(x: Tensor, options?: RunningOptions, ...surplus: []): Tensor {
  noMore("cumulativeMax", surplus);
  return runningMax("cumulativeMax", x, options, (y) => y);
}

function runningMax(
  op: string,
  values: Tensor,
  options: RunningOptions | undefined,
  turned: (x: Tensor) => Tensor,
): Tensor {
  expectTensor(op, values);
  const chosen = given(op, options, "axis includeInitial?");
  const axis = runningAxis(op, values, chosen);
  return scope(() => {
    const x = turned(values);
    const found = takeAlongAxis(x, cumulativeArgmax(x, axis), { axis });
    if (chosen.includeInitial !== true) return turned(found);
    const shape = x.shape.map((n, i) => (i === axis ? 1 : n));
    const low = lowest(op, x.dtype);
    const first = full(shape, low, { dtype: x.dtype, device: x.device });
    return turned(concat([first, found], { axis }));
  });
}

/**
 * Running minimum: see {@link cumulativeMax}.
 *
 * @noMethod
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeMin(tensor([2, 1, 3])).toArray(); // [2,1,1]
 */
export function cumulativeMin(x: Tensor, options?: RunningOptions, ...surplus: []): Tensor {
  noMore("cumulativeMin", surplus);
  return runningMax("cumulativeMin", x, options, reversed);
}

/**
 * Running product along an axis (which may be left out for 1-d tensors); with `includeInitial` it
 * begins with 1. Made of ⌈log₂ n⌉ products of the whole, so that its gradient is exact at zeros.
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeProd(tensor([1, 2, 3])).toArray(); // [1,2,6]
 */
export function cumulativeProd(x: Tensor, options?: CumulativeOptions): Tensor {
  expectTensor("cumulativeProd", x);
  const chosen = given("cumulativeProd", options, "axis includeInitial? dtype");
  const axis = runningAxis("cumulativeProd", x, chosen);
  return scope(() => {
    const { dtype = x.dtype === "bool" ? "int32" : x.dtype } = chosen;
    const y = doubling(dtype === x.dtype ? x : cast(x, dtype), axis, mul);
    return chosen.includeInitial === true ? pad(y, oneBefore(x, axis), { value: 1 }) : y;
  });
}

/** One more element in front of an axis, as `pad` takes it. */
function oneBefore(x: Tensor, axis: number): (readonly [number, number])[] {
  return x.shape.map((_, i) => (i === axis ? [1, 0] : [0, 0]));
}

/**
 * Running logarithm of the sum of exponentials, `log Σ_{j ≤ i} e^xⱼ`, along an axis (which may be
 * left out for 1-d tensors), without overflow; with `includeInitial` it begins with −∞. Integers
 * become float32. Made of ⌈log₂ n⌉ times {@link logaddexp} of the whole: the sum of several −∞ has
 * the gradient 0, several ∞ share it (PyTorch gives NaN for both).
 *
 * @noMethod
 *
 * @throws ShapeError without an axis unless the tensor is 1-d.
 * @example
 * cumulativeLogSumExp(tensor([0, 0, 1000])).toString(); // Tensor(float32, [3]) [0, 0.6931, 1000]
 */
export function cumulativeLogSumExp(x: Tensor, options?: RunningOptions, ...surplus: []): Tensor {
  const op = "cumulativeLogSumExp";
  expectTensor(op, x, surplus);
  const chosen = given(op, options, "axis includeInitial?");
  const axis = runningAxis(op, x, chosen);
  return scope(() => {
    const y = doubling(isFloat(x.dtype) ? x : cast(x, "float32"), axis, logaddexp);
    if (chosen.includeInitial !== true) return y;
    return pad(y, oneBefore(x, axis), { value: Number.NEGATIVE_INFINITY });
  });
}
