/** @file Batches: rows picked from columns, and lists of examples put together. */
import {
  cast,
  concat,
  DTypeError,
  expandDims,
  ShapeError,
  slice,
  type Tensor,
  take,
  tensor,
  UsageError,
} from "@isograd/tensor";
import {
  childAt,
  childrenOf,
  formatShape,
  isPlain,
  isTensor,
  rebuiltFrom,
  shown,
} from "@isograd/tensor/engine";
import { join, mapTensors, namedTensors } from "../names.js";

/**
 * What a list of examples of type T becomes: numbers and tensors are stacked, records and tuples
 * field by field.
 */
export type Collated<T> = T extends Tensor | number | boolean
  ? Tensor
  : T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Collated<V>>
    : T extends object
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T;

/** Number of rows that all tensors of a tree share. */
export function rowCount(columns: unknown): number {
  let first: [string, number] | null = null;
  for (const [name, x] of namedTensors(columns, "DataLoader")) {
    const n = x.shape[0];
    if (n === undefined) {
      const help = "the first axis of every tensor counts the examples";
      throw new ShapeError("DataLoader", `${label(name)} is 0-d: it has no rows to batch`, help);
    }
    first ??= [name, n];
    if (n !== first[1]) {
      throw new ShapeError(
        "DataLoader",
        `${label(first[0])} has ${first[1]} rows, ${label(name)} has ${n}: ${formatShape(x.shape)}`,
        "the first axis of every tensor counts the examples",
      );
    }
  }
  if (first === null) {
    const help = "give a tensor, a record of tensors, or a list of examples";
    throw new UsageError("DataLoader", "there is no tensor in the data", help);
  }
  return first[1];
}

function label(name: string): string {
  return name === "" ? "the tensor" : `"${name}"`;
}

/** The rows `start … stop − 1` of every tensor. */
export function sliceRows<T>(columns: T, start: number, stop: number): T {
  return mapTensors(columns, (x) => slice(x, [[start, stop]]));
}

/** The rows at `indices` of every tensor. */
export function takeRows<T>(columns: T, indices: Int32Array): T {
  const made = new Map<string, Tensor>();
  return mapTensors(columns, (x) => {
    const rows = made.get(x.device) ?? tensor(indices, { device: x.device });
    made.set(x.device, rows);
    return take(x, rows);
  });
}

/**
 * Puts examples together: numbers become a float32 tensor [n], booleans bool, tensors are stacked
 * along a new first axis, arrays, maps and records are collated field by field; anything else
 * becomes an array of the items.
 *
 * @throws ShapeError when tensors differ in shape; UsageError when the examples differ in kind.
 * @example
 * collate([{ x: tensor([1, 2]), label: 0 }, { x: tensor([3, 4]), label: 1 }]).x.shape; // [2,2]
 */
export function collate<T>(examples: readonly T[]): Collated<T> {
  if (!Array.isArray(examples) || examples.length === 0) {
    const problem = `needs a list of examples, got ${shown(examples)}`;
    throw new UsageError("collate", problem, "write collate([first, second])");
  }
  return together([...examples], "") as Collated<T>;
}

function together(items: unknown[], path: string): unknown {
  const first = items[0];
  if (typeof first === "number" || typeof first === "boolean") {
    if (items.every((item) => typeof item === "number")) return tensor(items);
    if (items.every((item) => typeof item === "boolean")) return tensor(items);
    throw mixed(path);
  }
  if (isTensor(first)) return stacked(items, first, path);
  if (!isPlain(first) && !(first instanceof Map)) return items;
  const { keys, values } = childrenOf(first);
  const fields = values.map((_, i) => {
    const key = keys === null ? i : keys[i];
    const at = join(path, String(key));
    const column = items.map((item) => {
      if (!hasField(first, item, key)) throw mixed(at);
      return childAt(item, key);
    });
    return together(column, at);
  });
  return rebuiltFrom(first, keys, fields);
}

/** Whether an item has the key of the first one. */
function hasField(first: object, item: unknown, key: unknown): boolean {
  if (first instanceof Map) return item instanceof Map && item.has(key);
  return isPlain(item) && Object.hasOwn(item, String(key));
}

function stacked(items: readonly unknown[], first: Tensor, path: string): Tensor {
  const shape = formatShape(first.shape);
  const tensors: Tensor[] = [];
  for (const [i, x] of items.entries()) {
    if (!isTensor(x)) throw mixed(path);
    if (formatShape(x.shape) !== shape) {
      throw new ShapeError(
        "collate",
        `${label(path)} is ${shape} in example 0 and ${formatShape(x.shape)} in example ${i}`,
        "pad them to one shape, or pass a collate function",
      );
    }
    if (x.dtype !== first.dtype) {
      throw new DTypeError(
        "collate",
        `${label(path)} is ${first.dtype} and ${x.dtype}`,
        "cast one",
      );
    }
    tensors.push(x);
  }
  if (tensors.length === 1) return cast(expandDims(first, 0), first.dtype);
  return concat(
    tensors.map((x) => expandDims(x, 0)),
    { axis: 0 },
  );
}

function mixed(path: string): UsageError {
  return new UsageError(
    "collate",
    `the examples differ in kind${path === "" ? "" : ` at "${path}"`}`,
    "all examples of a batch have the same fields, or pass a collate function",
  );
}
