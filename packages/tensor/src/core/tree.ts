/**
 * @file Trees of tensors: arrays, maps, sets, objects and modules, walked through and built again.
 * The one place that knows of what a tree is made, for every package.
 */
import { UsageError } from "../base/errors.js";
import type { Tensor } from "./tensor.js";

/**
 * The method by which an object lists the tensors (or trees of them) that it carries where nobody
 * else can see: in private fields, say. Scopes then keep them alive.
 *
 * @example
 * class Pair {
 *   readonly #first = tensor([1, 2]);
 *   sum(): number {
 *     return this.#first.sum().item();
 *   }
 *   [treeChildren]() {
 *     return [this.#first];
 *   }
 * }
 * scope(() => new Pair()).sum(); // 3
 */
export const treeChildren: unique symbol = Symbol.for("isograd.treeChildren");

/**
 * The method by which a module shows its trainable parameters, each in a box whose value can be
 * swapped.
 */
export const parameterBoxes: unique symbol = Symbol.for("isograd.parameterBoxes");

/** A place that holds a tensor. */
export interface Box {
  value: Tensor;
}

/** Anything with named parameters; nn's Module is one. */
export interface HasParameters {
  [parameterBoxes](): ReadonlyMap<string, Box>;
}

/** Whether a value is a tensor, of whichever copy of this package. */
export function isTensor(value: unknown): value is Tensor {
  return (value as { isTensor?: boolean } | null | undefined)?.isTensor === true;
}

export function hasParameters(tree: object): tree is HasParameters {
  return parameterBoxes in tree;
}

/** Arrays, and objects without a class. */
export function isPlain(value: unknown): value is Record<string, unknown> | readonly unknown[] {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The keys from the root of a tree to where a walk is; as text, `layers.0.w`. */
export class Path {
  readonly keys: unknown[] = [];

  toString(): string {
    const name = (key: unknown) => (typeof key === "object" ? "{…}" : String(key));
    return this.keys.map(name).join(".");
  }
}

/** What lies directly below: keys (places where there are none) and values, in their order. */
export interface Children {
  readonly keys: readonly unknown[] | null;
  readonly values: readonly unknown[];
}

/**
 * The children of an array, a map, a set or any other object; of a module they are its fields.
 * Fields under symbols are nobody's children: they are copied with the object.
 */
export function childrenOf(tree: object): Children {
  if (Array.isArray(tree)) return { keys: null, values: tree };
  if (tree instanceof Map) return { keys: [...tree.keys()], values: [...tree.values()] };
  if (tree instanceof Set) return { keys: null, values: [...tree] };
  return { keys: Object.keys(tree), values: Object.values(tree) };
}

/** What `key` of a tree of the same form leads to; undefined where there is nothing. */
export function childAt(tree: unknown, key: unknown): unknown {
  if (typeof tree !== "object" || tree === null) return undefined;
  if (tree instanceof Map) return tree.get(key);
  if (tree instanceof Set) return [...tree][key as number];
  return Object.hasOwn(tree, key as string)
    ? (tree as Record<string, unknown>)[key as string]
    : undefined;
}

/** An object of the form and class of `tree` with other children. */
export function rebuiltFrom(tree: object, keys: Children["keys"], values: unknown[]): object {
  const prototype = Object.getPrototypeOf(tree);
  if (Array.isArray(tree)) return classed(values, Array.prototype, prototype);
  if (tree instanceof Map) {
    const map = new Map((keys as unknown[]).map((key, i) => [key, values[i]]));
    return classed(map, Map.prototype, prototype);
  }
  if (tree instanceof Set) return classed(new Set(values), Set.prototype, prototype);
  // the fields are there when they are assigned: no accessor of the class, nor that of `__proto__`,
  // catches one
  const made: Record<string, unknown> = { ...tree };
  for (let i = 0; i < values.length; i++) made[(keys as string[])[i] as string] = values[i];
  return classed(made, Object.prototype, prototype);
}

function classed<T extends object>(made: T, usual: object, prototype: object): T {
  return prototype === usual ? made : Object.setPrototypeOf(made, prototype);
}

/** A record of entries under any names, `__proto__` included. */
export function recordOf<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries); // defines, where an assignment would set the prototype
}

/** What a record itself has under a name; `toString` is in it only if somebody put it there. */
export function ownOf<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** How a walk goes through a tree. */
export interface Walk {
  /**
   * Whether {@link visitTree} passes over what leads back to where it came from, instead of
   * refusing it.
   */
  readonly knots?: boolean | undefined;
  /** Who walks, for errors. */
  readonly op?: string | undefined;
  /** Objects that are dealt with here (true) are not opened. */
  readonly stop?: ((x: object, path: Path) => boolean) | undefined;
  /** What becomes of a module: see {@link visitTree} and {@link mapTree}. */
  readonly module?: ((x: HasParameters, path: Path) => unknown) | undefined;
}

/** A walk under way. */
class Course {
  private readonly change: (x: Tensor, path: Path) => unknown;
  private readonly walk: Walk;
  private readonly builds: boolean;
  readonly path = new Path();
  /** The objects that lead to where it is. */
  private readonly above: object[] = [];
  /** Objects found to hold no tensor; null until one contains itself. */
  private barren: Set<object> | null = null;
  /** Tensors and modules met. */
  private count = 0;

  constructor(change: Course["change"], walk: Walk, builds: boolean) {
    this.change = change;
    this.walk = walk;
    this.builds = builds;
  }

  /**
   * Whether an object is to be opened: not when that is where the walk is. One without tensors may
   * contain itself.
   */
  private opens(tree: object): boolean {
    if (ArrayBuffer.isView(tree) || this.barren?.has(tree) === true) return false;
    if (!this.above.includes(tree)) return true;
    const { op = "tree", knots } = this.walk;
    this.barren ??= new Set();
    if (knots !== true && holdsTensor(tree, this.barren)) {
      throw new UsageError(
        op,
        `the tree contains itself: "${this.path}" leads back to where it came from`,
        "give a tree without cycles",
      );
    }
    return false;
  }

  /**
   * What stands for a node: a new one with other tensors, or the node itself where nothing is
   * built.
   */
  at(node: unknown): unknown {
    if (typeof node !== "object" || node === null) return node;
    const { path, builds } = this;
    const { stop, module } = this.walk;
    if (isTensor(node)) {
      this.count++;
      return this.change(node, path);
    }
    if (stop?.(node, path) === true) return node;
    if (hasParameters(node)) {
      if (module !== undefined) {
        this.count++;
        return module(node, path);
      }
      if (!builds) for (const [name, box] of node[parameterBoxes]()) this.below(name, box.value);
      return node;
    }
    if (!this.opens(node)) return node;
    const before = this.count;
    const { keys, values } = childrenOf(node);
    const made = builds ? new Array<unknown>(values.length) : [];
    this.above.push(node);
    for (let i = 0; i < values.length; i++) {
      if (keys === null && !(i in values)) continue; // holes of a sparse array
      const child = this.below(keys === null ? i : keys[i], values[i]);
      if (builds) made[i] = child;
    }
    this.above.pop();
    const same = !builds || (this.count === before && !Array.isArray(node));
    return same ? node : rebuiltFrom(node, keys, made);
  }

  private below(key: unknown, child: unknown): unknown {
    const { keys } = this.path;
    keys.push(key);
    const made = this.at(child);
    keys.pop();
    return made;
  }
}

function holdsTensor(tree: unknown, seen: Set<object>): boolean {
  if (typeof tree !== "object" || tree === null || ArrayBuffer.isView(tree)) return false;
  if (isTensor(tree) || hasParameters(tree)) return true;
  if (seen.has(tree)) return false;
  seen.add(tree);
  return childrenOf(tree).values.some((child) => holdsTensor(child, seen));
}

/** Of a tree that is a tensor itself. */
const ROOT = new Path();

/**
 * Calls `see` with every tensor of a tree, as often as it is there, in a fixed order: array order,
 * key order, the order of a map. Modules show their parameters, unless `module` takes them.
 *
 * @throws UsageError for a tree with tensors that contains itself.
 */
export function visitTree(
  tree: unknown,
  see: (x: Tensor, path: Path) => void,
  walk: Walk = {},
): void {
  if (isTensor(tree)) see(tree, ROOT);
  else new Course(see, walk, false).at(tree);
}

/**
 * A tree of the same form with every tensor replaced by `change(tensor, path)`: objects keep their
 * class, maps their keys. Objects without tensors are handed on as they are; so are modules, unless
 * `module` gives something in their place.
 *
 * @throws UsageError for a tree with tensors that contains itself.
 */
export function mapTree(
  tree: unknown,
  change: (x: Tensor, path: Path) => unknown,
  walk: Walk = {},
): unknown {
  return isTensor(tree) ? change(tree, ROOT) : new Course(change, walk, true).at(tree);
}

/**
 * Calls `visit` with every tensor that can be reached from a tree, also through
 * {@link treeChildren}; each object is looked at once, so that trees may contain themselves. With
 * `op`, an iterator is an error: nobody sees what it holds.
 */
export function forEachTensor(
  tree: unknown,
  visit: (tensor: Tensor) => void,
  op: string | null = null,
): void {
  if (typeof tree !== "object" || tree === null) return;
  if (isTensor(tree)) visit(tree);
  else if (Array.isArray(tree) && tree.every(isTensor)) for (const x of tree) visit(x);
  else reach(tree, visit, op);
}

function reach(tree: object, visit: (tensor: Tensor) => void, op: string | null): void {
  const seen = new Set<object>();
  const path = new Path();
  const look = (node: unknown): void => {
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return;
    if (isTensor(node)) {
      visit(node);
      return;
    }
    if (seen.has(node)) return;
    seen.add(node);
    const listed = (node as { [treeChildren]?: () => Iterable<unknown> })[treeChildren];
    if (listed !== undefined) {
      for (const child of listed.call(node)) below("…", child);
      return;
    }
    if (op !== null && isIterator(node)) throw hidden(op, path);
    if (node instanceof Map) for (const key of node.keys()) below(key, key);
    if (hasParameters(node)) {
      for (const [name, box] of node[parameterBoxes]()) below(name, box.value);
    }
    const { keys, values } = childrenOf(node);
    for (let i = 0; i < values.length; i++) below(keys === null ? i : keys[i], values[i]);
    for (const key of Object.getOwnPropertySymbols(node))
      below(key, (node as Record<symbol, unknown>)[key]);
  };
  const below = (key: unknown, child: unknown): void => {
    path.keys.push(key);
    look(child);
    path.keys.pop();
  };
  look(tree);
}

/** Iterators and generators, synchronous or not, that have functions for fields at most. */
function isIterator(x: object): boolean {
  if (typeof (x as { next?: unknown }).next !== "function") return false;
  const iterates = Symbol.iterator in x || Symbol.asyncIterator in x;
  return iterates && Object.values(x).every((field) => typeof field === "function");
}

function hidden(op: string, path: Path): UsageError {
  const at = path.keys.length === 0 ? "" : ` at "${path}"`;
  return new UsageError(
    op,
    `the function returned an iterator${at}, and nobody sees what it holds`,
    "return an array of what it gives: [...iterator]",
  );
}
