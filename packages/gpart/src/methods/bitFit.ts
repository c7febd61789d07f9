/** @file BitFit: trains only the biases. */
import type { Module } from "@isograd/nn";
import { Adapter } from "../adapters/adapter.js";
import { findTargets } from "../adapters/targets.js";
import { copiesOf, type FullOptions, fullGiven, fullMethod, fullOptions } from "./fullFineTune.js";
import type { Loader } from "./loader.js";
import { checkModel } from "./options.js";

/** Parameters named `bias`, or with a name that ends in `_bias`. */
const BIASES = /(^|[._])bias$/;

/**
 * Trains copies of all biases, `b = b0 + δ`; weights stay as they are. `targetModules` can choose
 * other parameters.
 *
 * Source: arXiv 2106.10199.
 *
 * @throws UsageError when the model has no biases.
 * @example
 * const adapter = bitFit(new MLP([4, 8, 2], { rng: rng(0) }));
 * adapter.parameterCount; // 10
 */
export function bitFit<M extends Module>(model: M, asked?: FullOptions): Adapter<M> {
  checkModel("bitFit", model);
  const options = fullGiven("bitFit", asked);
  const { targetModules = BIASES } = options;
  const targets = findTargets(model, options, targetModules);
  return new Adapter({
    model,
    targets,
    make: () => fullMethod("BITFIT", targets),
    options: { ...options, targetModules },
  });
}

/** Loads saved biases. */
export const bitFitLoader: Loader = {
  make: (model, options) => bitFit(model, fullOptions(options)),
  trained: copiesOf,
  sizes: [],
};
