/** @file Functions made of other ops, differentiable because those are. */
import { ShapeError } from "../errors.js";
import { scope } from "../memory.js";
import { apply } from "../op.js";
import { formatShape, normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { broadcastTo, concat, permuteDims, reshape, slice } from "./movement.js";
import { type ReduceOptions, variance } from "./reduce.js";
import { sqrt } from "./unary.js";

/** Inserts an axis of length 1 at `axis` (counted in the result). */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("expandDims", axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
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

/** Moves one axis to another place, keeping the order of the others. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const rank = x.shape.length;
  const [a, b] = [normalizeAxis("moveAxis", from, rank), normalizeAxis("moveAxis", to, rank)];
  const axes = x.shape.map((_, i) => i).filter((i) => i !== a);
  axes.splice(b, 0, a);
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

/** Shifts elements along an axis; what falls off one end comes back at the other. */
export function roll(x: Tensor, shift: number, options: { readonly axis?: number } = {}): Tensor {
  const axis = normalizeAxis("roll", options.axis ?? 0, x.shape.length);
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
