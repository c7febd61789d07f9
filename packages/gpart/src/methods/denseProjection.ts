/** @file A dense random projection: ΔW = G θ for a Gaussian matrix G over all targets. */
import { type Module, Parameter } from "@isograd/nn";
import { expandDims, matmul, reshape, rng, scope, sub, type Tensor, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { countWeights, findTargets, firstOf, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  constant,
  type Method,
  moduleName,
  seedField,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link denseProjection} takes. */
export interface DenseOptions extends AdapterOptions {
  /** Number of trained numbers. */
  readonly d: number;
}

/**
 * Adapts a model along random directions: `W = W0 + G θ`, with all targets joined to one vector,
 * and the entries of G [N, d] independent from N(0, 1/N). θ starts at 0. It is an isometry only in
 * expectation: the singular values of G are between about `1 − √(d/N)` and `1 + √(d/N)`. G takes
 * N·d numbers of memory.
 *
 * Source: arXiv 1804.08838.
 *
 * @throws UsageError when d is out of range.
 * @example
 * const adapter = denseProjection(new MLP([4, 8, 2], { rng: rng(0) }), { d: 5 });
 * adapter.parameterCount; // 5
 */
export function denseProjection<M extends Module>(model: M, asked: DenseOptions): Adapter<M> {
  checkModel("denseProjection", model);
  const options = given("denseProjection", asked, `d# ${ADAPTER}` as const, synonyms);
  checkCount("denseProjection", "d", options.d);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => denseMethod(targets, options), options });
}

const THETA = "base_model.dense_theta_d";

/** Loads a saved dense projection. */
export const denseLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { d: "d" });
    return denseProjection(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(_, fields) {
    yield [THETA, [readNumbers(fields, { d: "d" }).d]];
  },
  sizes: [[THETA, "d"]],
};

function denseMethod(targets: readonly Target[], { d, seed = 0 }: DenseOptions): Method {
  const { dtype, device } = firstOf(targets);
  const std = 1 / Math.sqrt(countWeights(targets));
  const random = rng(`dense ${seed}`);
  const parts = targets.map((target) => {
    const shape = [target.parameter.own.size, d];
    return { target, G: constant(random.normal(shape, { std, dtype, device })) };
  });
  const theta = new Parameter(zeros([d], { dtype, device }));
  const minusDelta = (): Tensor[] =>
    scope(() => {
      const minus = expandDims(sub(0, theta.value), 1);
      return parts.map(({ target, G }) => reshape(matmul(G.value, minus), target.parameter.shape));
    });
  return {
    name: "DENSE",
    addition: "linear",
    trained: { theta },
    frozen: Object.fromEntries(parts.map(({ target, G }) => [`${moduleName(target)}.G`, G])),
    minusDelta,
    config: { d, seed: seedField(seed) },
    fileName: () => THETA,
  };
}
