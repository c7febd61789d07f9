/** @file GPart: one vector θ, spread over all targets by an isometric partition. */
import { type Module, Parameter } from "@isograd/nn";
import { scope, sub, zeros } from "@isograd/tensor";
import type { Scheme } from "../partition/options.js";
import { forgetIndices } from "../kernels.js";
import { type Partition, partition } from "../partition/partition.js";
import { project } from "../project.js";
import { Adapter } from "./adapter.js";
import { type AdapterOptions, checkCount, type Method, shapesOf } from "./method.js";
import { countWeights, findTargets, flatValues, hashValues, type Target } from "./targets.js";

/** What {@link gpart} takes. */
export interface GPartOptions extends AdapterOptions {
  /** Trained numbers: 1 … N, the number of weights targeted. */
  readonly d: number;
  /** How weights are grouped; `"feistel-v1"` unless said. */
  readonly scheme?: Scheme;
}

/**
 * Adapts a model by GPart: `W = W0 + Pθ`, with one partition P over all targeted weights laid end to end in the order
 * of the model's parameters, each row-major. θ starts at 0, where the model is its base to the last bit. P is an
 * isometry, so lengths, angles and weight decay on θ are those of the weights' displacement. Stored: θ and a seed.
 *
 * With Adam, a learning rate of about `lr_weights · √(N/d)` is a good first guess.
 *
 * Source: arXiv 2605.14841.
 *
 * @throws UsageError when d > N, a target matches nothing, or an option is out of range.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const adapter = gpart(model, { d: 6, seed: 1, targetModules: "all-linear" });
 * adapter.trained.theta.shape; // [6]
 */
export function gpart<M extends Module>(model: M, options: GPartOptions): Adapter<M> {
  const { targetModules = "all-linear", modulesToSave = [] } = options;
  checkCount("gpart", "d", options.d);
  const targets = findTargets(model, targetModules, modulesToSave);
  return new Adapter({ model, targets, method: gpartMethod(targets, options), options });
}

function gpartMethod(targets: readonly Target[], options: GPartOptions): Method {
  const { d, seed = 0, scheme = "feistel-v1" } = options;
  const groups = partitionOf(targets, d, seed, scheme);
  const { dtype, device } = (targets[0] as Target).parameter;
  const theta = new Parameter(zeros([d], { dtype, device }));
  const shapes = shapesOf(targets);
  return {
    name: "GPART",
    trained: { theta },
    minusDelta: () => scope(() => project(groups, sub(0, theta.value), shapes)),
    config: { scheme, seed, d, n: groups.n, ...baseHash(targets, scheme) },
    fileName: () => "base_model.gpart_theta_d",
    dispose: () => forgetIndices(groups),
  };
}

function partitionOf(
  targets: readonly Target[],
  d: number,
  seed: number,
  scheme: Scheme,
): Partition {
  const sizes = targets.map(({ parameter }) => parameter.own.size);
  const values = scheme === "signed-magnitude" ? { values: flatValues(targets) } : {};
  return partition({ n: countWeights(targets), d, seed, scheme, sizes, ...values });
}

/** Where the weights decide about groups, the file must know which weights. */
function baseHash(targets: readonly Target[], scheme: Scheme): { base_hash?: string } {
  return scheme === "signed-magnitude" ? { base_hash: hashValues(flatValues(targets)) } : {};
}
