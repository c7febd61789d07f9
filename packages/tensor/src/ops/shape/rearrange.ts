/** @file Elements in another order or more than once: repeat, tile, roll, meshgrid. */

import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import {
  broadcastShapes,
  checkList,
  formatShape,
  normalizeAxis,
  type Shape,
} from "../../base/shape.js";
import { fromTypedArray, roomFor } from "../../core/creation.js";
import { expectTensor, expectTensors } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";

import { take } from "../index/take.js";
import { broadcastTo, reshape } from "./movement.js";
import { slice } from "./slicing.js";
import { concat } from "./stack.js";

function isList<T>(x: T | readonly number[]): x is readonly number[] {
  return Array.isArray(x);
}

/**
 * Repeats each element along an axis (default: of the flattened tensor): all of them this many
 * times, or each its own number of times.
 *
 * @throws ShapeError for numbers below 0, or unless there is one number for each element.
 * @example
 * repeat(tensor([1, 2]), 2).toArray(); // [1,1,2,2]
 * repeat(tensor([1, 2]), [0, 3]).toArray(); // [2,2,2]
 */
export function repeat(
  x: Tensor,
  times: number | readonly number[] | Tensor,
  options?: { readonly axis?: number | null | undefined },
): Tensor {
  expectTensor("repeat", x);
  const { axis: along = null } = given("repeat", options, "axis");
  if (along === null) {
    return scope(() => repeat(reshape(x, [x.size]), times, { axis: 0 }));
  }
  const axis = normalizeAxis("repeat", along, x.shape);
  const n = x.shape[axis] as number;
  const list = countsOf(times);
  const each = list.length === 1 ? list[0] : undefined;
  if (
    (each === undefined && list.length !== n) ||
    list.some((t) => !Number.isInteger(t) || t < 0)
  ) {
    const places = `the ${n} places of axis ${axis} of ${formatShape(x.shape)}`;
    throw new ShapeError(
      "repeat",
      `cannot repeat ${places} ${shown(list)} times`,
      "give one whole number ≥ 0, or one for each place",
    );
  }
  const total = each === undefined ? list.reduce((sum, t) => sum + t, 0) : n * each;
  roomFor("repeat", [total], "int32", x.device);
  const shape = x.shape.map((m, i) => (i === axis ? total : m));
  roomFor("repeat", shape, x.dtype, x.device);
  const places = new Int32Array(total);
  let end = 0;
  for (let i = 0; i < n; i++) {
    const start = end;
    end += each ?? (list[i] as number);
    places.fill(i, start, end);
  }
  return scope(() => take(x, fromTypedArray(places, [places.length], "int32", x.device), { axis }));
}

function countsOf(times: number | readonly number[] | Tensor): readonly number[] {
  if (typeof times === "number") return [times];
  if (isList(times)) return times;
  expectTensor("repeat", times);
  return Array.from(times.dataSync());
}

/**
 * The tensors stretched to the shape that they broadcast to together.
 *
 * @throws ShapeError when they do not broadcast.
 * @example
 * broadcastArrays(ones([2, 1]), ones([3])).map((x) => x.shape); // [[2,3],[2,3]]
 */
export function broadcastArrays(...tensors: readonly Tensor[]): Tensor[] {
  expectTensors("broadcastArrays", tensors);
  const shape = tensors.reduce<Shape>((s, x) => broadcastShapes("broadcastArrays", s, x.shape), []);
  return scope(() => tensors.map((x) => broadcastTo(x, shape)));
}

/**
 * Coordinates of a grid: one tensor for each 1-d (or 0-d) input, all of the shape of the grid. "xy"
 * (the default of the standard) swaps the first two axes; "ij" leaves them.
 *
 * @throws ShapeError for inputs of rank 2 and more; UsageError for another indexing.
 * @example
 * meshgrid([arange(2), arange(3)], { indexing: "ij" })[0]?.toArray(); // [[0,0,0],[1,1,1]]
 */
export function meshgrid(
  tensors: readonly Tensor[],
  options?: { readonly indexing?: "xy" | "ij" | undefined },
  ...surplus: []
): Tensor[] {
  const { indexing = "xy" } = given("meshgrid", options, "indexing");
  noMore("meshgrid", surplus);
  if (indexing !== "xy" && indexing !== "ij") {
    throw new UsageError("meshgrid", `there is no indexing ${shown(indexing)}`, 'use "xy" or "ij"');
  }
  expectTensors("meshgrid", tensors);
  for (const x of tensors) {
    if (x.shape.length <= 1) continue;
    throw new ShapeError(
      "meshgrid",
      `${formatShape(x.shape)} is not 1-d`,
      "give the coordinates along each axis as a vector",
    );
  }
  const swap = indexing === "xy" && tensors.length > 1;
  const place = (i: number) => (swap && i < 2 ? 1 - i : i);
  const sizes = tensors.map((x) => x.size);
  const shape = sizes.map((_, i) => sizes[place(i)] as number);
  return scope(() =>
    tensors.map((x, i) => {
      const own = shape.map((_, d) => (d === place(i) ? x.size : 1));
      return broadcastTo(reshape(x, own), shape);
    }),
  );
}

/**
 * Repeats the whole tensor `times[i]` times along each axis.
 *
 * @noMethod
 *
 * @throws ShapeError unless the times are whole numbers ≥ 0.
 */
export function tile(x: Tensor, times: readonly number[], ...surplus: []): Tensor {
  expectTensor("tile", x, surplus);
  checkList("tile", "times", times);
  if (times.some((t) => !Number.isInteger(t) || t < 0)) {
    throw new ShapeError(
      "tile",
      `cannot repeat ${formatShape(x.shape)} ${shown(times)} times`,
      "give a whole number ≥ 0 for each axis",
    );
  }
  const rank = Math.max(times.length, x.shape.length);
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const repeats = [...new Array<number>(rank - times.length).fill(1), ...times];
  const whole = shape.map((n, i) => n * (repeats[i] as number));
  roomFor("tile", whole, x.dtype, x.device);
  return scope(() => {
    const spread = broadcastTo(
      reshape(
        x,
        shape.flatMap((n) => [1, n]),
      ),
      shape.flatMap((n, i) => [repeats[i] as number, n]),
    );
    return reshape(spread, whole);
  });
}

/**
 * Shifts elements along an axis, or several by a shift each; what falls off one end comes back at
 * the other. Without an axis (or with null) the flattened tensor is shifted.
 *
 * @noMethod
 *
 * @throws ShapeError for an axis out of range, or shifts that do not match the axes.
 * @example
 * roll(tensor([[1, 2], [3, 4]]), 1).toArray(); // [[4,1],[2,3]]
 * roll(tensor([[1, 2], [3, 4]]), 1, { axis: 0 }).toArray(); // [[3,4],[1,2]]
 */
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  options?: { readonly axis?: number | readonly number[] | null | undefined },
): Tensor {
  expectTensor("roll", x);
  const { axis } = given("roll", options, "axis");
  if (axis === undefined || axis === null) {
    return scope(() => reshape(roll(reshape(x, [x.size]), shift, { axis: 0 }), x.shape));
  }
  if (typeof axis === "number" && typeof shift === "number") return rollOne(x, shift, axis);
  const axes = [axis].flat();
  const shifts = isList(shift) ? shift : axes.map(() => shift);
  if (shifts.length !== axes.length) {
    throw new ShapeError(
      "roll",
      `${shifts.length} shifts are given for ${axes.length} axes of ${formatShape(x.shape)}`,
      "give one shift, or one for each axis",
    );
  }
  return scope(() =>
    axes.reduce((y, a, i) => rollOne(y, shifts[i] as number, a), reshape(x, x.shape)),
  );
}

function rollOne(x: Tensor, shift: number, along: number): Tensor {
  const axis = normalizeAxis("roll", along, x.shape);
  if (!Number.isInteger(shift)) {
    throw new ShapeError(
      "roll",
      `cannot shift ${formatShape(x.shape)} by ${shown(shift)}`,
      "a shift is a whole number",
    );
  }
  const n = x.shape[axis] as number;
  const k = n === 0 ? 0 : ((shift % n) + n) % n;
  const part = (start: number, stop: number) =>
    slice(
      x,
      x.shape.map((_, i) => (i === axis ? ([start, stop] as const) : null)),
    );
  return scope(() => concat([part(n - k, n), part(0, n - k)], { axis }));
}
