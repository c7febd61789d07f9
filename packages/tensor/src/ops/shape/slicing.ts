/**
 * @file Parts of a tensor, and a tensor as a part of a larger one: slice and its transpose, place;
 * pad.
 */

import { checkNumber, type DType } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { given, listed } from "../../base/options.js";
import {
  checkList,
  contiguousStrides,
  formatShape,
  type Shape,
  walkStrides,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { roomFor } from "../../core/creation.js";
import { expectTensor, kindOf } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { dropping } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { copy } from "../define/walks.js";

import { reshape } from "./movement.js";

/** Where a slice begins on each axis, how it steps, and how long it is. @internal */
export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
}

const sliceOp = defineOp<readonly [Tensor], SliceAttrs>({
  name: "slice",
  infer: ([x], { sizes }) => ({ shape: sizes, dtype: x.dtype }),
  reference([x], { starts, steps }, out) {
    const strides = contiguousStrides(x.shape);
    const start = starts.reduce((sum, s, i) => sum + s * (strides[i] as number), 0);
    copy(
      x,
      strides.map((s, i) => s * (steps[i] as number)),
      start,
      out,
    );
  },
});

/**
 * One axis of a slice: all of it (null), one index that drops the axis, or [start, stop, step], of
 * which each may be left out or null. "..." stands for all axes that have no range, "newaxis" for
 * a new axis of length 1.
 */
export type SliceRange =
  | null
  | number
  | "..."
  | "newaxis"
  | readonly [start?: number | null, stop?: number | null, step?: number | null];

/** A range for each axis, with new axes between them; null for the ellipsis and what is missing. */
function spelledOut(x: Tensor, ranges: readonly SliceRange[]): SliceRange[] {
  const taken = ranges.filter((range) => typeof range !== "string").length;
  const rest = x.shape.length - taken;
  const at = ranges.indexOf("...");
  const twice = at !== ranges.lastIndexOf("...");
  if (rest < 0 || twice) {
    throw new ShapeError(
      "slice",
      `${taken} ranges${twice ? ' and two "..."' : ""} for the ${x.shape.length} axes of ` +
        formatShape(x.shape),
      "give one range for each axis, or fewer: the axes behind stay whole",
    );
  }
  const whole = Array.from({ length: rest }, () => null);
  return at < 0
    ? [...ranges, ...whole]
    : ranges.flatMap((range) => (range === "..." ? whole : [range]));
}

/**
 * Part of a tensor, as in `x[1:5, ::-1, 0]`: a range for each leading axis; negative numbers count
 * from the end; null takes everything; a number takes one place and drops the axis.
 *
 * @throws ShapeError for an index out of range or a step of 0 (ranges are clamped, as in Python).
 * @example
 * slice(arange(5), [[1, 4]]).toString(); // Tensor(int32, [3]) [1, 2, 3]
 * slice(arange(5), [[null, null, -2]]).toString(); // Tensor(int32, [3]) [4, 2, 0]
 * slice(ones([2, 3, 4]), ["...", 0, "newaxis"]).shape; // [2,3,1]
 */
export const slice = withOp(
  sliceOp,
  (x: Tensor, ranges: readonly SliceRange[], ...surplus: []): Tensor => {
    expectTensor("slice", x, surplus);
    checkList("slice", "ranges", ranges);
    const all = spelledOut(x, ranges);
    const places = all.filter((range) => range !== "newaxis");
    const parts = places.map((range, i) => resolveRange("slice", range, x.shape, i));
    const sizes = parts.map(([, , size]) => size);
    const [starts, steps] = [parts.map(([start]) => start), parts.map(([, step]) => step)];
    const part = apply(sliceOp, [x], { starts, steps, sizes });
    if (!all.some((r) => typeof r === "number" || r === "newaxis")) return part;
    let axis = 0;
    const shape = all.flatMap((range) => {
      if (range === "newaxis") return [1];
      const size = sizes[axis++] as number;
      return typeof range === "number" ? [] : [size];
    });
    return dropping(part, (x) => reshape(x, shape));
  },
);

/** Start, step and length of a range on an axis. @internal */
export function resolveRange(
  op: string,
  range: SliceRange,
  shape: Shape,
  axis: number,
): [start: number, step: number, size: number] {
  const n = shape[axis] as number;
  if (range === null) return [0, 1, n];
  if (typeof range === "number") {
    if (!Number.isInteger(range) || range < -n || range >= n) {
      throw new ShapeError(
        op,
        `index ${range} is out of range for axis ${axis} of ${formatShape(shape)}`,
        `use ${-n} … ${n - 1}`,
      );
    }
    return [range < 0 ? range + n : range, 1, 1];
  }
  checkList(op, `the places on axis ${axis}`, range);
  const [from, to] = range;
  const step = range[2] ?? 1;
  const whole = [from ?? 0, to ?? 0, step].every((v) => Number.isInteger(v));
  if (!whole || step === 0 || range.length > 3) {
    throw new ShapeError(
      op,
      `[${range.join(", ")}] is no range on axis ${axis} of ${formatShape(shape)}`,
      "write [start, stop, step]: whole numbers or null, and a step other than 0",
    );
  }
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const place = (v: number | null | undefined, otherwise: number): number => {
    if (v === null || v === undefined) return otherwise;
    return Math.min(Math.max(v < 0 ? v + n : v, low), high);
  };
  const start = place(from, step > 0 ? low : high);
  const stop = place(to, step > 0 ? high : low);
  return [start, step, Math.max(0, Math.ceil((stop - start) / step))];
}

/** Where a tensor is placed inside a larger one, and what fills the rest. @internal */
export interface PlaceAttrs {
  readonly shape: Shape;
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly value: number;
}

const placeOp = defineOp<readonly [Tensor], PlaceAttrs>({
  name: "place",
  infer([x], { shape, starts, steps }) {
    const fits = x.shape.every((n, i) => {
      const [start = -1, step = 0] = [starts[i], steps[i]];
      const last = start + (n - 1) * step;
      const length = shape[i] ?? 0;
      return n === 0 || (start >= 0 && start < length && last >= 0 && last < length);
    });
    if (!fits || x.shape.length !== shape.length) {
      throw new ShapeError(
        "place",
        `${formatShape(x.shape)} from [${starts}] by [${steps}] leaves ${formatShape(shape)}`,
        "every element must have a place inside",
      );
    }
    return { shape, dtype: x.dtype };
  },
  reference([x], { starts, steps, value }, out) {
    const strides = contiguousStrides(out.shape);
    const start = starts.reduce((sum, s, i) => sum + s * (strides[i] as number), 0);
    if (!Object.is(value, 0)) out.data.fill(value);
    walkStrides(x.shape, [strides.map((s, i) => s * (steps[i] as number))], (k, [at]) => {
      out.data[start + (at as number)] = x.data[k] as number;
    });
  },
});

/** Puts `x` into a tensor of `shape` filled with `value`: the transpose of slicing. @internal */
export const place = withOp(placeOp, (x: Tensor, attrs: PlaceAttrs): Tensor => {
  const { shape, starts, steps, value } = attrs;
  const own = { shape: [...shape], starts: [...starts], steps: [...steps], value };
  return apply(placeOp, [x], own);
});

/** A number as an element of a dtype: 0 or 1 for bool, without its fraction for int32. */
function elementOf(op: string, value: number, dtype: DType): number {
  if (typeof value !== "number")
    throw new DTypeError(op, `the value is ${kindOf(value)}`, "give a number");
  checkNumber(op, value, dtype);
  return dtype === "bool" ? Number(value !== 0) : dtype === "int32" ? Math.trunc(value) : value;
}

/**
 * Adds a border of `value`: `widths[i] = [before, after]` for each axis.
 *
 * @noMethod
 *
 * @throws ShapeError unless there are two whole numbers ≥ 0 for each axis; DTypeError for a value
 * that int32 does not hold.
 * @example
 * pad(tensor([1, 2]), [[1, 0]]).toString(); // Tensor(float32, [3]) [0, 1, 2]
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  options?: { readonly value?: number | undefined },
): Tensor {
  expectTensor("pad", x);
  const { value = 0 } = given("pad", options, "value#");
  checkList("pad", "widths", widths);
  if (
    widths.length !== x.shape.length ||
    widths.some((w) => !Array.isArray(w) || w.length !== 2) ||
    widths.flat().some((w) => !Number.isInteger(w) || w < 0)
  ) {
    throw new ShapeError(
      "pad",
      `widths ${listed(widths)} do not fit ${formatShape(x.shape)}`,
      "give [before, after] ≥ 0 for every axis",
    );
  }
  const shape = x.shape.map((n, i) => n + (widths[i]?.[0] ?? 0) + (widths[i]?.[1] ?? 0));
  roomFor("pad", shape, x.dtype, x.device);
  return place(x, {
    shape,
    starts: widths.map((w) => w[0]),
    steps: x.shape.map(() => 1),
    value: elementOf("pad", value, x.dtype),
  });
}
