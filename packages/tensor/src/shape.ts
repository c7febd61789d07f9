/** @file Shape arithmetic: sizes, strides, axes, broadcasting. Pure functions of numbers; knows no tensor. */
import { ShapeError } from "./errors.js";

/** The length of each axis, outermost first; `[]` for a single number. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i] as number;
  return size;
}

/** `[2, 3]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function shapesEqual(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Strides in elements of a contiguous tensor, row-major. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] as number;
  }
  return strides;
}

/** Strides that walk `from` as if it had the shape `to`: 0 along every axis that is repeated. */
export function broadcastStrides(from: Shape, to: Shape, strides?: Shape | null): number[] {
  const own = strides ?? contiguousStrides(from);
  const lead = to.length - from.length;
  const result = new Array<number>(to.length).fill(0);
  for (let i = 0; i < from.length; i++) {
    if (from[i] !== 1 || to[i + lead] === 1) result[i + lead] = own[i] as number;
  }
  return result;
}

/**
 * The shape that two shapes broadcast to, by NumPy's rule: align on the right, 1 stretches.
 *
 * @throws ShapeError when two lengths differ and neither is 1.
 * @example
 * broadcastShapes("add", [2, 1], [3]); // [2,3]
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (shapesEqual(a, b)) return a;
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        op,
        `shapes do not broadcast: ${formatShape(a)} and ${formatShape(b)} (${m} vs ${n})`,
        "axes are aligned on the right; each pair must be equal or contain a 1",
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

/** Turns a negative axis into its place, counted from the front. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      op,
      `axis ${axis} is out of range for a tensor of rank ${rank}`,
      rank === 0 ? "a 0-d tensor has no axes" : `use ${-rank} … ${rank - 1}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

function allAxes(rank: number): readonly number[] {
  const axes = new Array<number>(rank);
  for (let i = 0; i < rank; i++) axes[i] = i;
  return axes;
}

/** Sorted, distinct, non-negative axes; all of them when none are given. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined | null,
  rank: number,
): readonly number[] {
  if (axes === undefined || axes === null) return allAxes(rank);
  if (typeof axes === "number") return [normalizeAxis(op, axes, rank)];
  if (axes.length === 1) return [normalizeAxis(op, axes[0] as number, rank)];
  const result = axes.map((axis) => normalizeAxis(op, axis, rank)).sort((a, b) => a - b);
  for (let i = 1; i < result.length; i++) {
    if (result[i] === result[i - 1]) {
      throw new ShapeError(op, `axis ${result[i]} is given twice in [${axes.join(", ")}]`);
    }
  }
  return result;
}

/** The shape after reducing `axes` (sorted): each becomes 1 with keepdims, else it is dropped. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((n, i) => (axes.includes(i) ? 1 : n));
  if (axes.length === shape.length) return [];
  return shape.filter((_, i) => !axes.includes(i));
}

/** Checks that every length is a non-negative integer. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ShapeError(op, `a shape is an array of lengths, got ${String(shape)}`);
  }
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(
        op,
        `shape ${formatShape(shape)} has the length ${String(n)}`,
        "lengths are integers ≥ 0",
      );
    }
  }
}

/** Fills in the one length given as −1, and checks that the number of elements stays the same. */
export function resolveShape(op: string, size: number, from: Shape, to: Shape): Shape {
  let known = 1;
  let hole = -1;
  for (let i = 0; i < to.length; i++) {
    const n = to[i] as number;
    if (n !== -1) known *= n;
    else if (hole === -1) hole = i;
    else throw new ShapeError(op, `only one length may be -1, got ${formatShape(to)}`);
  }
  if (to.every((n, i) => i === hole || (Number.isInteger(n) && n >= 0))) {
    if (hole === -1 && known === size) return to;
    if (hole !== -1 && known > 0 && size % known === 0) {
      return to.map((n, i) => (i === hole ? size / known : n));
    }
  }
  checkShape(
    op,
    to.filter((n) => n !== -1),
  );
  throw new ShapeError(
    op,
    `cannot turn ${formatShape(from)} (${size} elements) into ${formatShape(to)} (${known}${hole === -1 ? "" : " × ?"})`,
  );
}
