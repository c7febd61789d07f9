/** @file The trained tensors of a tree by name: parameters of modules, and plain tensors. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { type Path, visitTree } from "@isograd/tensor/engine";
import { Module } from "../module.js";
import { join, listed, namedOnce } from "../names.js";
import { clearGrad, Parameter } from "../parameter.js";

/**
 * Anything that can be trained: a `Module`, a `Parameter`, a tensor, or arrays, maps and objects
 * of them. The type is `object`, since interfaces do not fit index signatures; the contents are
 * checked at run time.
 */
export type Trainable = object;

/** One trained tensor: the handle whose memory each step replaces. */
export interface Target {
  readonly name: string;
  /** The parameter, or null for a plain tensor. */
  readonly parameter: Parameter | null;
  handle(): Tensor;
}

/** The trained tensors of a tree, by the names that `grad` gives their gradients. */
export function targetsOf(op: string, tree: unknown): Map<string, Target> {
  const { found, add } = namedOnce<Target>(op, "trained tensors");
  const addParameter = (name: string, parameter: Parameter): void =>
    add(name, { name, parameter, handle: () => parameter.own });
  const stop = (x: object, path: Path): boolean => {
    const at = path.toString();
    if (x instanceof Parameter) addParameter(at, x);
    else if (x instanceof Module) {
      for (const [key, p] of x.namedParameters()) addParameter(join(at, key), p);
    } else return false;
    return true;
  };
  const see = (x: Tensor, path: Path): void => {
    const name = path.toString();
    add(name, { name, parameter: null, handle: () => x });
  };
  visitTree(tree, see, { op, stop, knots: true });
  if (found.size === 0) {
    throw new UsageError(
      op,
      "there is nothing to train",
      "pass a Module with parameters, or a tree of Parameters or tensors",
    );
  }
  return found;
}

/** The modules of a tree, for switching between training and evaluation. */
export function modulesOf(tree: unknown): Module[] {
  const found: Module[] = [];
  const stop = (x: object): boolean => x instanceof Module && found.push(x) > 0;
  visitTree(tree, () => undefined, { stop, knots: true });
  return found;
}

/** Whether steps update it: parameters may be frozen. */
export function isTrained(target: Target): boolean {
  return target.parameter === null || target.parameter.trainable;
}

/**
 * Checks that a tree still has the tensors that it had under the same names when an optimiser or an
 * average of it was made.
 *
 * @throws UsageError with the names of those that differ.
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
  throw new UsageError(
    op,
    `${holder} does not hold these parameters of the model: ${listed(names)}`,
    "make it over the same model, after all parts of the model are in place",
  );
}

/** Drops the gradient that a target has accumulated. */
export function zeroGrad(target: Target): void {
  clearGrad(target.handle());
}
