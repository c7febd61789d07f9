/** @file Functions made of other ops, differentiable because those are. */

import { isFloat } from "../../base/dtype.js";
import { ShapeError } from "../../base/errors.js";
import {
  checkList,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  shapesEqual,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor, expectTensors } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { full } from "../creation.js";

import { div, mul } from "../elementwise/binary.js";
import { equal, greater, less, where } from "../elementwise/compare.js";
import { abs, sqrt } from "../elementwise/unary.js";
import { max, type ReduceOptions, variance } from "../reduce.js";
import { broadcastTo, concat, permuteDims, reshape, slice } from "./movement.js";

/**
 * `+x`: the same values behind a new handle.
 *
 * @example
 * positive(tensor([-1, 2])).toArray(); // [-1,2]
 */
export function positive(x: Tensor): Tensor {
  expectTensor("positive", x);
  return reshape(x, x.shape);
}

/**
 * Inserts an axis of length 1 at `axis` (the first unless said), or several, counted in the result.
 *
 * @throws ShapeError for an axis out of range or given twice.
 * @example
 * expandDims(zeros([2, 3]), [0, -1]).shape; // [1,2,3,1]
 */
export function expandDims(x: Tensor, axis: number | readonly number[] = 0): Tensor {
  expectTensor("expandDims", x);
  const added = Array.isArray(axis) ? axis.length : 1;
  const axes = normalizeAxes("expandDims", axis ?? Number.NaN, x.shape.length + added);
  const shape = [...x.shape];
  for (const at of axes) shape.splice(at, 0, 1);
  return reshape(x, shape);
}

/**
 * Removes axes of length 1: those given, or all of them.
 *
 * @throws ShapeError when a given axis is longer than 1.
 */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  expectTensor("squeeze", x);
  const axes = axis === undefined ? undefined : normalizeAxes("squeeze", axis, x.shape);
  for (const a of axes ?? []) {
    if (x.shape[a] !== 1) {
      throw new ShapeError(
        "squeeze",
        `axis ${a} of ${formatShape(x.shape)} is not of length 1`,
        "leave the axis out to remove those that are, or reshape",
      );
    }
  }
  return reshape(
    x,
    x.shape.filter((n, i) => (axes === undefined ? n !== 1 : !axes.includes(i))),
  );
}

/**
 * Joins tensors of one shape along a new axis.
 *
 * @throws ShapeError when shapes differ, or there is no tensor.
 */
export function stack(
  tensors: readonly Tensor[],
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  const { axis = 0 } = options;
  expectTensors("stack", tensors);
  const first = tensors[0];
  if (first === undefined) {
    throw new ShapeError("stack", "no tensors to join", "give a list of one or more");
  }
  const other = tensors.find((x) => !shapesEqual(x.shape, first.shape));
  if (other !== undefined) {
    throw new ShapeError(
      "stack",
      `shapes differ: ${formatShape(first.shape)} and ${formatShape(other.shape)}`,
      "all must have one shape; concat joins along an axis that is there",
    );
  }
  return scope(() =>
    concat(
      tensors.map((x) => expandDims(x, axis)),
      { axis: normalizeAxis("stack", axis, first.shape.length + 1) },
    ),
  );
}

const SWAPPED = { axes: [1, 0] } as const;

/** Swaps the last two axes: the transpose of a matrix, or of each in a batch. @noMethod */
export function matrixTranspose(x: Tensor): Tensor {
  expectTensor("matrixTranspose", x);
  const rank = x.shape.length;
  if (rank === 2) return apply(permuteDims.op, [x], SWAPPED);
  if (rank < 2) {
    throw new ShapeError(
      "matrixTranspose",
      `${formatShape(x.shape)} is no matrix`,
      "it needs two axes or more; a row is reshape(x, [1, -1])",
    );
  }
  const axes = x.shape.map((_, i) => i);
  axes[rank - 1] = rank - 2;
  axes[rank - 2] = rank - 1;
  return permuteDims(x, axes);
}

/**
 * Moves one axis (or several) to other places, keeping the order of the others.
 *
 * @throws ShapeError for axes out of range, given twice, or not as many as places.
 * @example
 * moveAxis(zeros([2, 3, 4]), 0, -1).shape; // [3,4,2]
 */
export function moveAxis(
  x: Tensor,
  from: number | readonly number[],
  to: number | readonly number[],
): Tensor {
  expectTensor("moveAxis", x);
  const list = (axes: number | readonly number[]): number[] =>
    [axes].flat().map((a) => normalizeAxis("moveAxis", a, x.shape));
  const [sources, places] = [list(from), list(to)];
  const distinct =
    new Set(sources).size === sources.length && new Set(places).size === places.length;
  if (!distinct || sources.length !== places.length) {
    throw new ShapeError(
      "moveAxis",
      `cannot move the axes [${sources.join(", ")}] of ${formatShape(x.shape)} to [${places.join(", ")}]`,
      "name different axes, and one place for each",
    );
  }
  const axes = x.shape.map((_, i) => i).filter((i) => !sources.includes(i));
  const moves = places.map((at, i) => [at, sources[i] as number] as const);
  for (const [at, source] of moves.sort((p, q) => p[0] - q[0])) axes.splice(at, 0, source);
  return permuteDims(x, axes);
}

/**
 * Repeats the whole tensor `times[i]` times along each axis.
 *
 * @noMethod
 *
 * @throws ShapeError unless the times are whole numbers ≥ 0.
 */
export function tile(x: Tensor, times: readonly number[]): Tensor {
  expectTensor("tile", x);
  checkList("tile", "times", times);
  if (times.some((t) => !Number.isInteger(t) || t < 0)) {
    throw new ShapeError(
      "tile",
      `cannot repeat ${formatShape(x.shape)} [${times.join(", ")}] times`,
      "give a whole number ≥ 0 for each axis",
    );
  }
  const rank = Math.max(times.length, x.shape.length);
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const repeats = [...new Array<number>(rank - times.length).fill(1), ...times];
  return scope(() => {
    const spread = broadcastTo(
      reshape(
        x,
        shape.flatMap((n) => [1, n]),
      ),
      shape.flatMap((n, i) => [repeats[i] as number, n]),
    );
    return reshape(
      spread,
      shape.map((n, i) => n * (repeats[i] as number)),
    );
  });
}

/**
 * Shifts elements along an axis, or several by a shift each; what falls off one end comes back at
 * the other. Without an axis (or with null) the flattened tensor is rolled.
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
  options: { readonly axis?: number | readonly number[] | null | undefined } = {},
): Tensor {
  expectTensor("roll", x);
  const { axis } = options;
  if (axis === undefined || axis === null) {
    return scope(() => reshape(roll(reshape(x, [x.size]), shift, { axis: 0 }), x.shape));
  }
  if (typeof axis === "number" && typeof shift === "number") return rollOne(x, shift, axis);
  const axes = [axis].flat();
  const shifts = Array.isArray(shift)
    ? (shift as readonly number[])
    : axes.map(() => shift as number);
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
      `cannot shift ${formatShape(x.shape)} by ${shift}`,
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

/** √x with all derivatives 0 at 0: the length of a vector has them at the origin. @internal */
export function root(x: Tensor): Tensor {
  const none = equal(x, 0);
  return where(none, 0, sqrt(where(none, 1, x)));
}

/**
 * Squares of numbers outside of [1/edge, edge] may leave the range: those are first divided by
 * `far` or 1/far.
 */
const RANGES = {
  float32: { edge: 2 ** 50, far: 2 ** 90 },
  float64: { edge: 2 ** 400, far: 2 ** 700 },
} as const;

/**
 * By what to divide numbers of at most this size before they are squared: a power of 2, and a
 * constant to derivatives, as comparisons have none.
 *
 * @internal
 */
export function safeScale(most: Tensor): Tensor {
  const { edge, far } = RANGES[most.dtype === "float64" ? "float64" : "float32"];
  const one = full([], 1, { dtype: most.dtype, device: most.device });
  return where(greater(most, edge), far, where(less(most, 1 / edge), 1 / far, one));
}

/**
 * Standard deviation: the square root of {@link variance}, with the same options; squares neither
 * overflow nor vanish. Of equal numbers it is 0, and so is its gradient.
 *
 * @example
 * std(tensor([1, 3])).item(); // 1
 */
export function std(
  x: Tensor,
  options: ReduceOptions & { readonly correction?: number | undefined } = {},
): Tensor {
  expectTensor("std", x);
  return scope(() => {
    if (x.size === 0 || !isFloat(x.dtype)) return root(variance(x, options));
    const { axis } = options;
    const scale = safeScale(max(abs(x), { axis, keepdims: true }));
    const spread = root(variance(div(x, scale), { ...options, keepdims: true }));
    const whole = mul(spread, scale);
    if (options.keepdims) return whole;
    return reshape(whole, reducedShape(x.shape, normalizeAxes("std", axis, x.shape), false));
  });
}
