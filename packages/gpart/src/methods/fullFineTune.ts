/** @file Full fine-tuning as an adapter: trains a copy of every target. */
import { stopGradient } from "@isograd/autograd";
import { type Module, Parameter } from "@isograd/nn";
import { type Shape, sub, type Tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, type Target } from "../adapters/targets.js";
import type { Loader } from "./loader.js";
import { type AdapterOptions, inModel, type Method, type MethodName } from "./method.js";
import { ADAPTER, checkModel, PLACES, synonyms } from "./options.js";

/** What {@link fullFineTune} takes: no dropout; default of `targetModules`: every parameter. */
export type FullOptions = Omit<AdapterOptions, "dropout" | "seed">;

/**
 * Trains copies of the weights themselves, with the interface of an adapter: the baseline for
 * comparisons.
 *
 * @throws UsageError when a target matches nothing.
 * @example
 * const adapter = fullFineTune(new MLP([4, 8, 2], { rng: rng(0) }));
 * adapter.parameterCount; // 58
 */
export function fullFineTune<M extends Module>(model: M, asked?: FullOptions): Adapter<M> {
  checkModel("fullFineTune", model);
  const options = fullGiven("fullFineTune", asked);
  const { targetModules = /^/ } = options;
  const targets = findTargets(model, options, targetModules);
  return new Adapter({
    model,
    targets,
    make: () => fullMethod("FULL", targets),
    options: { ...options, targetModules },
  });
}

/** The options of a method without random numbers and dropout; others may be undefined. */
export function fullGiven(op: string, asked: AdapterOptions | undefined): FullOptions {
  const { dropout, seed, ...rest } = given(op, asked, ADAPTER, synonyms);
  if (dropout !== undefined) {
    throw new UsageError(op, "there is no ΔW to drop entries of", "use nn's Dropout");
  }
  if (seed === undefined) return rest;
  const help = `nothing is random; options: ${PLACES.replaceAll(" ", ", ")}`;
  throw new UsageError(op, 'has no option "seed"', help);
}

/** Loads saved weights that were trained in full. */
export const fullLoader: Loader = {
  make: (model, options) => fullFineTune(model, fullOptions(options)),
  trained: copiesOf,
  sizes: [],
};

/** The copies of the targets in a file. */
export function copiesOf(targets: readonly Target[]): (readonly [string, Shape])[] {
  return targets.map(({ name, parameter }) => [inModel(name), parameter.shape] as const);
}

/** Options without dropout and seed: nothing here is random. */
export function fullOptions({ dropout: _, seed: __, ...rest }: AdapterOptions): FullOptions {
  return rest;
}

/** Trains copies of the targets themselves. */
export function fullMethod(name: MethodName, targets: readonly Target[]): Method {
  const copies = targets.map(
    ({ name, parameter }) => [name, new Parameter(stopGradient(parameter.own))] as const,
  );
  return {
    name,
    addition: "weights",
    trained: Object.fromEntries(copies),
    minusDelta: (bases) => copies.map(([, copy], i) => sub(bases[i] as Tensor, copy.value)),
    weights: () => copies.map(([, copy]) => copy.value),
    config: {},
    fileName: inModel,
  };
}
