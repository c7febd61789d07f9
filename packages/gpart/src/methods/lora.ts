/** @file LoRA: a product of two thin matrices for each target. */
import { type Module, Parameter } from "@isograd/nn";
import { matmul, mul, type Rng, rng, scope, sub, type Tensor, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  checkFactor,
  type Method,
  matrixShape,
  moduleName,
  seedField,
  storage,
  stored,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link lora} takes. */
export interface LoraOptions extends AdapterOptions {
  /** Rank r of every ΔW; default: 8. */
  readonly rank?: number | undefined;
  /** ΔW is scaled by α/r; default: α = r. */
  readonly alpha?: number | undefined;
}

/**
 * Adapts a model by LoRA: `W = W0 + (α/r) B A` for every target, A [r, in] drawn from Kaiming's
 * uniform distribution (±1/√in, as in PEFT), B [out, r] = 0; for weights stored as [in, out], as in
 * GPT-2, the transpose of B A. Weights with more than two axes are reshaped to matrices [out,
 * rest].
 *
 * Source: arXiv 2106.09685.
 *
 * @throws UsageError for targets with fewer than two axes, or options out of range.
 * @example
 * const adapter = lora(new MLP([4, 8, 2], { rng: rng(0) }), { rank: 1 });
 * adapter.parameterCount; // 22
 */
export function lora<M extends Module>(model: M, asked?: LoraOptions): Adapter<M> {
  checkModel("lora", model);
  const options = given("lora", asked, `rank# alpha# ${ADAPTER}` as const, synonyms);
  const { rank = 8, alpha = rank } = options;
  checkCount("lora", "rank", rank);
  checkFactor("lora", "alpha", alpha);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => loraMethod(targets, options), options });
}

/** Loads a saved LoRA adapter. */
export const loraLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { rank: "r", alpha: "lora_alpha" });
    return lora(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(targets, fields) {
    const { r } = readNumbers(fields, { r: "r" });
    for (const target of targets) {
      const [rows, columns] = matrixShape("lora", target);
      yield [loraName(`${moduleName(target)}.lora_A`), [r, columns]];
      yield [loraName(`${moduleName(target)}.lora_B`), [rows, r]];
    }
  },
  sizes: [[".lora_A.weight", "r"]],
};

const loraName = (name: string) => `base_model.model.${name}.weight`;

function loraMethod(targets: readonly Target[], options: LoraOptions): Method {
  const { rank = 8, alpha = rank, seed = 0 } = options;
  const random = rng(`lora ${seed}`);
  const trained: Record<string, Parameter> = {};
  const pairs = targets.map((target) => {
    const [a, b] = loraPair(target, rank, random);
    trained[`${moduleName(target)}.lora_A`] = a;
    trained[`${moduleName(target)}.lora_B`] = b;
    return { target, a, b };
  });
  const minusDelta = (): Tensor[] =>
    pairs.map(({ target, a, b }) =>
      scope(() => minusProduct(b.value, a.value, alpha / rank, target)),
    );
  return {
    name: "LORA",
    addition: "none",
    trained,
    minusDelta,
    config: { r: rank, lora_alpha: alpha, seed: seedField(seed), ...storage(targets) },
    fileName: loraName,
  };
}

function loraPair(target: Target, rank: number, random: Rng): [a: Parameter, b: Parameter] {
  const { dtype, device } = target.parameter;
  const [rows, columns] = matrixShape("lora", target);
  const a = kaiming(random, [rank, columns], target.parameter);
  return [new Parameter(a), new Parameter(zeros([rows, rank], { dtype, device }))];
}

/** Kaiming's uniform distribution as LoRA draws it: ±1/√in. */
export function kaiming(random: Rng, shape: readonly [number, number], like: Parameter): Tensor {
  const bound = 1 / Math.sqrt(shape[1]);
  const { dtype, device } = like;
  return random.uniform(shape, { low: -bound, high: bound, dtype, device });
}

/** −s · B A in the shape of a weight; exactly +0 where B is 0. */
export function minusProduct(b: Tensor, a: Tensor, s: number, like: Target): Tensor {
  const product = matmul(sub(0, b), a);
  return stored(s === 1 ? product : mul(product, s), like);
}
