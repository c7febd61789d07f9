/** @file Axes: adding, removing, moving and swapping them. No element moves. */

import { ShapeError } from "../../base/errors.js";
import { formatShape, normalizeAxes, normalizeAxis } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import type { Tensor } from "../../core/tensor.js";
import { permuteDims, reshape } from "./movement.js";

/**
 * Inserts an axis of length 1 at `axis` (default: 0), or several; places are those of the result.
 *
 * @throws ShapeError for an axis out of range or given twice.
 * @example
 * expandDims(zeros([2, 3]), [0, -1]).shape; // [1,2,3,1]
 */
export function expandDims(
  x: Tensor,
  axis: number | readonly number[] = 0,
  ...surplus: []
): Tensor {
  expectTensor("expandDims", x, surplus);
  const added = Array.isArray(axis) ? axis.length : 1;
  const axes = normalizeAxes("expandDims", axis ?? Number.NaN, x.shape.length + added);
  const shape = [...x.shape];
  for (const at of axes) shape.splice(at, 0, 1);
  return reshape(x, shape);
}

/**
 * Removes axes of length 1: those given (default: all of them).
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
        "leave the axis out, or reshape",
      );
    }
  }
  return reshape(
    x,
    x.shape.filter((n, i) => (axes === undefined ? n !== 1 : !axes.includes(i))),
  );
}

const SWAPPED = { axes: [1, 0] } as const;

/** Swaps the last two axes: the transpose of a matrix, or of each matrix in a batch. @noMethod */
export function matrixTranspose(x: Tensor, ...surplus: []): Tensor {
  expectTensor("matrixTranspose", x, surplus);
  const rank = x.shape.length;
  if (rank === 2) return apply(permuteDims.op, [x], SWAPPED);
  if (rank < 2) {
    throw new ShapeError(
      "matrixTranspose",
      `${formatShape(x.shape)} is no matrix`,
      "a row is reshape(x, [1, -1])",
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
  ...surplus: []
): Tensor {
  expectTensor("moveAxis", x, surplus);
  const list = (axes: number | readonly number[]): number[] =>
    [axes].flat().map((a) => normalizeAxis("moveAxis", a, x.shape));
  const [sources, places] = [list(from), list(to)];
  const distinct =
    new Set(sources).size === sources.length && new Set(places).size === places.length;
  if (!distinct || sources.length !== places.length) {
    const [these, there] = [sources.join(", "), places.join(", ")];
    throw new ShapeError(
      "moveAxis",
      `cannot move the axes [${these}] of ${formatShape(x.shape)} to [${there}]`,
      "name different axes, and one place for each",
    );
  }
  const axes = x.shape.map((_, i) => i).filter((i) => !sources.includes(i));
  const moves = places.map((at, i) => [at, sources[i] as number] as const);
  for (const [at, source] of moves.sort((p, q) => p[0] - q[0])) axes.splice(at, 0, source);
  return permuteDims(x, axes);
}

/**
 * Swaps two axes.
 *
 * @example
 * swapAxes(zeros([2, 3, 4]), 0, -1).shape; // [4,3,2]
 */
export function swapAxes(x: Tensor, first: number, second: number, ...surplus: []): Tensor {
  expectTensor("swapAxes", x, surplus);
  const a = normalizeAxis("swapAxes", first, x.shape);
  const b = normalizeAxis("swapAxes", second, x.shape);
  return permuteDims(
    x,
    x.shape.map((_, i) => (i === a ? b : i === b ? a : i)),
  );
}
