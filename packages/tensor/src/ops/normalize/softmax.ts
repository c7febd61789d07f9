/** @file Softmax, its logarithm, and the logarithm of a sum of exponentials. */

import { given } from "../../base/options.js";
import { normalizeAxes } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op, OpFunction, View } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { type AxisOption, axisOf } from "../define/axis.js";
import { expectFloat } from "../define/checks.js";
import { eachRow } from "../define/walks.js";
import { moveAxis } from "../shape/axes.js";
import { permuteDims, reshape } from "../shape/movement.js";

function rowMax(x: View["data"], start: number, length: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) top = Math.max(top, x[start + i] as number);
  return top;
}

/**
 * `Σ e^(x − top) − 1` of one row: the sum without the 1 of one maximum. Added to that 1, a small
 * rest would lose its digits.
 */
function rowRest(x: View["data"], start: number, length: number, top: number): number {
  let [rest, tops] = [0, -1];
  for (let i = 0; i < length; i++) {
    const below = (x[start + i] as number) - top;
    if (below === 0) tops++;
    else rest += Math.exp(below);
  }
  return rest + tops;
}

/** `log Σ eˣ` of one row as `m + log Σ e^(x − m)`; −∞ where all elements are −∞. */
function rowLogSumExp(x: View["data"], start: number, length: number): number {
  const top = rowMax(x, start, length);
  return Number.isFinite(top) ? top + Math.log1p(rowRest(x, start, length, top)) : top;
}

type AxisFunction = OpFunction<
  (x: Tensor, options?: AxisOption) => Tensor,
  readonly [Tensor],
  undefined
>;

// The maximum m is subtracted first: added to a large x, log Σ e^(x − m) would lose its digits.
// Rows of −∞ alone and rows with +∞ give NaN: ∞ − ∞.
function rowwise(name: string, value: (below: number, rest: number) => number): AxisFunction {
  const op = defineOp<readonly [Tensor]>({
    name,
    infer: ([x]) => x,
    reference([x], _, out) {
      const { data } = x;
      eachRow(x, (start, length) => {
        const top = rowMax(data, start, length);
        const rest = rowRest(data, start, length, top);
        for (let i = start; i < start + length; i++) {
          out.data[i] = value((data[i] as number) - top, rest);
        }
      });
    },
  });
  return withOp(op, (x: Tensor, options?: AxisOption) => onLastAxis(op, x, options));
}

function onLastAxis(
  op: Op<readonly [Tensor], undefined>,
  x: Tensor,
  options: AxisOption | undefined,
): Tensor {
  expectFloat(op.name, x);
  const at = axisOf(op.name, options, -1, x.shape);
  if (at === x.shape.length - 1) return apply(op, [x], undefined);
  return scope(() => moveAxis(apply(op, [moveAxis(x, at, -1)], undefined), -1, at));
}

/**
 * `e^(xᵢ) / Σⱼ e^(xⱼ)` along `axis` (default: the last), safe for large x.
 *
 * @throws DTypeError unless x is a float tensor.
 * @example
 * softmax(tensor([0, 0])).toString(); // Tensor(float32, [2]) [0.5, 0.5]
 */
export const softmax = rowwise("softmax", (below, rest) => Math.exp(below) / (1 + rest));

/** `xᵢ − log Σⱼ e^(xⱼ)` along `axis` (default: the last). */
export const logSoftmax = rowwise("logSoftmax", (below, rest) => below - Math.log1p(rest));

const logSumExpOp = defineOp<readonly [Tensor]>({
  name: "logSumExp",
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  reference([x], _, out) {
    const length = x.shape[x.shape.length - 1] as number;
    for (let r = 0; r < out.data.length; r++)
      out.data[r] = rowLogSumExp(x.data, r * length, length);
  },
});

/**
 * `log Σ eˣ` over `axis` (default: all axes), safe for large x; −∞ of no elements. Where all
 * elements are −∞ the gradient is 0; several +∞ share it.
 *
 * @example
 * logSumExp(tensor([0, 0])).toString(); // Tensor(float32, []) 0.6931
 */
export const logSumExp = withOp(
  logSumExpOp,
  (
    x: Tensor,
    options?: {
      readonly axis?: number | readonly number[] | undefined;
      readonly keepdims?: boolean | undefined;
    },
  ): Tensor => {
    expectFloat("logSumExp", x);
    const { axis, keepdims } = given("logSumExp", options, "axis keepdims?");
    const axes = normalizeAxes("logSumExp", axis, x.shape);
    const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    return scope(() => {
      const front = permuteDims(x, [...rest, ...axes]);
      const lead = rest.map((i) => x.shape[i] as number);
      const length = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
      const result = apply(logSumExpOp, [reshape(front, [...lead, length])], undefined);
      return keepdims ? reshape(result, kept) : result;
    });
  },
);
