/** @file Uni-LoRA: one vector θ, spread over the A and B of all targets by a partition. */
import { type Module, Parameter } from "@isograd/nn";
import { rng, type Shape, scope, type Tensor } from "@isograd/tensor";
import { given, sizeOf } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, firstOf, type Target } from "../adapters/targets.js";
import { forgetIndices } from "../indices.js";
import { partition } from "../partition/partition.js";
import { project } from "../project.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import { minusProduct } from "./lora.js";
import {
  type AdapterOptions,
  checkCount,
  type Method,
  matrixShape,
  seedField,
  storage,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link uniLora} takes. */
export interface UniLoraOptions extends AdapterOptions {
  /** Number of trained numbers, at most r·Σ(in + out). */
  readonly d: number;
  /** Rank r of every ΔW; default: 4. */
  readonly rank?: number | undefined;
}

/**
 * Adapts a model by Uni-LoRA: `W = W0 + B A` without α, where the A [r, in] and B [out, r] of all
 * targets, joined to one vector (A before B), are `P θ` for a balanced partition P. θ starts as
 * `U(−0.02, 0.02)`: at θ = 0 its gradient is 0, so the first ΔW is small but not 0.
 *
 * Source: arXiv 2506.00799.
 *
 * @throws UsageError when d is above r·Σ(in + out), or for targets with fewer than two axes.
 * @example
 * const adapter = uniLora(new MLP([4, 8, 2], { rng: rng(0) }), { d: 10, rank: 2 });
 * adapter.parameterCount; // 10
 */
export function uniLora<M extends Module>(model: M, asked: UniLoraOptions): Adapter<M> {
  checkModel("uniLora", model);
  const options = given("uniLora", asked, `d# rank# ${ADAPTER}` as const, synonyms);
  const { rank = 4 } = options;
  checkCount("uniLora", "d", options.d);
  checkCount("uniLora", "rank", rank);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => uniLoraMethod(targets, options), options });
}

const THETA = "base_model.unilora_theta_d";

/** Loads a saved Uni-LoRA adapter. */
export const uniLoraLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { rank: "r", d: "d" });
    return uniLora(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(_, fields) {
    yield [THETA, [readNumbers(fields, { d: "d" }).d]];
  },
  sizes: [[THETA, "d"]],
};

function uniLoraMethod(targets: readonly Target[], options: UniLoraOptions): Method {
  const { d, rank = 4, seed = 0 } = options;
  const shapes = targets.flatMap((target): Shape[] => {
    const [rows, columns] = matrixShape("uniLora", target);
    return [
      [rank, columns],
      [rows, rank],
    ];
  });
  const n = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const groups = partition({ n, d, seed });
  const { dtype, device } = firstOf(targets);
  const random = rng(`unilora ${seed}`);
  const theta = new Parameter(random.uniform([d], { low: -0.02, high: 0.02, dtype, device }));
  const minusDelta = (): Tensor[] =>
    scope(() => {
      const factors = project(groups, theta.value, shapes);
      return targets.map((target, i) =>
        minusProduct(factors[2 * i + 1] as Tensor, factors[2 * i] as Tensor, 1, target),
      );
    });
  return {
    name: "UNILORA",
    addition: "none",
    trained: { theta },
    minusDelta,
    config: { r: rank, d, seed: seedField(seed), scheme: groups.scheme, ...storage(targets) },
    fileName: () => THETA,
    dispose: () => forgetIndices(groups),
  };
}
