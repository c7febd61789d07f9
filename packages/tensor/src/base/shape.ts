/**
 * @file Shape arithmetic: sizes, strides, axes, broadcasting. Pure functions of numbers; knows no
 * tensor.
 */
import { ShapeError } from "./errors.js";
import { shown } from "./options.js";

/** The length of each axis, outermost first; `[]` for a single number. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i] as number;
  return size;
}

/** `[2, 3]` as text; of what is no shape, what it is. */
export function formatShape(shape: Shape): string {
  return Array.isArray(shape) ? `[${shape.map(shown).join(", ")}]` : shown(shape);
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
  if (!Array.isArray(a) || !Array.isArray(b)) {
    checkShape(op, a);
    checkShape(op, b);
  }
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
        `shapes do not broadcast: ${formatShape(a)} and ${formatShape(b)} ` +
          `(${shown(m)} vs ${shown(n)})`,
        "axes are aligned on the right; each pair must be equal or contain a 1",
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

const kind = (x: unknown): string =>
  typeof x === "object" && x !== null && !Array.isArray(x) ? "(object)" : shown(x);

/** Turns a negative axis into its place, counted from the front; of a shape, or of a rank. */
export function normalizeAxis(op: string, axis: number, of: Shape | number): number {
  const rank = typeof of === "number" ? of : of.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const what = typeof of === "number" ? `a tensor of rank ${rank}` : formatShape(of);
    throw new ShapeError(
      op,
      Number.isInteger(axis)
        ? `axis ${axis} is out of range for ${what}`
        : `axis ${kind(axis)} of ${what} is no whole number`,
      rank === 0 ? "a 0-d tensor has no axes" : `use ${-rank} … ${rank - 1}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Throws a ShapeError unless `x` is an array. */
export function checkList(op: string, what: string, x: unknown): asserts x is readonly unknown[] {
  if (Array.isArray(x)) return;
  throw new ShapeError(op, `${what} are ${shown(x)}, not a list`, "write [ ] around them");
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
  of: Shape | number,
): readonly number[] {
  if (axes === undefined || axes === null) return allAxes(typeof of === "number" ? of : of.length);
  if (!Array.isArray(axes)) return [normalizeAxis(op, axes as number, of)];
  const list: readonly number[] = axes;
  if (list.length === 1) return [normalizeAxis(op, list[0] as number, of)];
  const result = list.map((axis) => normalizeAxis(op, axis, of)).sort((a, b) => a - b);
  for (let i = 1; i < result.length; i++) {
    if (result[i] === result[i - 1]) {
      const what = typeof of === "number" ? `rank ${of}` : formatShape(of);
      throw new ShapeError(
        op,
        `axis ${result[i]} of ${what} is given twice in ${formatShape(list)}`,
        "name each axis once; negative ones count from the end",
      );
    }
  }
  return result;
}

/** The shape after reducing `axes` (sorted): each becomes 1 with keepdims, else it is dropped. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const kept: number[] = [];
  for (let i = 0; i < shape.length; i++) if (!axes.includes(i)) kept.push(shape[i] as number);
  return kept;
}

/** Whether `n` is a whole number ≥ 0. */
export function isLength(n: unknown): n is number {
  return Number.isInteger(n) && (n as number) >= 0;
}

/** Checks that every length is a non-negative integer. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ShapeError(op, `a shape is a list of lengths, got ${shown(shape)}`, "write [2, 3]");
  }
  for (const n of shape) {
    if (!isLength(n)) {
      throw new ShapeError(
        op,
        `shape ${formatShape(shape)} has the length ${shown(n)}`,
        "lengths are integers ≥ 0",
      );
    }
  }
}

/**
 * A copy of a list; anything else is given back. For what is kept: the caller may change a list
 * later.
 */
export function ownList<T>(x: T): T {
  return Array.isArray(x) ? ([...x] as T) : x;
}

/** Options whose lists are copies: see {@link ownList}. */
export function ownLists<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).map(([key, x]) => [key, ownList(x)])) as T;
}

/** Fills in the one length given as −1, and checks that the number of elements stays the same. */
export function resolveShape(op: string, size: number, from: Shape, to: Shape): Shape {
  checkList(op, "lengths", to);
  let known = 1;
  let hole = -1;
  for (let i = 0; i < to.length; i++) {
    const n = to[i] as number;
    if (n !== -1) known *= n;
    else if (hole === -1) hole = i;
    else {
      throw new ShapeError(
        op,
        `only one length may be -1, got ${formatShape(to)}`,
        `write out all but one; there are ${size} elements`,
      );
    }
  }
  if (to.every((n, i) => i === hole || isLength(n))) {
    if (hole === -1 && known === size) return to.slice(); // the list stays the caller's
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
    `cannot turn ${formatShape(from)} (${size} elements) into ${formatShape(to)} ` +
      `(${known}${hole === -1 ? "" : " × ?"})`,
    "the number of elements stays; -1 stands for the length that is left",
  );
}

/** Walks `shape` row-major, with one running offset for each list of strides. */
export function walkStrides(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (k: number, offsets: readonly number[]) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  const at = new Array<number>(strides.length).fill(0);
  let total = 1;
  for (const n of shape) total *= n;
  for (let k = 0; k < total; k++) {
    visit(k, at);
    for (let d = shape.length - 1; d >= 0; d--) {
      const n = shape[d] as number;
      const wrap = ++(index[d] as number) === n;
      for (let s = 0; s < at.length; s++) {
        const step = (strides[s] as readonly number[])[d] as number;
        (at[s] as number) += wrap ? step * (1 - n) : step;
      }
      if (!wrap) break;
      index[d] = 0;
    }
  }
}

/** Strides that mean something: null when they are those of a contiguous tensor. */
export function neededStrides(shape: Shape, strides: Shape): Shape | null {
  let step = 1;
  let plain = true;
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i] as number;
    if (n === 0) return null;
    if (n !== 1 && strides[i] !== step) plain = false;
    step *= n;
  }
  return plain ? null : strides;
}
