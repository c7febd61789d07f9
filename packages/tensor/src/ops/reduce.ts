/** @file Reductions over any axes, and cumulative sums. */

import { checkDType, type DType, isFloat } from "../base/dtype.js";
import { ShapeError } from "../base/errors.js";
import {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  sizeOf,
  walkStrides,
} from "../base/shape.js";
import { apply } from "../core/apply.js";
import type { OpFunction, Spec, View } from "../core/contract.js";
import { expectTensor } from "../core/expect.js";
import { defineOp, withOp } from "../core/op.js";
import { dropping } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";

import { castTo, inFloats } from "./elementwise/cast.js";
import { pad, reshape } from "./shape/movement.js";

/** Which axes to reduce (all when absent), and whether they stay as length 1. */
export interface ReduceOptions {
  readonly axis?: number | readonly number[] | null | undefined;
  readonly keepdims?: boolean | undefined;
}

/** Options of sums and products: the dtype to compute in, too. */
export interface SumOptions extends ReduceOptions {
  readonly dtype?: DType | undefined;
}

/** @internal */
export interface ReduceAttrs {
  /** Sorted, non-negative, distinct. */
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

/** @internal */
export type Reduction = OpFunction<
  (x: Tensor, options?: ReduceOptions) => Tensor,
  readonly [Tensor],
  ReduceAttrs
>;

/** Gathers the elements of each result: `finish(elements)` in the order of the input. */
function reduceInto(
  x: View,
  axes: readonly number[],
  out: View,
  finish: (elements: Float64Array) => number,
): void {
  const kept = reducedShape(x.shape, axes, true);
  const outer = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const inner = x.shape.map((n, i) => (axes.includes(i) ? n : 1));
  const strides = contiguousStrides(x.shape);
  const elements = new Float64Array(sizeOf(inner));
  if (sizeOf(kept) === 0) return;
  walkStrides(outer, [strides], (k, [base]) => {
    walkStrides(inner, [strides], (j, [offset]) => {
      elements[j] = x.data[(base as number) + (offset as number)] as number;
    });
    out.data[k] = finish(elements);
  });
}

interface ReductionRule {
  readonly finish: (elements: Float64Array) => number;
  /** The same of int32, where doubles would lose the low bits. */
  readonly whole?: ((elements: Float64Array) => number) | undefined;
  readonly dtype: (dtype: DType) => DType;
  /** Whether an empty reduction has a value. */
  readonly identity: boolean;
}

const wholeNumbers = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);
const same = (dtype: DType): DType => dtype;

function reduction(name: string, rule: ReductionRule, floats = false): Reduction {
  const op = defineOp<readonly [Tensor], ReduceAttrs>({
    name,
    infer([x], { axes, keepdims }): Spec {
      if (!rule.identity && sizeOf(x.shape) === 0 && axes.some((a) => x.shape[a] === 0)) {
        throw new ShapeError(
          name,
          `nothing to reduce in a tensor of shape ${formatShape(x.shape)}`,
          "there is no largest or smallest of nothing; reduce an axis that has elements",
        );
      }
      return { shape: reducedShape(x.shape, axes, keepdims), dtype: rule.dtype(x.dtype) };
    },
    reference: ([x], { axes }, out) => {
      const { finish, whole = finish } = rule;
      reduceInto(x as View, axes, out, out.dtype === "int32" ? whole : finish);
    },
  });
  return withOp(op, (x: Tensor, options: ReduceOptions = {}): Tensor => {
    expectTensor(name, x);
    const axes = normalizeAxes(name, options.axis, x.shape);
    const attrs = { axes, keepdims: options.keepdims ?? false };
    if (!floats || isFloat(x.dtype)) return apply(op, [x], attrs);
    const run = (y: Tensor) => apply(op, [y], attrs);
    return x.dtype === "bool" ? dropping(castTo(x, "float32"), run) : inFloats(x, run);
  });
}

function total(elements: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < elements.length; i++) sum += elements[i] as number;
  return sum;
}

/** The reduction with a dtype among its options. */
function inDType(
  f: Reduction,
): OpFunction<(x: Tensor, options?: SumOptions) => Tensor, readonly [Tensor], ReduceAttrs> {
  return withOp(f.op, (x: Tensor, options: SumOptions = {}): Tensor => {
    const { dtype } = options;
    if (dtype === undefined || dtype === x.dtype) return f(x, options);
    checkDType(f.op.name, dtype);
    return dropping(castTo(x, dtype), (cast) => f(cast, options));
  });
}

/**
 * Sum over `axis` (all axes when absent), in `dtype` if given; bools are counted as int32, and
 * integers wrap.
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

/** Mean over `axis`; NaN of nothing; integers become float32. */
export const mean = reduction(
  "mean",
  { finish: (e) => total(e) / e.length, dtype: same, identity: true },
  true,
);

/**
 * Largest element over `axis`; NaN wins; ties share the gradient evenly, and all elements where it
 * is NaN.
 */
export const max = reduction("max", {
  finish: (e) => e.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  dtype: same,
  identity: false,
});

/**
 * Smallest element over `axis`; NaN wins; ties share the gradient evenly, and all elements where it
 * is NaN.
 */
export const min = reduction("min", {
  finish: (e) => e.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  dtype: same,
  identity: false,
});

/** Product over `axis`, in `dtype` if given; 1 of nothing. Integers wrap. */
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
    reduceInto(x as View, axes, out, (e) => {
      const m = total(e) / e.length;
      let s = 0;
      for (let i = 0; i < e.length; i++) s += ((e[i] as number) - m) ** 2;
      return s / (e.length - correction);
    });
  },
});

/**
 * Variance over `axis`: `Σ(x − x̄)² / (n − correction)`; correction 0 (population) unless given, as
 * in the array API standard and NumPy (PyTorch's default is 1). Up to `correction` numbers are
 * divided by 0, as there.
 *
 * @example
 * variance(tensor([1, 3])).item(); // 1
 */
export const variance = withOp(
  varianceOp,
  (
    x: Tensor,
    options: ReduceOptions & { readonly correction?: number | undefined } = {},
  ): Tensor => {
    expectTensor("variance", x);
    const axes = normalizeAxes("variance", options.axis, x.shape);
    const { keepdims = false } = options;
    const count = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
    const attrs = { axes, keepdims, correction: Math.min(options.correction ?? 0, count) };
    if (isFloat(x.dtype)) return apply(varianceOp, [x], attrs);
    return inFloats(x, (y) => apply(varianceOp, [y], attrs));
  },
);

/** @internal */
export interface ArgAttrs {
  readonly axis: number;
  readonly keepdims: boolean;
}

/** One axis, or all of them when absent. @internal */
export interface ArgOptions {
  readonly axis?: number | null | undefined;
  readonly keepdims?: boolean | undefined;
}

type ArgReduction = OpFunction<
  (x: Tensor, options?: ArgOptions) => Tensor,
  readonly [Tensor],
  ArgAttrs
>;

function arg(name: string, better: (a: number, b: number) => boolean): ArgReduction {
  const op = defineOp<readonly [Tensor], ArgAttrs>({
    name,
    infer([x], { axis, keepdims }) {
      if (x.shape[axis] === 0) {
        throw new ShapeError(
          name,
          `axis ${axis} of ${formatShape(x.shape)} is empty`,
          "it needs one element or more to point at",
        );
      }
      return { shape: reducedShape(x.shape, [axis], keepdims), dtype: "int32" };
    },
    reference: ([x], { axis }, out) =>
      reduceInto(x as View, [axis], out, (e) => {
        let best = 0;
        for (let i = 1; i < e.length && !Number.isNaN(e[best] as number); i++) {
          if (Number.isNaN(e[i] as number) || better(e[i] as number, e[best] as number)) best = i;
        }
        return best;
      }),
  });
  return withOp(op, (x: Tensor, options: ArgOptions = {}): Tensor => {
    expectTensor(name, x);
    const { axis, keepdims = false } = options;
    if (axis !== undefined && axis !== null) {
      return apply(op, [x], { axis: normalizeAxis(name, axis, x.shape), keepdims });
    }
    if (x.size === 0) op.infer([x], { axis: x.shape.indexOf(0), keepdims });
    const whole = (flat: Tensor) => apply(op, [flat], { axis: 0, keepdims: false });
    const result = dropping(reshape(x, [x.size]), whole);
    return keepdims
      ? dropping(result, (y) =>
          reshape(
            y,
            x.shape.map(() => 1),
          ),
        )
      : result;
  });
}

/**
 * Index of the first largest element along `axis` (of the flattened tensor without one); a NaN
 * wins.
 */
export const argmax = arg("argmax", (a, b) => a > b);
/** Index of the first smallest element along `axis`; a NaN wins. */
export const argmin = arg("argmin", (a, b) => a < b);

const cumulativeOp = defineOp<readonly [Tensor], { readonly axis: number }>({
  name: "cumulativeSum",
  infer: ([x]) => ({ shape: x.shape, dtype: wholeNumbers(x.dtype) }),
  reference([x], { axis }, out) {
    const view = x as View;
    const n = view.shape[axis] as number;
    const step = contiguousStrides(view.shape)[axis] as number;
    const heads = view.shape.map((m, i) => (i === axis ? 1 : m));
    const whole = out.dtype === "int32";
    if (n === 0) return;
    walkStrides(heads, [broadcastStrides(view.shape, view.shape)], (_, [base]) => {
      let sum = -0; // −0 + x is x for every x, −0 included
      for (let i = 0; i < n; i++) {
        const at = (base as number) + i * step;
        sum += view.data[at] as number;
        if (whole) sum |= 0;
        out.data[at] = sum;
      }
    });
  },
});

/**
 * Along which axis, whether to begin with the sum (or product) of nothing, and the dtype to compute
 * in.
 */
export interface CumulativeOptions {
  readonly axis?: number | undefined;
  readonly includeInitial?: boolean | undefined;
  readonly dtype?: DType | undefined;
}

/** The axis of a running sum or product, and a check of its other options. @internal */
export function runningAxis(op: string, x: Tensor, { axis, dtype }: CumulativeOptions): number {
  expectTensor(op, x);
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
  (x: Tensor, options: CumulativeOptions = {}): Tensor => {
    const axis = runningAxis("cumulativeSum", x, options);
    const { dtype } = options;
    const run = (own: Tensor) => apply(cumulativeOp, [own], { axis });
    const sums = dtype === undefined ? run(x) : dropping(castTo(x, dtype), run);
    if (options.includeInitial !== true) return sums;
    const widths = x.shape.map((_, i) => (i === axis ? ([1, 0] as const) : ([0, 0] as const)));
    return dropping(sums, (y) => pad(y, widths));
  },
);
