/** @file What is trained, by name: the parameters of modules, and tensors in arrays and objects. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { Module } from "../module.js";
import { clearGrad, Parameter } from "../parameter.js";
import { isPlain, join } from "../walk.js";

/**
 * Anything that can be trained: a `Module`, a `Parameter`, a tensor, or arrays, maps and plain
 * objects of them. (As a type any object will do, since interfaces do not fit index signatures; the
 * rest is checked when it is used.)
 */
export type Trainable = object;

/** One trained tensor: the handle whose memory a step replaces. */
export interface Target {
  readonly name: string;
  /** The parameter, or null for a tensor of the caller's. */
  readonly parameter: Parameter | null;
  handle(): Tensor;
}

/** The trained tensors of a tree, by the names that `grad` gives their gradients. */
export function targetsOf(op: string, tree: unknown): Map<string, Target> {
  const found = new Map<string, Target>();
  visit(tree, "", found);
  if (found.size === 0) {
    throw new UsageError(
      op,
      "there is nothing to train",
      "pass a Module with parameters, or a tree of Parameters or tensors",
    );
  }
  return found;
}

function visit(tree: unknown, name: string, found: Map<string, Target>): void {
  if (tree instanceof Parameter) {
    found.set(name, { name, parameter: tree, handle: () => tree.own });
  } else if (tree instanceof Module) {
    for (const [key, p] of tree.namedParameters()) visit(p, join(name, key), found);
  } else if (tree instanceof Map) {
    for (const [key, p] of tree) visit(p, join(name, String(key)), found);
  } else if (isTensor(tree)) {
    found.set(name, { name, parameter: null, handle: () => tree });
  } else if (isPlain(tree)) {
    for (const [key, value] of Object.entries(tree)) visit(value, join(name, key), found);
  }
}

function isTensor(value: unknown): value is Tensor {
  return (value as { isTensor?: boolean } | null)?.isTensor === true;
}

/** The modules of a tree, for switching between training and evaluation. */
export function modulesOf(tree: unknown): Module[] {
  if (tree instanceof Module) return [tree];
  return isPlain(tree) ? Object.values(tree).flatMap(modulesOf) : [];
}

/** Whether a step moves it: parameters may be frozen. */
export function isTrained(target: Target): boolean {
  return target.parameter === null || target.parameter.trainable;
}

/**
 * That what a tree trains is what was held under the same names when an optimiser or an average of it was made.
 *
 * @throws UsageError with the names where it is not.
 */
export function expectHeld(
  op: string,
  tree: unknown,
  held: ReadonlyMap<string, Target>,
  holder: string,
): void {
  const self = ({ parameter, handle }: Target) => parameter ?? handle();
  const trained = [...targetsOf(op, tree)].filter(([, target]) => isTrained(target));
  const strange = trained.filter(([name, target]) => {
    const known = held.get(name);
    return known === undefined || self(known) !== self(target);
  });
  if (strange.length === 0) return;
  const names = strange.map(([name]) => (name === "" ? "the tensor itself" : name));
  const listed = names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
  throw new UsageError(
    op,
    `${holder} does not hold these parameters of the model: ${listed}`,
    "make it over the same model, when all parts of the model are in their places",
  );
}

export function zeroGrad(target: Target): void {
  clearGrad(target.handle());
}
