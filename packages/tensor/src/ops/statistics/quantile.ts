/** @file Order statistics: medians and quantiles, with or without NaN. */

import { isFloat, makeArray } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import { formatShape, normalizeAxes, reducedShape, sizeOf } from "../../base/shape.js";
import { fromTypedArray } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor } from "../../core/tensor.js";
import type { ReduceOptions } from "../define/reduction.js";
import { add, div, maximum, mul, sub } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { clip, equal, less, notEqual, where } from "../elementwise/compare.js";
import { ceil, floor, round } from "../elementwise/unary.js";
import { sort } from "../index/order.js";
import { takeAlongAxis } from "../index/take.js";
import { sum } from "../reduce.js";
import { broadcastTo, permuteDims, reshape } from "../shape/movement.js";
import { slice } from "../shape/slicing.js";
import { roundHalfEven } from "../special/scalars.js";

/** What becomes of a place between two elements. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Over which axes, and what becomes of places between two elements. */
export interface QuantileOptions extends ReduceOptions {
  /** Default: "linear". */
  readonly method?: QuantileMethod | undefined;
}

type Rounding = (at: number) => number;

/** From which element to which a place between two is blended. */
const ENDS: Readonly<Record<QuantileMethod, readonly [Rounding, Rounding]>> = {
  linear: [Math.floor, Math.ceil],
  lower: [Math.floor, Math.floor],
  higher: [Math.ceil, Math.ceil],
  midpoint: [Math.floor, Math.ceil],
  nearest: [roundHalfEven, roundHalfEven],
};

/** Elements along the reduced axes as sorted rows, NaN last, and the shape of what is left. */
function sortedRows(op: string, x: Tensor, { axis, keepdims = false }: ReduceOptions) {
  expectTensor(op, x);
  const axes = normalizeAxes(op, axis, x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const lead = kept.map((i) => x.shape[i] as number);
  const n = sizeOf(axes.map((i) => x.shape[i] as number));
  if (n === 0) {
    throw new ShapeError(
      op,
      `nothing to order in a tensor of shape ${formatShape(x.shape)}`,
      "reduce axes that have elements",
    );
  }
  const floats = isFloat(x.dtype) ? x : castTo(x, "float32");
  const rows = reshape(permuteDims(floats, [...kept, ...axes]), [...lead, n]);
  return { rows: sort(rows), n, shape: reducedShape(x.shape, axes, keepdims) };
}

/** Two places for each share, and how far it is from the first to the second. */
type Between = readonly [low: Tensor, high: Tensor, part: Tensor];

/** The numbers of a share or of a list; null for a tensor. */
function sharesOf(op: string, q: unknown, scale: number): number[] | null {
  if (q instanceof Tensor) {
    expectTensor(op, q);
    return null;
  }
  const list: unknown[] = Array.isArray(q) ? q : [q];
  return list.map((share) => {
    if (typeof share === "number" && share >= 0 && share <= scale) return share / scale;
    const help = "give numbers in that range, a list of them, or a tensor";
    throw new UsageError(op, `${shown(share)} is no share from 0 to ${scale}`, help);
  });
}

/** Where shares lie among n elements, in float64 on the host, so that no digit is lost. */
function known(shares: readonly number[], n: number, method: QuantileMethod, x: Tensor): Between {
  const at = shares.map((q) => q * (n - 1));
  const [first, second] = ENDS[method];
  const [low, high] = [at.map(first), at.map(second)];
  const part = at.map((v) =>
    method === "midpoint" && !Number.isInteger(v) ? 0.5 : v - Math.floor(v),
  );
  const ints = (values: number[]) =>
    fromTypedArray(Int32Array.from(values), [values.length], "int32", x.device);
  return [ints(low), ints(high), ofNumbers(part, x)];
}

/** The same for places that ops computed. */
function computed(at: Tensor, method: QuantileMethod): Between {
  const below = floor(at);
  const [low, high] = {
    linear: [below, ceil(at)],
    midpoint: [below, ceil(at)],
    lower: [below, below],
    higher: [ceil(at), ceil(at)],
    nearest: [round(at), round(at)],
  }[method] as [Tensor, Tensor];
  const part = sub(at, below);
  const half = where(equal(part, 0), 0, add(mul(part, 0), 0.5));
  return [castTo(low, "int32"), castTo(high, "int32"), method === "midpoint" ? half : part];
}

/** a + (b − a)·t from the nearer end, as NumPy has it; a where both are equal, infinities too. */
function blend(a: Tensor, b: Tensor, t: Tensor): Tensor {
  const same = equal(a, b);
  const gap = sub(where(same, 0, b), where(same, 0, a));
  const near = add(a, mul(gap, t));
  return where(same, a, where(less(t, 0.5), near, sub(b, mul(gap, sub(1, t)))));
}

function ordered(
  op: string,
  x: Tensor,
  q: unknown,
  options: QuantileOptions | undefined,
  how: { readonly scale: number; readonly skips: boolean },
): Tensor {
  const { method = "linear", ...over } = given(op, options, "axis keepdims? method");
  if (!Object.hasOwn(ENDS, method)) {
    const names = Object.keys(ENDS).join(", ");
    throw new UsageError(op, `there is no method ${shown(method)}`, `use ${names}`);
  }
  const { scale, skips } = how;
  const shares = sharesOf(op, q, scale);
  const axes = q instanceof Tensor ? q.shape : Array.isArray(q) ? [q.length] : [];
  return scope(() => {
    const { rows, n, shape } = sortedRows(op, x, over);
    const lead = rows.shape.slice(0, -1);
    const none = notEqual(rows, rows);
    const between = (): Between => {
      if (shares !== null && !skips) return known(shares, n, method, rows);
      const row =
        shares === null
          ? reshape(div(clip(castTo(q as Tensor, rows.dtype), { min: 0, max: scale }), scale), [
              sizeOf(axes),
            ])
          : ofNumbers(shares, rows);
      const some = sum(castTo(equal(rows, rows), rows.dtype), { axis: -1, keepdims: true });
      return computed(mul(row, skips ? maximum(sub(some, 1), 0) : n - 1), method);
    };
    const [low, high, part] = between().map((y) => broadcastTo(y, [...lead, sizeOf(axes)])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const found = blend(takeAlongAxis(rows, low), takeAlongAxis(rows, high), part);
    const spoiled = slice(none, ["...", [n - 1, n]]);
    const made = skips ? found : where(spoiled, Number.NaN, found);
    const order = [lead.length, ...lead.map((_, i) => i)];
    return reshape(permuteDims(made, order), [...axes, ...shape]);
  });
}

function ofNumbers(values: readonly number[], { dtype, device }: Tensor): Tensor {
  const data = makeArray(dtype, values.length);
  data.set(values);
  return fromTypedArray(data, [values.length], dtype, device);
}

/**
 * Quantiles over `axis` (default: all axes): for a share q from 0 to 1, the element at q·(n − 1) of
 * the n in order, between two elements by `method`. A list or a tensor of shares adds its axes in
 * front; a tensor is not read, and its numbers are clipped. NaN if any element is NaN. Gradients
 * flow to the elements between which a quantile lies. Integers and bools become float32.
 *
 * @noMethod
 *
 * @throws ShapeError where there is nothing to order; UsageError for a share outside of [0, 1].
 * @example
 * quantile(tensor([1, 2, 4, 8]), 0.5).item(); // 3
 * quantile(tensor([1, 2, 4, 8]), [0, 1]).toArray(); // [1,8]
 */
export function quantile(
  x: Tensor,
  q: number | readonly number[] | Tensor,
  options?: QuantileOptions,
): Tensor {
  return ordered("quantile", x, q, options, { scale: 1, skips: false });
}

/**
 * {@link quantile} for shares in percent: 50 is the median.
 *
 * @noMethod
 *
 * @throws ShapeError where there is nothing to order; UsageError for a share outside of [0, 100].
 * @example
 * percentile(tensor([1, 2, 4, 8]), 25).item(); // 1.75
 */
export function percentile(
  x: Tensor,
  q: number | readonly number[] | Tensor,
  options?: QuantileOptions,
): Tensor {
  return ordered("percentile", x, q, options, { scale: 100, skips: false });
}

/**
 * {@link quantile} of the elements that are not NaN; NaN where all are.
 *
 * @noMethod
 *
 * @throws ShapeError where there is nothing to order; UsageError for a share outside of [0, 1].
 * @example
 * nanQuantile(tensor([1, NaN, 3]), 0.5).item(); // 2
 */
export function nanQuantile(
  x: Tensor,
  q: number | readonly number[] | Tensor,
  options?: QuantileOptions,
): Tensor {
  return ordered("nanQuantile", x, q, options, { scale: 1, skips: true });
}

/**
 * The middle of the elements over `axis` (default: all axes), or the mean of the two in the middle;
 * NaN if any is NaN. Its gradient goes to the elements in the middle.
 *
 * @noMethod
 *
 * @throws ShapeError where there is nothing to order.
 * @example
 * median(tensor([7, 1, 3])).item(); // 3
 */
export function median(x: Tensor, options?: ReduceOptions): Tensor {
  const over = given("median", options, "axis keepdims?");
  return ordered("median", x, 0.5, over, { scale: 1, skips: false });
}

/**
 * {@link median} of the elements that are not NaN; NaN where all are.
 *
 * @noMethod
 *
 * @throws ShapeError where there is nothing to order.
 * @example
 * nanMedian(tensor([7, NaN, 3])).item(); // 5
 */
export function nanMedian(x: Tensor, options?: ReduceOptions): Tensor {
  const over = given("nanMedian", options, "axis keepdims?");
  return ordered("nanMedian", x, 0.5, over, { scale: 1, skips: true });
}
