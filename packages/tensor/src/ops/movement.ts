/** @file Moving elements without arithmetic: reshape, permute, broadcast, slice, place, flip, concat, split. */
import type { View } from "../devices/device.js";
import { ShapeError } from "../errors.js";
import { apply, applyMany, contiguous, defineOp, expectTensor, withOp } from "../op.js";
import {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  resolveShape,
  type Shape,
  sizeOf,
} from "../shape.js";
import type { Tensor } from "../tensor.js";
import { promoted } from "./cast.js";
import { walk } from "./define.js";

const copy = (x: View, strides: readonly number[], start: number, out: View): void => {
  walk(out.shape, [strides], (k, [at]) => {
    out.data[k] = x.data[start + (at as number)] as number;
  });
};

const reshapeOp = defineOp<readonly [Tensor], { readonly shape: Shape }>({
  name: "reshape",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  view([x]) {
    contiguous(x);
    return null;
  },
});

/**
 * The same elements in another shape; one length may be −1. Free: shares memory.
 *
 * @throws ShapeError when the number of elements changes.
 * @example
 * reshape(arange(6), [2, -1]).shape; // [2,3]
 */
export const reshape = withOp(reshapeOp, (x: Tensor, shape: Shape): Tensor => {
  expectTensor("reshape", x);
  return apply(reshapeOp, [x], { shape: resolveShape("reshape", x.size, x.shape, shape) });
});

const permuteOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "permuteDims",
  infer: ([x], { axes }) => ({ shape: axes.map((a) => x.shape[a] as number), dtype: x.dtype }),
  view([x], { axes }) {
    // the transpose of a matrix, the common case, without arrays in between
    if (axes.length === 2 && axes[0] === 1 && x.strides === null) return [1, x.shape[1] as number];
    const strides = x.strides ?? contiguousStrides(x.shape);
    return axes.map((a) => strides[a] as number);
  },
  reference([x], { axes }, out) {
    const strides = contiguousStrides((x as View).shape);
    copy(
      x as View,
      axes.map((a) => strides[a] as number),
      0,
      out,
    );
  },
});

/**
 * Reorders the axes; reverses them when none are given. Free for matmul and einsum, copied once by others.
 *
 * @example
 * permuteDims(zeros([2, 3, 4]), [2, 0, 1]).shape; // [4,2,3]
 */
export const permuteDims = withOp(permuteOp, (x: Tensor, axes?: readonly number[]): Tensor => {
  expectTensor("permuteDims", x);
  const rank = x.shape.length;
  const order = axes ?? x.shape.map((_, i) => rank - 1 - i);
  const full = order.map((a) => normalizeAxis("permuteDims", a, rank));
  if (full.length !== rank || new Set(full).size !== rank) {
    throw new ShapeError(
      "permuteDims",
      `[${order.join(", ")}] is not an order of the ${rank} axes of ${formatShape(x.shape)}`,
    );
  }
  return apply(permuteOp, [x], { axes: full });
});

const broadcastOp = defineOp<readonly [Tensor], { readonly shape: Shape }>({
  name: "broadcastTo",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  view: ([x], { shape }) => broadcastStrides(x.shape, shape, x.strides),
  reference: ([x], { shape }, out) => {
    copy(x as View, broadcastStrides((x as View).shape, shape), 0, out);
  },
});

/**
 * Repeats `x` along axes of length 1 and new leading axes.
 *
 * @throws ShapeError when x does not broadcast to the shape.
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]).toArray(); // [[1,2],[1,2]]
 */
export const broadcastTo = withOp(broadcastOp, (x: Tensor, shape: Shape): Tensor => {
  expectTensor("broadcastTo", x);
  const lead = shape.length - x.shape.length;
  const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === shape[i + lead]);
  if (!fits) {
    throw new ShapeError(
      "broadcastTo",
      `${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
      "axes are aligned on the right; only lengths of 1 stretch",
    );
  }
  return apply(broadcastOp, [x], { shape });
});

/** Where a slice begins on each axis, how it steps, and how long it is. */
export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
}

const sliceOp = defineOp<readonly [Tensor], SliceAttrs>({
  name: "slice",
  infer: ([x], { sizes }) => ({ shape: sizes, dtype: x.dtype }),
  reference([x], { starts, steps }, out) {
    const strides = contiguousStrides((x as View).shape);
    const start = starts.reduce((sum, s, i) => sum + s * (strides[i] as number), 0);
    copy(
      x as View,
      strides.map((s, i) => s * (steps[i] as number)),
      start,
      out,
    );
  },
});

/** One axis of a slice: all of it (null), one index that drops the axis, or [start, stop, step]. */
export type SliceRange =
  | null
  | number
  | readonly [start: number | null, stop?: number | null, step?: number];

/**
 * Part of a tensor, as in `x[1:5, ::-1, 0]`: a range for each leading axis; negative numbers count from the
 * end; null takes everything; a number takes one place and drops the axis.
 *
 * @throws ShapeError for an index out of range or a step of 0 (ranges are clamped, as in Python).
 * @example
 * slice(arange(5), [[1, 4]]).toString(); // Tensor(int32, [3]) [1, 2, 3]
 * slice(arange(5), [[null, null, -2]]).toString(); // Tensor(int32, [3]) [4, 2, 0]
 */
export const slice = withOp(sliceOp, (x: Tensor, ranges: readonly SliceRange[]): Tensor => {
  expectTensor("slice", x);
  if (ranges.length > x.shape.length) {
    throw new ShapeError(
      "slice",
      `${ranges.length} ranges for the ${x.shape.length} axes of ${formatShape(x.shape)}`,
    );
  }
  const starts: number[] = [];
  const steps: number[] = [];
  const sizes: number[] = [];
  x.shape.forEach((n, i) => {
    const [start, step, size] = resolveRange(ranges[i] ?? null, n, i);
    starts.push(start);
    steps.push(step);
    sizes.push(size);
  });
  const part = apply(sliceOp, [x], { starts, steps, sizes });
  if (!ranges.some((r) => typeof r === "number")) return part;
  const shaped = reshape(
    part,
    sizes.filter((_, i) => typeof ranges[i] !== "number"),
  );
  part.dispose();
  return shaped;
});

function resolveRange(range: SliceRange, n: number, axis: number): [number, number, number] {
  if (range === null) return [0, 1, n];
  if (typeof range === "number") {
    if (!Number.isInteger(range) || range < -n || range >= n) {
      throw new ShapeError(
        "slice",
        `index ${range} is out of range for axis ${axis} of length ${n}`,
      );
    }
    return [range < 0 ? range + n : range, 1, 1];
  }
  const step = range[2] ?? 1;
  if (!Number.isInteger(step) || step === 0)
    throw new ShapeError("slice", `step ${step} on axis ${axis}`);
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const place = (v: number | null | undefined, otherwise: number): number => {
    if (v === null || v === undefined) return otherwise;
    return Math.min(Math.max(v < 0 ? v + n : v, low), high);
  };
  const start = place(range[0], step > 0 ? low : high);
  const stop = place(range[1], step > 0 ? high : low);
  return [start, step, Math.max(0, Math.ceil((stop - start) / step))];
}

/** Where a tensor is placed inside a larger one, and what fills the rest. */
export interface PlaceAttrs {
  readonly shape: Shape;
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly value: number;
}

const placeOp = defineOp<readonly [Tensor], PlaceAttrs>({
  name: "place",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  reference([x], { starts, steps, value }, out) {
    const view = x as View;
    const strides = contiguousStrides(out.shape);
    const start = starts.reduce((sum, s, i) => sum + s * (strides[i] as number), 0);
    if (value !== 0) out.data.fill(value);
    walk(view.shape, [strides.map((s, i) => s * (steps[i] as number))], (k, [at]) => {
      out.data[start + (at as number)] = view.data[k] as number;
    });
  },
});

/** Puts `x` into a tensor of `shape` filled with `value`: the transpose of slicing. */
export const place = withOp(placeOp, (x: Tensor, attrs: PlaceAttrs): Tensor => {
  return apply(placeOp, [x], attrs);
});

/**
 * Adds a border of `value`: `widths[i] = [before, after]` for each axis.
 *
 * @example
 * pad(tensor([1, 2]), [[1, 0]]).toString(); // Tensor(float32, [3]) [0, 1, 2]
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  options: { readonly value?: number } = {},
): Tensor {
  if (
    widths.length !== x.shape.length ||
    widths.flat().some((w) => !Number.isInteger(w) || w < 0)
  ) {
    throw new ShapeError(
      "pad",
      `widths ${JSON.stringify(widths)} do not fit ${formatShape(x.shape)}`,
      "give [before, after] ≥ 0 for every axis",
    );
  }
  return place(x, {
    shape: x.shape.map((n, i) => n + (widths[i]?.[0] ?? 0) + (widths[i]?.[1] ?? 0)),
    starts: widths.map((w) => w[0]),
    steps: x.shape.map(() => 1),
    value: options.value ?? 0,
  });
}

const concatOp = defineOp<readonly Tensor[], { readonly axis: number }>({
  name: "concat",
  infer(inputs, { axis }) {
    const first = inputs[0] as Tensor;
    let length = 0;
    for (const x of inputs) {
      const fits = x.shape.length === first.shape.length && x.dtype === first.dtype;
      if (!fits || x.shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        throw new ShapeError(
          "concat",
          `cannot join ${inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ")} along axis ${axis}`,
          "shapes must agree on every other axis, and dtypes must be equal",
        );
      }
      length += x.shape[axis] as number;
    }
    return { shape: first.shape.map((n, i) => (i === axis ? length : n)), dtype: first.dtype };
  },
  reference(inputs, { axis }, out) {
    const inner = sizeOf(out.shape.slice(axis + 1));
    const row = (out.shape[axis] as number) * inner;
    let at = 0;
    for (const x of inputs) {
      const length = (x.shape[axis] as number) * inner;
      for (let o = 0; o * length < x.data.length; o++) {
        out.data.set(x.data.subarray(o * length, (o + 1) * length) as never, o * row + at);
      }
      at += length;
    }
  },
});

/**
 * Joins tensors along an existing axis; an axis of null joins the flattened tensors. Dtypes promote.
 *
 * @throws ShapeError when they differ elsewhere, or there is none.
 * @example
 * concat([tensor([1]), tensor([2, 3])]).toString(); // Tensor(float32, [3]) [1, 2, 3]
 */
export const concat = withOp(
  concatOp,
  (tensors: readonly Tensor[], options: { readonly axis?: number | null } = {}): Tensor => {
    const first = tensors[0];
    if (first === undefined) throw new ShapeError("concat", "no tensors to join");
    if (tensors.some((x) => x.dtype !== first.dtype)) {
      return promoted(tensors, (same) => concat(same, options));
    }
    if (options.axis === null) {
      const flat = tensors.map((x) => reshape(x, [x.size]));
      const joined = apply(concatOp, flat, { axis: 0 });
      for (const x of flat) x.dispose();
      return joined;
    }
    const axis = normalizeAxis("concat", options.axis ?? 0, first.shape.length);
    return apply(concatOp, tensors, { axis });
  },
);

const splitOp = defineOp<
  readonly [Tensor],
  { readonly axis: number; readonly sizes: readonly number[] }
>({
  name: "split",
  infer: ([x]) => x,
  inferMany: ([x], { axis, sizes }) =>
    sizes.map((n) => ({ shape: x.shape.map((m, i) => (i === axis ? n : m)), dtype: x.dtype })),
  referenceMany([x], { axis, sizes }, outs) {
    const view = x as View;
    const strides = contiguousStrides(view.shape);
    let start = 0;
    outs.forEach((out, i) => {
      copy(view, strides, start * (strides[axis] as number), out);
      start += sizes[i] as number;
    });
  },
});

/**
 * Cuts a tensor into parts along an axis: a number of equal parts, or their lengths.
 *
 * @example
 * split(arange(4), 2)[1]?.toString(); // Tensor(int32, [2]) [2, 3]
 */
export const split = withOp(
  splitOp,
  (
    x: Tensor,
    parts: number | readonly number[],
    options: { readonly axis?: number } = {},
  ): Tensor[] => {
    const axis = normalizeAxis("split", options.axis ?? 0, x.shape.length);
    const n = x.shape[axis] as number;
    const sizes = typeof parts === "number" ? new Array<number>(parts).fill(n / parts) : parts;
    if (
      sizes.reduce((a, b) => a + b, 0) !== n ||
      sizes.some((s) => !Number.isInteger(s) || s < 0)
    ) {
      throw new ShapeError(
        "split",
        `axis ${axis} of length ${n} does not split into ${typeof parts === "number" ? `${parts} equal parts` : `[${parts.join(", ")}]`}`,
      );
    }
    return applyMany(splitOp, [x], { axis, sizes });
  },
);

const flipOp = defineOp<readonly [Tensor], { readonly axes: readonly number[] }>({
  name: "flip",
  infer: ([x]) => x,
  reference([x], { axes }, out) {
    const view = x as View;
    const strides = contiguousStrides(view.shape);
    let start = 0;
    for (const a of axes) start += ((view.shape[a] as number) - 1) * (strides[a] as number);
    copy(
      view,
      strides.map((s, i) => (axes.includes(i) ? -s : s)),
      start,
      out,
    );
  },
});

/** Reverses the order along `axis` (all axes when absent). */
export const flip = withOp(
  flipOp,
  (x: Tensor, options: { readonly axis?: number | readonly number[] } = {}): Tensor => {
    return apply(flipOp, [x], { axes: normalizeAxes("flip", options.axis, x.shape.length) });
  },
);
