/**
 * @file Reading and writing at an index as NumPy has it: numbers, ranges, new axes, an ellipsis,
 * tensors of places and masks, several at once.
 */

import { isFloat, promoteTypes } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { noMore, shown } from "../../base/options.js";
import {
  broadcastShapes,
  contiguousStrides,
  formatShape,
  type Shape,
  sizeOf,
} from "../../base/shape.js";
import { fromTypedArray } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { filled } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { add } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { where } from "../elementwise/compare.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import { resolveRange, type SliceRange, slice } from "../shape/slicing.js";
import { indexAdd } from "./add.js";
import { nonzero } from "./count.js";
import { setAlongAxis } from "./scatter.js";
import { take } from "./take.js";

/**
 * One part of an index: a place, which drops the axis; a range `[start, stop, step]`, of which
 * each may be left out or null (`[]` takes everything); null, a new axis of length 1; "...", all
 * axes that no other part takes; places (int32), or a mask (bool) over as many axes as it has.
 */
export type AtIndex = number | null | "..." | readonly (number | null)[] | Tensor;

/** The elements of a tensor at an index. */
export interface Indexed {
  /** The elements. A mask is read for it, since it decides the shape. */
  get(): Tensor;
  /** The tensor with `values` there, which broadcast; of several at one place the last stays. */
  set(values: TensorLike): Tensor;
  /** The tensor with `values` added there, which broadcast; those at one place add up. */
  add(values: TensorLike): Tensor;
}

/** One part with the axis of x that it takes; −1 for a new axis. */
interface Part {
  readonly axis: number;
  readonly index: number | null | readonly (number | null)[] | Tensor;
}

const ALL: readonly (number | null)[] = [];

const isMask = (index: unknown): index is Tensor =>
  index instanceof Tensor && index.dtype === "bool";

/** Parts without an ellipsis, one for each axis, in the order of the axes of the result. */
function partsOf(x: Tensor, index: readonly AtIndex[]): Part[] {
  const taken = (part: AtIndex): number => {
    if (part === null || part === "...") return 0;
    return isMask(part) ? part.shape.length : 1;
  };
  const rank = x.shape.length;
  const rest = rank - index.reduce<number>((sum, part) => sum + taken(part), 0);
  if (rest < 0 || index.filter((part) => part === "...").length > 1) {
    throw new ShapeError(
      "at",
      `an index of ${rank - rest} axes${rest < 0 ? "" : ' with two "..."'} for ` +
        formatShape(x.shape),
      'give a part for each axis, or fewer; "..." once stands for the others',
    );
  }
  const parts: Part[] = [];
  let axis = 0;
  const whole = () => {
    for (let i = 0; i < rest; i++) parts.push({ axis: axis++, index: ALL });
  };
  for (const part of index) {
    if (part === "...") whole();
    else {
      parts.push({ axis: part === null ? -1 : axis, index: part });
      axis += taken(part);
    }
  }
  if (!index.includes("...")) whole();
  return parts;
}

/** Throws unless a part is one, and fits the axes that it takes. */
function checkPart(x: Tensor, { axis, index }: Part): void {
  if (index === null || typeof index === "number" || Array.isArray(index)) return;
  if (!(index instanceof Tensor) || isFloat(index.dtype)) {
    const found = index instanceof Tensor ? index.dtype : shown(index);
    const problem = `a part of the index is ${found}`;
    throw new DTypeError("at", problem, 'use a number, [start, stop], null, "...", int32 or bool');
  }
  const covered = x.shape.slice(axis, axis + index.shape.length);
  if (
    isMask(index) &&
    (index.shape.length === 0 || formatShape(covered) !== formatShape(index.shape))
  )
    throw new ShapeError(
      "at",
      `a mask ${formatShape(index.shape)} over axes ${formatShape(covered)} of ` +
        formatShape(x.shape),
      "a mask has the lengths of the axes that it covers",
    );
}

/** Where the elements lie: rows of x, which are its last axes that the index leaves whole. */
interface Places {
  /** Numbers of rows, int32. */
  readonly rows: Tensor;
  /** How many rows x has, and how long they are. */
  readonly size: readonly [count: number, inner: number];
  /** The shape of the result. */
  readonly shape: Shape;
}

const isAll = ({ index }: Part): boolean => Array.isArray(index) && index.length === 0;

const isPlace = ({ index }: Part): boolean => index instanceof Tensor || typeof index === "number";

/** Ones, with `lengths` from an axis on. */
function lengthsAt(rank: number, axis: number, lengths: Shape): number[] {
  return Array.from({ length: rank }, (_, i) => lengths[i - axis] ?? 1);
}

/** The shape of the result, and on which of its axes each part and the places of tensors stand. */
function arranged(x: Tensor, parts: readonly Part[]) {
  const tensors = parts.flatMap(({ index }) => (index instanceof Tensor ? [index.shape] : []));
  const block = tensors.reduce((a, b) => broadcastShapes("at", a, b), []);
  const first = parts.findIndex(isPlace);
  // as in NumPy: places side by side stand where they were, others come first
  const beside = parts.slice(first, parts.findLastIndex(isPlace) + 1).every(isPlace);
  const at = beside ? Math.max(first, 0) : 0;
  const shape: number[] = beside ? [] : [...block];
  const starts = parts.map((part, i) => {
    const start = shape.length;
    if (beside && i === first) shape.push(...block);
    if (part.index === null) shape.push(1);
    else if (!isPlace(part)) {
      shape.push(resolveRange("at", part.index as SliceRange, x.shape, part.axis)[2]);
    }
    return start;
  });
  return { shape, starts, block, at, beside };
}

/** The number of the row of each element: a sum of one term for each part. */
function placesOf(x: Tensor, parts: readonly Part[]): Places {
  const kept = parts.length - parts.findLastIndex((part) => !isAll(part)) - 1;
  const rank = x.shape.length - kept;
  const [outer, inner] = [x.shape.slice(0, rank), sizeOf(x.shape.slice(rank))];
  const strides = contiguousStrides(outer);
  const { shape, starts, block, at } = arranged(x, parts);
  const lead = shape.slice(0, shape.length - kept);
  const numbers = (count: number, value: (k: number) => number, of: Shape = [count]) =>
    fromTypedArray(
      Int32Array.from({ length: count }, (_, k) => value(k)),
      of,
      "int32",
      x.device,
    );
  const terms: Tensor[] = [];
  let base = 0;
  parts.slice(0, parts.length - kept).forEach(({ axis, index }, i) => {
    if (index === null) return;
    const stride = strides[axis] as number;
    if (index instanceof Tensor) {
      const places = take(
        numbers(x.shape[axis] as number, (k) => k * stride),
        index,
      ); // wraps, checks
      const start = at + block.length - index.shape.length;
      terms.push(reshape(places, lengthsAt(lead.length, start, index.shape)));
      return;
    }
    const [from, step, count] = resolveRange("at", index as SliceRange, x.shape, axis);
    if (typeof index === "number") base += from * stride;
    else {
      const of = lengthsAt(lead.length, starts[i] as number, [count]);
      terms.push(numbers(count, (k) => (from + k * step) * stride, of));
    }
  });
  const first = numbers(
    1,
    () => base,
    lead.map(() => 1),
  );
  const rows = broadcastTo(
    terms.reduce((a, b) => add(a, b), first),
    lead,
  );
  return { rows, size: [sizeOf(outer), inner], shape };
}

/** The index without its masks, each replaced by the places that it holds. */
function withPlaces(parts: readonly Part[]): Part[] {
  return parts.flatMap((part): Part[] => {
    const { axis, index } = part;
    if (!isMask(index)) return [part];
    return nonzero(index).map((places, i) => ({ axis: axis + i, index: places }));
  });
}

function read(x: Tensor, parts: readonly Part[]): Tensor {
  const ranges = (of: readonly Part[]) =>
    slice(x, of.map(({ index }) => (index === null ? "newaxis" : index)) as SliceRange[]);
  const tensors = parts.filter(({ index }) => index instanceof Tensor);
  if (tensors.length === 0) return ranges(parts);
  const places = tensors[0]?.index as Tensor;
  if (parts.filter(isPlace).length === 1 && places.dtype === "int32") {
    const whole = parts.map((part) => (isPlace(part) ? { ...part, index: ALL } : part));
    return take(ranges(whole), places, { axis: parts.findIndex(isPlace) });
  }
  const { rows, size, shape } = placesOf(x, withPlaces(parts));
  return reshape(take(reshape(x, size), rows), shape);
}

/** Values in the dtype and on the device of x, and in a shape. */
function valuesFor(x: Tensor, values: TensorLike, shape: Shape): Tensor {
  const { dtype, device } = x;
  if (!(values instanceof Tensor)) return filled("at", shape, values, { dtype, device });
  if (promoteTypes(values.dtype, dtype) !== dtype) {
    throw new DTypeError("at", `values are ${values.dtype}, the tensor ${dtype}`, "cast one");
  }
  if (formatShape(broadcastShapes("at", values.shape, shape)) !== formatShape(shape)) {
    throw new ShapeError(
      "at",
      `values ${formatShape(values.shape)} at an index of shape ${formatShape(shape)}`,
      "lengths of 1 repeat, and no more axes",
    );
  }
  return broadcastTo(values.dtype === dtype ? values : castTo(values, dtype), shape);
}

function written(x: Tensor, parts: readonly Part[], values: TensorLike, adds: boolean): Tensor {
  if (parts.some(({ index }) => isMask(index))) return masked(x, parts, values, adds);
  if (parts.every(isAll))
    return adds ? add(x, valuesFor(x, values, x.shape)) : valuesFor(x, values, x.shape);
  const { rows, size, shape } = placesOf(x, parts);
  const own = reshape(valuesFor(x, values, shape), [rows.size, size[1]]);
  const [flat, places] = [reshape(x, size), reshape(rows, [rows.size])];
  if (adds) return reshape(indexAdd(flat, places, own), x.shape);
  const spread = broadcastTo(reshape(places, [rows.size, 1]), own.shape);
  return reshape(setAlongAxis(flat, spread, own, { axis: 0 }, "at"), x.shape);
}

/** Writes all that a mask covers, what was there where it is false: so nothing is read. */
function masked(x: Tensor, parts: readonly Part[], values: TensorLike, adds: boolean): Tensor {
  const first = parts.findIndex(({ index }) => isMask(index));
  const { axis, index } = parts[first] as Part;
  const mask = index as Tensor;
  const covered = mask.shape.map((_, i): Part => ({ axis: axis + i, index: ALL }));
  const whole = [...parts.slice(0, first), ...covered, ...parts.slice(first + 1)];
  // axes of the result behind the mask
  const behind = parts.slice(first + 1).filter((part) => !isPlace(part)).length;
  const given = values instanceof Tensor ? values.shape : [];
  const front = given.slice(0, Math.max(given.length - behind, 0));
  const one = front.length === 0 || front.at(-1) === 1;
  const moved = given.length > 0 && !arranged(x, parts).beside; // the axis of the mask comes first
  if (whole.some(({ index }) => index instanceof Tensor) || !one || moved) {
    throw new ShapeError(
      "at",
      `values ${formatShape(given)} at an index with a mask ${formatShape(mask.shape)}`,
      "write one value for all places of a mask, or at nonzero(mask), which reads it",
    );
  }
  const ones = mask.shape.map(() => 1);
  const shape = [...front.slice(0, -1), ...ones, ...given.slice(front.length)];
  const own = front.length === 0 ? values : reshape(values as Tensor, shape);
  const wide = reshape(mask, [...mask.shape, ...Array.from({ length: behind }, () => 1)]);
  const old = read(x, whole);
  const there = adds ? filled("at", [], 0, { dtype: x.dtype, device: x.device }) : old;
  return written(x, whole, where(wide, valuesFor(x, own, old.shape), there), adds);
}

/**
 * The elements of `x` at an index, to read or to write at: `x[1:3, 0]` is `x.at([1, 3], 0).get()`.
 * Each part of the index takes one axis, a mask as many as it has; see {@link AtIndex}. Parts are
 * combined as in NumPy: tensors of places broadcast, and their axes stand where the tensors stood,
 * or first if a range is between them.
 *
 * `set` and `add` return a new tensor; values broadcast to the shape of `get()`. Nothing is read by
 * them: under a mask, one value stands for all places. Gradients flow to x and to the values that
 * stayed.
 *
 * @throws ShapeError for more parts than axes, places outside of an axis, and values that do not
 * fit; DTypeError for other parts and for values of a wider dtype.
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.at(-1, [1]).get().toArray(); // [5,6]
 * x.at("...", tensor([2, 0], { dtype: "int32" })).get().toArray(); // [[3,1],[6,4]]
 * x.at(greater(x, 4)).set(0).toArray(); // [[1,2,3],[4,0,0]]
 * x.at([], 0).add(tensor([10, 20])).toArray(); // [[11,2,3],[24,5,6]]
 */
export function at(x: Tensor, ...index: readonly AtIndex[]): Indexed {
  expectTensor("at", x);
  const parts = partsOf(x, index);
  for (const part of parts) checkPart(x, part);
  return {
    get(...surplus: []) {
      noMore("get", surplus);
      return scope(() => read(x, parts));
    },
    set(values, ...surplus: []) {
      noMore("set", surplus);
      expectLike("set", values);
      return scope(() => written(x, parts, values, false));
    },
    add(values, ...surplus: []) {
      noMore("add", surplus);
      expectLike("add", values);
      return scope(() => written(x, parts, values, true));
    },
  };
}
