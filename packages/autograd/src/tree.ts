/** @file Trees of tensors: arrays, objects and modules, opened into leaves and built again. */
import { GradientError, Tensor } from "@isograd/tensor";
import { isFloat } from "@isograd/tensor/engine";

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

/** The leaves of a tree, with the names of their places. */
export interface Leaves {
  readonly tensors: Tensor[];
  readonly paths: string[];
}

function hasParameters(tree: unknown): tree is HasParameters {
  return typeof tree === "object" && tree !== null && parameterBoxes in tree;
}

function isBranch(tree: unknown): tree is Record<string, unknown> {
  return typeof tree === "object" && tree !== null && !ArrayBuffer.isView(tree);
}

/** All float tensors of a tree in a fixed order: array order, key order, parameter order. */
export function leavesOf(op: string, tree: unknown): Leaves {
  const leaves: Leaves = { tensors: [], paths: [] };
  visit(op, tree, "", leaves);
  if (leaves.tensors.length === 0) {
    throw new GradientError(op, "there is no tensor to differentiate with respect to");
  }
  return leaves;
}

function visit(op: string, tree: unknown, path: string, leaves: Leaves): void {
  if (tree instanceof Tensor) {
    if (!isFloat(tree.dtype)) {
      throw new GradientError(
        op,
        `the parameter${path && ` at ${path}`} is ${tree.dtype}; only floats have gradients`,
        "cast it, or pass it as a further argument",
      );
    }
    leaves.tensors.push(tree);
    leaves.paths.push(path);
  } else if (hasParameters(tree)) {
    for (const [name, box] of tree[parameterBoxes]())
      visit(op, box.value, join(path, name), leaves);
  } else if (isBranch(tree)) {
    for (const [key, value] of Object.entries(tree)) visit(op, value, join(path, key), leaves);
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A tree of the same form with other leaves; a module becomes the record of its parameters. */
export function rebuild<T>(tree: T, leaves: Iterator<Tensor>): GradOf<T> {
  return build(tree, leaves) as GradOf<T>;
}

function build(tree: unknown, leaves: Iterator<Tensor>): unknown {
  if (tree instanceof Tensor) return leaves.next().value as Tensor;
  if (hasParameters(tree)) {
    const record: Record<string, Tensor> = {};
    for (const name of tree[parameterBoxes]().keys()) record[name] = leaves.next().value as Tensor;
    return record;
  }
  if (Array.isArray(tree)) return tree.map((value) => build(value, leaves));
  if (!isBranch(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, build(v, leaves)]));
}

/**
 * Runs `use` with the tree's leaves replaced: plain trees are rebuilt, modules have the values in their
 * boxes swapped and put back afterwards, whatever happens.
 */
export function withLeaves<T, R>(tree: T, leaves: readonly Tensor[], use: (tree: T) => R): R {
  const next = leaves[Symbol.iterator]();
  const undo: (() => void)[] = [];
  try {
    return use(substitute(tree, next, undo) as T);
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) (undo[i] as () => void)();
  }
}

function substitute(tree: unknown, next: Iterator<Tensor>, undo: (() => void)[]): unknown {
  if (tree instanceof Tensor) return next.next().value as Tensor;
  if (hasParameters(tree)) {
    for (const box of tree[parameterBoxes]().values()) {
      const old = box.value;
      box.value = next.next().value as Tensor;
      undo.push(() => {
        box.value = old;
      });
    }
    return tree;
  }
  if (Array.isArray(tree)) return tree.map((value) => substitute(value, next, undo));
  if (!isBranch(tree)) return tree;
  const proto = Object.getPrototypeOf(tree) as object | null;
  if (proto !== Object.prototype && proto !== null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, substitute(v, next, undo)]));
}
