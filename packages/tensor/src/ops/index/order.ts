/** @file Sorting and searching: the order is one op, what follows from it is made of others. */

import { promoteTypes, type TypedArray } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import { contiguousStrides, formatShape, normalizeAxis, walkStrides } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { converted, lifted } from "../define/lift.js";
import { exactType } from "../elementwise/cast.js";
import { slice } from "../shape/slicing.js";
import { checkIndices } from "./places.js";
import { take, takeAlongAxis } from "./take.js";

/** Along which axis to sort (default: the last), and which way. */
export interface SortOptions {
  readonly axis?: number | undefined;
  readonly descending?: boolean | undefined;
}

/** @internal */
export interface SortAttrs {
  readonly axis: number;
  readonly descending: boolean;
}

/**
 * −1, 0 or 1 as a sorts before, with or after b; NaN after everything, and zeros of both signs
 * equal.
 *
 * @internal
 */
export function order(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

const argsortOp = defineOp<readonly [Tensor], SortAttrs>({
  name: "argsort",
  infer: ([x]) => ({ shape: x.shape, dtype: "int32" }),
  reference([x], { axis, descending }, out) {
    const { shape, data } = x;
    const n = shape[axis] as number;
    if (n === 0) return;
    const strides = contiguousStrides(shape);
    const step = strides[axis] as number;
    const row = new Float64Array(n);
    const places = new Int32Array(n);
    const heads = shape.map((m, i) => (i === axis ? 1 : m));
    const way = descending ? -1 : 1;
    walkStrides(heads, [strides], (_, [base]) => {
      for (let i = 0; i < n; i++) {
        row[i] = data[(base as number) + i * step] as number;
        places[i] = i;
      }
      // Places that tie stay in their order, whatever the engine's sort does.
      places.sort((i, j) => way * order(row[i] as number, row[j] as number) || i - j);
      for (let i = 0; i < n; i++) out.data[(base as number) + i * step] = places[i] as number;
    });
  },
});

function sorting(op: string, x: Tensor, options: SortOptions | undefined): SortAttrs {
  expectTensor(op, x);
  const { axis = -1, descending = false } = given(op, options, "axis descending?");
  return { axis: normalizeAxis(op, axis, x.shape), descending };
}

/**
 * The places that sort `x` along an axis, as int32: `takeAlongAxis(x, argsort(x))` is sorted.
 * Stable; NaN counts as larger than everything.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * argsort(tensor([3, 1, 2])).toArray(); // [1,2,0]
 */
export const argsort = withOp(argsortOp, (x: Tensor, options?: SortOptions): Tensor => {
  return apply(argsortOp, [x], sorting("argsort", x, options));
});

/**
 * The elements in order along an axis. Stable; NaN counts as larger than everything. The gradient
 * goes back to where each element came from.
 *
 * @throws ShapeError for a 0-d tensor.
 * @example
 * sort(tensor([3, 1, 2]), { descending: true }).toArray(); // [3,2,1]
 */
export function sort(x: Tensor, options?: SortOptions): Tensor {
  const how = sorting("sort", x, options);
  return scope(() => takeAlongAxis(x, apply(argsortOp, [x], how), { axis: how.axis }));
}

/**
 * The k largest (or smallest) elements along an axis, in order, and their places:
 * `[values, indices]`.
 *
 * @throws ShapeError when k is larger than the axis.
 * @example
 * topK(tensor([3, 9, 5]), 2)[0].toArray(); // [9,5]
 * topK(tensor([3, 9, 5]), 2)[1].toArray(); // [1,2]
 */
export function topK(
  x: Tensor,
  k: number,
  options?: { readonly axis?: number | undefined; readonly largest?: boolean | undefined },
): [values: Tensor, indices: Tensor] {
  expectTensor("topK", x);
  const chosen = given("topK", options, "axis largest?");
  const axis = normalizeAxis("topK", chosen.axis ?? -1, x.shape);
  if (!Number.isInteger(k) || k < 0 || k > (x.shape[axis] as number)) {
    throw new ShapeError(
      "topK",
      `there are no ${shown(k)} places on axis ${axis} of ${formatShape(x.shape)}`,
      `k is a whole number from 0 to ${x.shape[axis]}`,
    );
  }
  return scope(() => {
    const places = argsort(x, { axis, descending: chosen.largest ?? true });
    const first = x.shape.map((_, i) => (i === axis ? ([0, k] as const) : null));
    const indices = slice(places, first);
    return [takeAlongAxis(x, indices, { axis }), indices];
  });
}

/** On which side of equal elements a value goes. @internal */
export type Side = "left" | "right";

const searchOp = defineOp<readonly [Tensor, Tensor], { readonly side: Side }>({
  name: "searchsorted",
  infer: ([, values]) => ({ shape: values.shape, dtype: "int32" }),
  reference([sorted, values], { side }, out) {
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = place(sorted.data, values.data[i] as number, side === "left" ? 0 : 1);
    }
  },
});

/** How many elements order before `value` (with `ties` 1: before or with it). */
function place(sorted: TypedArray, value: number, ties: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(sorted[middle] as number, value) < ties) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where each value would go in a sorted vector to keep it sorted, as int32: before equal elements
 * ("left") or after them. `sorter` gives the order of a vector that is not sorted.
 *
 * @throws ShapeError unless the vector is 1-d; UsageError for another side.
 * @example
 * searchsorted(tensor([1, 2, 2, 3]), tensor([2, 9])).toArray(); // [1,4]
 */
export const searchsorted = withOp(
  searchOp,
  (
    sorted: Tensor,
    values: TensorLike,
    options?: { readonly side?: Side | undefined; readonly sorter?: Tensor | undefined },
  ): Tensor => {
    expectTensor("searchsorted", sorted);
    if (!(values instanceof Tensor)) {
      const find = (v: Tensor): Tensor => searchsorted(sorted, v, options);
      return lifted("searchsorted", values, find, "bool", sorted);
    }
    expectTensor("searchsorted", values);
    const { side = "left", sorter } = given("searchsorted", options, "side sorter");
    if (side !== "left" && side !== "right") {
      throw new UsageError(
        "searchsorted",
        `there is no side ${shown(side)}`,
        'use "left" or "right"',
      );
    }
    if (sorted.shape.length !== 1) {
      throw new ShapeError(
        "searchsorted",
        `${formatShape(sorted.shape)} is not 1-d`,
        "search row by row",
      );
    }
    if (sorter !== undefined) {
      checkIndices("searchsorted", sorter);
      return scope(() => searchsorted(take(sorted, sorter), values, { side }));
    }
    const dtype = exactType(promoteTypes(sorted.dtype, values.dtype), [sorted, values]);
    return converted(sorted, dtype, (s) =>
      converted(values, dtype, (v) => apply(searchOp, [s, v], { side })),
    );
  },
);
