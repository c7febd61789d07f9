/** @file Builders of reductions: over any axes to a value, and over one axis to an index. */

import { checkDType, type DType, isFloat } from "../../base/dtype.js";
import { ShapeError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import {
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  sizeOf,
  walkStrides,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { OpFunction, Spec, View } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { dropping } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { castTo, inFloats } from "../elementwise/cast.js";
import { reshape } from "../shape/movement.js";

/** Which axes to reduce (default: all), and whether they stay as length 1 (default: no). */
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

/**
 * Each result is `finish(elements)` of the elements that it reduces, in the order of the input.
 *
 * @internal
 */
export function reduceInto(
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

/** How a reduction computes: on doubles, and its dtype. */
interface ReductionRule {
  readonly finish: (elements: Float64Array) => number;
  /** The same for int32, where doubles would lose the low bits. Default: finish. */
  readonly whole?: ((elements: Float64Array) => number) | undefined;
  readonly dtype: (dtype: DType) => DType;
  /** Whether an empty reduction has a value. */
  readonly identity: boolean;
}

/** A reduction over any axes; with `floats`, integers become floats first. @internal */
export function reduction(name: string, rule: ReductionRule, floats = false): Reduction {
  const op = defineOp<readonly [Tensor], ReduceAttrs>({
    name,
    infer([x], { axes, keepdims }): Spec {
      if (!rule.identity && sizeOf(x.shape) === 0 && axes.some((a) => x.shape[a] === 0)) {
        throw new ShapeError(
          name,
          `nothing to reduce in a tensor of shape ${formatShape(x.shape)}`,
          "reduce an axis that has elements",
        );
      }
      return { shape: reducedShape(x.shape, axes, keepdims), dtype: rule.dtype(x.dtype) };
    },
    reference: ([x], { axes }, out) => {
      const { finish, whole = finish } = rule;
      reduceInto(x, axes, out, out.dtype === "int32" ? whole : finish);
    },
  });
  return withOp(op, (x: Tensor, options?: ReduceOptions): Tensor => {
    expectTensor(name, x);
    const { axis, keepdims = false } = given(name, options, "axis keepdims?");
    const attrs = { axes: normalizeAxes(name, axis, x.shape), keepdims };
    if (!floats || isFloat(x.dtype)) return apply(op, [x], attrs);
    const run = (y: Tensor) => apply(op, [y], attrs);
    return x.dtype === "bool" ? dropping(castTo(x, "float32"), run) : inFloats(x, run);
  });
}

/** The reduction with a dtype among its options. @internal */
export function inDType(
  f: Reduction,
): OpFunction<(x: Tensor, options?: SumOptions) => Tensor, readonly [Tensor], ReduceAttrs> {
  return withOp(f.op, (x: Tensor, options?: SumOptions): Tensor => {
    if (options === undefined) return f(x);
    const { name } = f.op;
    const { dtype, ...rest } = given(name, options, "axis keepdims? dtype");
    expectTensor(name, x);
    if (dtype === undefined || dtype === x.dtype) return f(x, rest);
    checkDType(name, dtype);
    return dropping(castTo(x, dtype), (cast) => f(cast, rest));
  });
}

/** @internal */
export interface ArgAttrs {
  readonly axis: number;
  readonly keepdims: boolean;
}

/** One axis (default: the flattened tensor), and whether it stays as length 1. @internal */
export interface ArgOptions {
  readonly axis?: number | null | undefined;
  readonly keepdims?: boolean | undefined;
}

type ArgReduction = OpFunction<
  (x: Tensor, options?: ArgOptions) => Tensor,
  readonly [Tensor],
  ArgAttrs
>;

/**
 * The index of the best element along an axis, or of the flattened tensor: the first one that none
 * is better than, or the first NaN.
 *
 * @internal
 */
export function arg(name: string, better: (a: number, b: number) => boolean): ArgReduction {
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
      reduceInto(x, [axis], out, (e) => {
        let best = 0;
        for (let i = 1; i < e.length && !Number.isNaN(e[best] as number); i++) {
          if (Number.isNaN(e[i] as number) || better(e[i] as number, e[best] as number)) best = i;
        }
        return best;
      }),
  });
  return withOp(op, (x: Tensor, options?: ArgOptions): Tensor => {
    expectTensor(name, x);
    const { axis, keepdims = false } = given(name, options, "axis keepdims?");
    if (axis !== undefined && axis !== null) {
      return apply(op, [x], { axis: normalizeAxis(name, axis, x.shape), keepdims });
    }
    if (x.size === 0) op.infer([x], { axis: x.shape.indexOf(0), keepdims });
    const whole = (flat: Tensor) => apply(op, [flat], { axis: 0, keepdims: false });
    const result = dropping(reshape(x, [x.size]), whole);
    const ones = x.shape.map(() => 1);
    return keepdims ? dropping(result, (y) => reshape(y, ones)) : result;
  });
}
