/**
 * @file Arithmetic of sliding windows: options as users give them, made whole and checked. Knows no
 * tensor.
 */

import { ShapeError } from "../../base/errors.js";
import { listed } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";

/** One number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[];

/** Zeros before and after each spatial axis, or a rule for their number. */
export type Padding = PerAxis | "same" | "valid";

/**
 * How a window moves over one axis: its places, their distance, the distance of windows, borders.
 *
 * @internal
 */
export interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Options of {@link windowsOf}. @internal */
export interface WindowOptions {
  readonly stride?: PerAxis | undefined;
  readonly dilation?: PerAxis | undefined;
  readonly padding?: Padding | undefined;
}

/** The window of an axis that stays as it is. @internal */
export const FLAT: AxisWindow = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** A pair for height and width; of one axis alone, it is for the width. @internal */
export function twoAxes<T>(flat: T, [first, second]: readonly T[]): readonly [T, T] {
  return second === undefined ? [flat, first ?? flat] : [first ?? flat, second];
}

/** Length from the first place of a window to its last. @internal */
export function extent({ kernel, dilation }: AxisWindow): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * How many windows fit into an axis of length n: `⌊(n + before + after − extent) / stride⌋ + 1`.
 *
 * @internal
 */
export function windowCount(n: number, w: AxisWindow): number {
  return Math.floor((n + w.before + w.after - extent(w)) / w.stride) + 1;
}

/** A number for each of `rank` axes, whole and at least `least`. @internal */
export function perAxis(
  op: string,
  what: string,
  given: PerAxis,
  rank: number,
  least: number,
): readonly number[] {
  const list = typeof given === "number" ? new Array<number>(rank).fill(given) : given;
  if (
    Array.isArray(list) &&
    list.length === rank &&
    list.every((v) => Number.isInteger(v) && v >= least)
  )
    return list;
  throw new ShapeError(
    op,
    `${what} is ${listed(given)}`,
    `give a whole number ≥ ${least}${rank === 1 ? "" : `, or ${rank} of them`}`,
  );
}

/** The windows of a kernel over the spatial axes of an input. @internal */
export function windowsOf(
  op: string,
  kernel: Shape,
  input: Shape,
  options: WindowOptions,
): readonly AxisWindow[] {
  const rank = kernel.length;
  const { padding = 0 } = options;
  const strides = perAxis(op, "stride", options.stride ?? 1, rank, 1);
  const dilations = perAxis(op, "dilation", options.dilation ?? 1, rank, 1);
  if (padding === "same" && strides.some((s) => s !== 1)) {
    throw new ShapeError(op, 'padding "same" needs a stride of 1', "give the padding as numbers");
  }
  const fixed =
    padding === "same" || padding === "valid" ? [] : perAxis(op, "padding", padding, rank, 0);
  return kernel.map((k, i) => {
    const [stride, dilation] = [strides[i] as number, dilations[i] as number];
    const total = padding === "same" ? (k - 1) * dilation : 2 * (fixed[i] ?? 0);
    const before = Math.floor(total / 2); // as PyTorch: the odd one comes after
    const window = { kernel: k, stride, dilation, before, after: total - before };
    if (windowCount(input[i] as number, window) < 1) {
      throw new ShapeError(
        op,
        `a window of ${extent(window)} does not fit into the ${input[i]} + ${total} places ` +
          `of axis ${i} of ${formatShape(input)}`,
        "use a smaller kernel or more padding",
      );
    }
    return window;
  });
}

/** The windows along height and width, and what stands in the border. @internal */
export interface UnfoldAttrs {
  readonly windows: readonly [AxisWindow, AxisWindow];
  readonly value: number;
}

/** The windows along height and width, and the lengths of those. @internal */
export interface FoldAttrs {
  readonly windows: readonly [AxisWindow, AxisWindow];
  readonly size: readonly [number, number];
}
