/**
 * @file Pooling: the largest or the mean of every window.
 * @noMethod
 */

import { isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { ones, tensor } from "../../ops/creation.js";

import { div, maximum } from "../../ops/elementwise/binary.js";
import { takeAlongAxis } from "../../ops/index/take.js";
import { argmax, mean, sum } from "../../ops/reduce.js";
import { reshape } from "../../ops/shape/movement.js";
import { unfold } from "./unfold.js";
import { type AxisWindow, FLAT, type PerAxis, perAxis, twoAxes, windowsOf } from "./windows.js";

/** Options of pooling; for two axes each may be a pair [height, width]. */
export interface PoolOptions {
  /** Distance of neighbouring windows; default: the length of the kernel. */
  readonly stride?: PerAxis | undefined;
  /** Places added on both sides, at most half of the kernel; default: 0. */
  readonly padding?: PerAxis | undefined;
}

export interface MaxPoolOptions extends PoolOptions {
  /** Distance of neighbouring places in a window; default: 1. */
  readonly dilation?: PerAxis | undefined;
}

export interface AvgPoolOptions extends PoolOptions {
  /** Whether places of the padding count in the mean; default: true. */
  readonly countIncludePad?: boolean | undefined;
}

interface Pooling {
  readonly op: string;
  readonly rank: 1 | 2;
  readonly kernel: PerAxis;
}

/** For each window the number of its first place inside of x. */
function firstInside(
  [rows, columns]: readonly [AxisWindow, AxisWindow],
  counts: readonly number[],
): number[] {
  const first = ({ before, stride, dilation }: AxisWindow, t: number) =>
    Math.max(0, Math.ceil((before - t * stride) / dilation));
  const [height = 1, width = 1] = counts;
  return Array.from({ length: height * width }, (_, w) => {
    const row = first(rows, Math.floor(w / width));
    return row * columns.kernel + first(columns, w % width);
  });
}

/**
 * The windows of x as [n, channels, places of a window, windows] handed to `use`, and its result
 * shaped.
 */
function pooled(
  x: Tensor,
  { op, rank, kernel }: Pooling,
  options: MaxPoolOptions,
  value: number,
  use: (laid: Tensor, unfolded: (planes: Tensor) => Tensor, firsts: readonly number[]) => Tensor,
): Tensor {
  expectTensor(op, x);
  if (!isFloat(x.dtype)) {
    throw new DTypeError(op, `needs floats, got ${x.dtype}`, 'cast first: x.cast("float32")');
  }
  if (x.shape.length !== rank + 2 && x.shape.length !== rank + 1) {
    const spatial = rank === 1 ? "length" : "height, width";
    throw new ShapeError(op, `x is ${formatShape(x.shape)}`, `x is [n, channels, ${spatial}]`);
  }
  const sizes = perAxis(op, "kernel", kernel, rank, 1);
  const padding = perAxis(op, "padding", options.padding ?? 0, rank, 0);
  if (padding.some((p, i) => 2 * p > (sizes[i] as number))) {
    throw new ShapeError(
      op,
      `padding ${padding} is more than half of the kernel ${sizes}`,
      "windows would lie outside of x: use less padding",
    );
  }
  const spatial = x.shape.slice(-rank);
  const found = windowsOf(op, sizes, spatial, { ...options, stride: options.stride ?? kernel });
  const windows = twoAxes(FLAT, found);
  const lead = x.shape.slice(0, -rank);
  const [n, channels] = (lead.length === 1 ? [1, ...lead] : lead) as [number, number];
  const plane = rank === 1 ? [1, ...spatial] : spatial;
  const places = sizes.reduce((a, b) => a * b, 1);
  return scope(() => {
    let counts: readonly number[] = [];
    let firsts: readonly number[] = [];
    const unfolded = (planes: Tensor): Tensor => {
      const [a = 0, b = 0] = planes.shape;
      const laid = unfold(planes, { windows, value });
      counts = laid.shape.slice(-rank);
      if (padding.some((p) => p > 0)) firsts = firstInside(windows, laid.shape.slice(-2));
      return reshape(laid, [a, b, places, counts.reduce((p, q) => p * q, 1)]);
    };
    const laid = unfolded(reshape(x, [n, channels, ...plane]));
    return reshape(use(laid, unfolded, firsts), [...lead, ...counts]);
  });
}

// The first of several largest gets the whole gradient, as in PyTorch: in a window of −∞ that is
// not the padding's.
function maxPool(x: Tensor, pooling: Pooling, options: MaxPoolOptions | undefined): Tensor {
  const chosen = given(pooling.op, options, "stride padding dilation");
  return pooled(x, pooling, chosen, Number.NEGATIVE_INFINITY, (laid, _, firsts) => {
    const found = argmax(laid, { axis: 2, keepdims: true });
    if (firsts.length === 0) return takeAlongAxis(laid, found, { axis: 2 });
    const inside = tensor([...firsts], { dtype: "int32", device: x.device });
    return takeAlongAxis(laid, maximum(found, inside), { axis: 2 });
  });
}

function avgPool(x: Tensor, pooling: Pooling, options: AvgPoolOptions | undefined): Tensor {
  const chosen = given(pooling.op, options, "stride padding countIncludePad?");
  const { countIncludePad = true, ...rest } = chosen;
  return pooled(x, pooling, rest, 0, (laid, unfolded) => {
    if (countIncludePad) return mean(laid, { axis: 2 });
    const { dtype, device } = x;
    const spatial = x.shape.slice(-pooling.rank);
    const one = ones([1, 1, ...(pooling.rank === 1 ? [1] : []), ...spatial], { dtype, device });
    return div(sum(laid, { axis: 2 }), sum(unfolded(one), { axis: 2 }));
  });
}

/**
 * The largest of each window: `out[n, c, t] = max_i x[n, c, t·stride + i·dilation − padding]`; x
 * [n, channels, length] or [channels, length]. Of several largest, the first gets the gradient.
 *
 * @throws ShapeError when the kernel does not fit or the padding is more than half of it;
 * DTypeError for integers.
 * @example
 * maxPool1d(tensor([[[1, 3, 2, 5]]]), 2).toArray(); // [[[3, 5]]]
 */
export function maxPool1d(
  x: Tensor,
  kernel: PerAxis,
  options?: MaxPoolOptions,
  ...surplus: []
): Tensor {
  noMore("maxPool1d", surplus);
  return maxPool(x, { op: "maxPool1d", rank: 1, kernel }, options);
}

/**
 * The largest of each window of height and width; x [n, channels, height, width] or without n. See
 * {@link maxPool1d}.
 *
 * @throws ShapeError when the kernel does not fit or the padding is more than half of it;
 * DTypeError for integers.
 * @example
 * maxPool2d(tensor([[[1, 2], [3, 4]]]), 2).toArray(); // [[[4]]]
 */
export function maxPool2d(
  x: Tensor,
  kernel: PerAxis,
  options?: MaxPoolOptions,
  ...surplus: []
): Tensor {
  noMore("maxPool2d", surplus);
  return maxPool(x, { op: "maxPool2d", rank: 2, kernel }, options);
}

/**
 * The mean of each window: `out[n, c, t] = (1/k) Σ_i x[n, c, t·stride + i − padding]`; x [n,
 * channels, length] or [channels, length]. With `countIncludePad: false` only places inside of x
 * count.
 *
 * @throws ShapeError when the kernel does not fit or the padding is more than half of it;
 * DTypeError for integers.
 * @example
 * avgPool1d(tensor([[[1, 3, 2, 6]]]), 2).toArray(); // [[[2, 4]]]
 */
export function avgPool1d(
  x: Tensor,
  kernel: PerAxis,
  options?: AvgPoolOptions,
  ...surplus: []
): Tensor {
  noMore("avgPool1d", surplus);
  return avgPool(x, { op: "avgPool1d", rank: 1, kernel }, options);
}

/**
 * The mean of each window of height and width; x [n, channels, height, width] or without n. See
 * {@link avgPool1d}.
 *
 * @throws ShapeError when the kernel does not fit or the padding is more than half of it;
 * DTypeError for integers.
 * @example
 * avgPool2d(tensor([[[1, 2], [3, 4]]]), 2).toArray(); // [[[2.5]]]
 */
export function avgPool2d(
  x: Tensor,
  kernel: PerAxis,
  options?: AvgPoolOptions,
  ...surplus: []
): Tensor {
  noMore("avgPool2d", surplus);
  return avgPool(x, { op: "avgPool2d", rank: 2, kernel }, options);
}
