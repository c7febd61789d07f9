/** @file Trees of tensors: arrays, objects and modules, opened into leaves and built again. */
import { GradientError, Tensor } from "@isograd/tensor";
import { formatShape, isFloat } from "@isograd/tensor/engine";

/** The method by which a module shows its trainable parameters, each in a box whose value can be swapped. */
export const parameterBoxes: unique symbol = Symbol.for("isograd.parameterBoxes");

/** A place that holds a tensor. */
export interface Box {
  value: Tensor;
}

/** Anything with named parameters; nn's Module is one. */
export interface HasParameters {
  [parameterBoxes](): ReadonlyMap<string, Box>;
}

/** What a gradient looks like for parameters of type T. */
export type GradOf<T> = T extends Tensor
  ? Tensor
  : T extends HasParameters
    ? Record<string, Tensor>
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: GradOf<T[K]> }
      : T extends object
        ? { -readonly [K in keyof T]: GradOf<T[K]> }
        : T;

function hasParameters(tree: unknown): tree is HasParameters {
  return typeof tree === "object" && tree !== null && parameterBoxes in tree;
}

function isBranch(tree: unknown): tree is Record<string, unknown> {
  return typeof tree === "object" && tree !== null && !ArrayBuffer.isView(tree);
}

/** All tensors of a tree, of whatever dtype, in the order of {@link leavesOf}. */
export function tensorsOf(tree: unknown, found: Tensor[] = []): Tensor[] {
  if (tree instanceof Tensor) found.push(tree);
  else if (Array.isArray(tree)) for (const value of tree) tensorsOf(value, found);
  else if (hasParameters(tree)) {
    for (const box of tree[parameterBoxes]().values()) tensorsOf(box.value, found);
  } else if (isBranch(tree)) for (const value of Object.values(tree)) tensorsOf(value, found);
  return found;
}

/** All tensors of a tree with their paths, such as `layers.0.w`, in the order of {@link leavesOf}. */
export function namedLeaves(tree: unknown, path = ""): [name: string, x: Tensor][] {
  if (tree instanceof Tensor) return [[path, tree]];
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  if (hasParameters(tree)) {
    return [...tree[parameterBoxes]()].map(([name, box]) => [at(name), box.value]);
  }
  if (!isBranch(tree)) return [];
  return Object.keys(tree).flatMap((key) => namedLeaves(tree[key], at(key)));
}

/** All float tensors of a tree in a fixed order: array order, key order, parameter order. */
export function leavesOf(op: string, tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  visit(op, tree, leaves);
  if (leaves.length === 0) {
    throw new GradientError(op, "there is no tensor to differentiate with respect to");
  }
  return leaves;
}

function visit(op: string, tree: unknown, leaves: Tensor[]): void {
  if (tree instanceof Tensor) {
    if (!isFloat(tree.dtype)) {
      throw new GradientError(
        op,
        `parameter ${leaves.length}, of shape ${formatShape(tree.shape)}, is ${tree.dtype}; only floats have gradients`,
        "cast it, or pass it as a further argument",
      );
    }
    leaves.push(tree);
  } else if (Array.isArray(tree)) {
    for (let i = 0; i < tree.length; i++) visit(op, tree[i], leaves);
  } else if (hasParameters(tree)) {
    for (const box of tree[parameterBoxes]().values()) visit(op, box.value, leaves);
  } else if (isBranch(tree)) {
    for (const value of Object.values(tree)) visit(op, value, leaves);
  }
}

/**
 * The leaves of `other`, in the order of the leaves of `tree`, matched by index and by name.
 *
 * @throws GradientError where one is missing or has another shape.
 */
export function leavesLike(op: string, tree: unknown, other: unknown): Tensor[] {
  const found: Tensor[] = [];
  pairUp(op, tree, other, "", found);
  return found;
}

function pairUp(op: string, tree: unknown, other: unknown, at: string, found: Tensor[]): void {
  if (tree instanceof Tensor) {
    const fits = other instanceof Tensor && formatShape(other.shape) === formatShape(tree.shape);
    if (!fits) {
      const got = other instanceof Tensor ? `shape ${formatShape(other.shape)}` : typeof other;
      throw new GradientError(
        op,
        `the tangent${at} is ${got}, the parameter has shape ${formatShape(tree.shape)}`,
        "give one tensor for each parameter, in a tree of the same form",
      );
    }
    found.push(other);
    return;
  }
  const branch = (other ?? {}) as Record<string, unknown>;
  if (hasParameters(tree)) {
    for (const [name, box] of tree[parameterBoxes]()) {
      pairUp(op, box.value, branch[name], `${at}.${name}`, found);
    }
  } else if (isBranch(tree)) {
    for (const key of Object.keys(tree)) pairUp(op, tree[key], branch[key], `${at}.${key}`, found);
  }
}

/** Leaves handed out one by one. */
interface Supply {
  readonly leaves: readonly Tensor[];
  next: number;
}

function take(supply: Supply): Tensor {
  return supply.leaves[supply.next++] as Tensor;
}

/** A tree of the same form with other leaves; a module becomes the record of its parameters. */
export function rebuild<T>(tree: T, leaves: readonly Tensor[]): GradOf<T> {
  return build(tree, { leaves, next: 0 }) as GradOf<T>;
}

function build(tree: unknown, supply: Supply): unknown {
  if (tree instanceof Tensor) return take(supply);
  if (Array.isArray(tree)) return tree.map((value) => build(value, supply));
  if (hasParameters(tree)) {
    const record: Record<string, Tensor> = {};
    for (const name of tree[parameterBoxes]().keys()) record[name] = take(supply);
    return record;
  }
  if (!isBranch(tree)) return tree;
  const record: Record<string, unknown> = {};
  for (const key of Object.keys(tree)) record[key] = build(tree[key], supply);
  return record;
}

/**
 * Runs `use` with the tree's leaves replaced: plain trees are rebuilt, modules have the values in their
 * boxes swapped and put back afterwards, whatever happens.
 */
export function withLeaves<T, R>(tree: T, leaves: readonly Tensor[], use: (tree: T) => R): R {
  const undo: (() => void)[] = [];
  try {
    return use(substitute(tree, { leaves, next: 0 }, undo) as T);
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) (undo[i] as () => void)();
  }
}

function substitute(tree: unknown, supply: Supply, undo: (() => void)[]): unknown {
  if (tree instanceof Tensor) return take(supply);
  if (Array.isArray(tree)) return tree.map((value) => substitute(value, supply, undo));
  if (hasParameters(tree)) {
    for (const box of tree[parameterBoxes]().values()) {
      const old = box.value;
      box.value = take(supply);
      undo.push(() => {
        box.value = old;
      });
    }
    return tree;
  }
  if (!isBranch(tree) || tensorsOf(tree).length === 0) return tree; // a generator, a function's options
  const record: Record<string, unknown> = {};
  for (const key of Object.keys(tree)) record[key] = substitute(tree[key], supply, undo);
  return record;
}
