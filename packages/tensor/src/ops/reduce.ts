/** @file Reductions over any axes, and running sums. */

import { checkDType, type DType, isFloat } from "../base/dtype.js";
import { ShapeError } from "../base/errors.js";
import { given } from "../base/options.js";
import {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  walkStrides,
} from "../base/shape.js";
import { apply } from "../core/apply.js";
import { expectTensor } from "../core/expect.js";
import { defineOp, withOp } from "../core/op.js";
import { dropping } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import {
  arg,
  inDType,
  type ReduceAttrs,
  type ReduceOptions,
  reduceInto,
  reduction,
} from "./define/reduction.js";
import { castTo, inFloats } from "./elementwise/cast.js";
import { pad } from "./shape/slicing.js";

const wholeNumbers = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);
const same = (dtype: DType): DType => dtype;

function total(elements: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < elements.length; i++) sum += elements[i] as number;
  return sum;
}

/**
 * Sum over `axis` (default: all axes), in `dtype` (default: that of x); bools are counted as int32,
 * and integers wrap.
 *
 * @example
 * sum(tensor([[1, 2], [3, 4]]), { axis: 0 }).toString(); // Tensor(float32, [2]) [4, 6]
 */
export const sum = inDType(
  reduction("sum", {
    finish: total,
    whole: (e) => e.reduce((a, b) => (a + b) | 0, 0),
    dtype: wholeNumbers,
    identity: true,
  }),
);

/** Mean over `axis` (default: all axes); NaN of no elements; integers become float32. */
export const mean = reduction(
  "mean",
  { finish: (e) => total(e) / e.length, dtype: same, identity: true },
  true,
);

/**
 * Largest element over `axis` (default: all axes); NaN if any is NaN. Ties share the gradient
 * evenly; where the result is NaN, all elements share it.
 */
export const max = reduction("max", {
  finish: (e) => e.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  dtype: same,
  identity: false,
});

/**
 * Smallest element over `axis` (default: all axes); NaN if any is NaN. Ties share the gradient
 * evenly; where the result is NaN, all elements share it.
 */
export const min = reduction("min", {
  finish: (e) => e.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  dtype: same,
  identity: false,
});

/** Product over `axis`, in `dtype` (default: that of x); 1 of no elements. Integers wrap. */
export const prod = inDType(
  reduction("prod", {
    finish: (e) => e.reduce((a, b) => a * b, 1),
    whole: (e) => e.reduce((a, b) => Math.imul(a, b), 1),
    dtype: wholeNumbers,
    identity: true,
  }),
);

/** Whether every element over `axis` is non-zero. */
export const all = reduction("all", {
  finish: (e) => (e.every((v) => v !== 0) ? 1 : 0),
  dtype: () => "bool",
  identity: true,
});

/** Whether any element over `axis` is non-zero. */
export const any = reduction("any", {
  finish: (e) => (e.some((v) => v !== 0) ? 1 : 0),
  dtype: () => "bool",
  identity: true,
});

/** @internal */
export interface VarianceAttrs extends ReduceAttrs {
  readonly correction: number;
}

const varianceOp = defineOp<readonly [Tensor], VarianceAttrs>({
  name: "variance",
  infer: ([x], { axes, keepdims }) => ({
    shape: reducedShape(x.shape, axes, keepdims),
    dtype: x.dtype,
  }),
  reference([x], { axes, correction }, out) {
    reduceInto(x, axes, out, (e) => {
      const m = total(e) / e.length;
      let s = 0;
      for (let i = 0; i < e.length; i++) s += ((e[i] as number) - m) ** 2;
      return s / (e.length - correction);
    });
  },
});

/**
 * Variance over `axis`: `Σ(x − x̄)² / (n − correction)`. Correction: 0 (population) by default, as
 * in the array API standard and NumPy; in PyTorch it is 1. Where n ≤ correction the divisor is 0.
 *
 * @example
 * variance(tensor([1, 3])).item(); // 1
 */
export const variance = withOp(
  varianceOp,
  (x: Tensor, options?: ReduceOptions & { readonly correction?: number | undefined }): Tensor => {
    expectTensor("variance", x);
    const chosen = given("variance", options, "axis correction# keepdims?");
    const { axis, keepdims = false, correction = 0 } = chosen;
    const axes = normalizeAxes("variance", axis, x.shape);
    const count = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
    const attrs = { axes, keepdims, correction: Math.min(correction, count) };
    if (isFloat(x.dtype)) return apply(varianceOp, [x], attrs);
    return inFloats(x, (y) => apply(varianceOp, [y], attrs));
  },
);

/**
 * Index of the first largest element along `axis` (default: of the flattened tensor), or of the
 * first NaN.
 */
export const argmax = arg("argmax", (a, b) => a > b);
/** Index of the first smallest element along `axis`, or of the first NaN. */
export const argmin = arg("argmin", (a, b) => a < b);

const cumulativeOp = defineOp<readonly [Tensor], { readonly axis: number }>({
  name: "cumulativeSum",
  infer: ([x]) => ({ shape: x.shape, dtype: wholeNumbers(x.dtype) }),
  reference([x], { axis }, out) {
    const n = x.shape[axis] as number;
    const step = contiguousStrides(x.shape)[axis] as number;
    const heads = x.shape.map((m, i) => (i === axis ? 1 : m));
    const whole = out.dtype === "int32";
    if (n === 0) return;
    walkStrides(heads, [broadcastStrides(x.shape, x.shape)], (_, [base]) => {
      let sum = -0; // −0 + x is x for every x, −0 included
      for (let i = 0; i < n; i++) {
        const at = (base as number) + i * step;
        sum += x.data[at] as number;
        if (whole) sum |= 0;
        out.data[at] = sum;
      }
    });
  },
});

/**
 * The axis, whether to begin with the sum (0) or product (1) of no elements, and the dtype to
 * compute in.
 */
export interface CumulativeOptions {
  readonly axis?: number | undefined;
  readonly includeInitial?: boolean | undefined;
  readonly dtype?: DType | undefined;
}

/** Checks the options of a running sum or product, and gives its axis. @internal */
export function runningAxis(op: string, x: Tensor, { axis, dtype }: CumulativeOptions): number {
  if (dtype !== undefined) checkDType(op, dtype);
  if ((axis ?? null) === null && x.shape.length !== 1) {
    throw new ShapeError(op, `${formatShape(x.shape)} is not 1-d`, "give an axis: { axis: 0 }");
  }
  return normalizeAxis(op, axis ?? 0, x.shape);
}

/**
 * Running sum along `axis` (which may be left out for 1-d tensors); with `includeInitial` it begins
 * with 0.
 *
 * @example
 * cumulativeSum(tensor([1, 2, 3])).toString(); // Tensor(float32, [3]) [1, 3, 6]
 */
export const cumulativeSum = withOp(
  cumulativeOp,
  (x: Tensor, options?: CumulativeOptions): Tensor => {
    expectTensor("cumulativeSum", x);
    const chosen = given("cumulativeSum", options, "axis includeInitial? dtype");
    const axis = runningAxis("cumulativeSum", x, chosen);
    const { dtype } = chosen;
    const run = (own: Tensor) => apply(cumulativeOp, [own], { axis });
    const sums = dtype === undefined ? run(x) : dropping(castTo(x, dtype), run);
    if (chosen.includeInitial !== true) return sums;
    const widths = x.shape.map((_, i) => (i === axis ? ([1, 0] as const) : ([0, 0] as const)));
    return dropping(sums, (y) => pad(y, widths));
  },
);
