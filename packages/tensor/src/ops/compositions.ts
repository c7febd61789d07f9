/** @file Functions made of other ops, differentiable because those are. */
import { ShapeError } from "../errors.js";
import { scope } from "../memory.js";
import { apply } from "../op.js";
import { formatShape, normalizeAxes, normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { broadcastTo, concat, permuteDims, reshape, slice } from "./movement.js";
import { type ReduceOptions, variance } from "./reduce.js";
import { sqrt } from "./unary.js";

/**
 * `+x`: the same values behind a new handle.
 *
 * @example
 * positive(tensor([-1, 2])).toArray(); // [-1,2]
 */
export function positive(x: Tensor): Tensor {
  return reshape(x, x.shape);
}

/**
 * Inserts an axis of length 1 at `axis`, or several, counted in the result.
 *
 * @throws ShapeError for an axis out of range or given twice.
 * @example
 * expandDims(zeros([2, 3]), [0, -1]).shape; // [1,2,3,1]
 */
export function expandDims(x: Tensor, axis: number | readonly number[]): Tensor {
  const added = typeof axis === "number" ? 1 : axis.length;
  const axes = normalizeAxes("expandDims", axis, x.shape.length + added);
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
  const given = axis === undefined ? undefined : typeof axis === "number" ? [axis] : axis;
  const axes = given?.map((a) => normalizeAxis("squeeze", a, x.shape.length));
  for (const a of axes ?? []) {
    if (x.shape[a] !== 1) {
      throw new ShapeError("squeeze", `axis ${a} of ${formatShape(x.shape)} is not of length 1`);
    }
  }
  return reshape(
    x,
    x.shape.filter((n, i) => (axes === undefined ? n !== 1 : !axes.includes(i))),
  );
}

/** Joins tensors of one shape along a new axis. */
export function stack(
  tensors: readonly Tensor[],
  options: { readonly axis?: number } = {},
): Tensor {
  const { axis = 0 } = options;
  const first = tensors[0];
  if (first === undefined) throw new ShapeError("stack", "no tensors to join");
  return scope(() =>
    concat(
      tensors.map((x) => expandDims(x, axis)),
      { axis: normalizeAxis("stack", axis, first.shape.length + 1) },
    ),
  );
}

const SWAPPED = { axes: [1, 0] } as const;

/** Swaps the last two axes: the transpose of a matrix, or of each in a batch. */
export function matrixTranspose(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank === 2) return apply(permuteDims.op, [x], SWAPPED);
  if (rank < 2) throw new ShapeError("matrixTranspose", `${formatShape(x.shape)} is no matrix`);
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
  const rank = x.shape.length;
  const list = (axes: number | readonly number[]): number[] =>
    [axes].flat().map((a) => normalizeAxis("moveAxis", a as number, rank));
  const [sources, places] = [list(from), list(to)];
  const distinct =
    new Set(sources).size === sources.length && new Set(places).size === places.length;
  if (!distinct || sources.length !== places.length) {
    throw new ShapeError("moveAxis", `cannot move the axes [${sources}] to [${places}]`);
  }
  const axes = x.shape.map((_, i) => i).filter((i) => !sources.includes(i));
  const moves = places.map((at, i) => [at, sources[i] as number] as const);
  for (const [at, source] of moves.sort((p, q) => p[0] - q[0])) axes.splice(at, 0, source);
  return permuteDims(x, axes);
}

/** Repeats the whole tensor `times[i]` times along each axis. */
export function tile(x: Tensor, times: readonly number[]): Tensor {
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
 * Shifts elements along an axis, or several by a shift each; what falls off one end comes back at the other. An
 * axis of null rolls the flattened tensor.
 *
 * @throws ShapeError for an axis out of range, or shifts that do not match the axes.
 * @example
 * roll(tensor([1, 2, 3]), 1).toArray(); // [3,1,2]
 */
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  options: { readonly axis?: number | readonly number[] | null } = {},
): Tensor {
  const { axis = 0 } = options;
  if (axis === null) return scope(() => reshape(roll(reshape(x, [x.size]), shift), x.shape));
  if (typeof axis === "number" && typeof shift === "number") return rollOne(x, shift, axis);
  const axes = [axis].flat() as number[];
  const shifts = typeof shift === "number" ? axes.map(() => shift) : shift;
  if (shifts.length !== axes.length) {
    throw new ShapeError("roll", `${shifts.length} shifts are given for ${axes.length} axes`);
  }
  return scope(() =>
    axes.reduce((y, a, i) => rollOne(y, shifts[i] as number, a), reshape(x, x.shape)),
  );
}

function rollOne(x: Tensor, shift: number, along: number): Tensor {
  const axis = normalizeAxis("roll", along, x.shape.length);
  const n = x.shape[axis] as number;
  const k = n === 0 ? 0 : ((shift % n) + n) % n;
  const part = (start: number, stop: number) =>
    slice(
      x,
      x.shape.map((_, i) => (i === axis ? ([start, stop] as const) : null)),
    );
  return scope(() => concat([part(n - k, n), part(0, n - k)], { axis }));
}

/** Standard deviation: the square root of {@link variance}, with the same options. */
export function std(
  x: Tensor,
  options: ReduceOptions & { readonly correction?: number } = {},
): Tensor {
  return scope(() => sqrt(variance(x, options)));
}
