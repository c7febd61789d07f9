/** @file Tied-LoRA: one pair of trained matrices for all targets, scaled by vectors of each. */
import { type Module, Parameter } from "@isograd/nn";
import { ones, rng, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, firstOf, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import { kaiming } from "./lora.js";
import {
  type AdapterOptions,
  checkCount,
  inModel,
  largestShape,
  type Method,
  matrixShape,
  moduleName,
  seedField,
  storage,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";
import { minusScaledProduct } from "./scaled.js";

/** What {@link tiedLora} takes. */
export interface TiedLoraOptions extends AdapterOptions {
  /** Rank r of every ΔW; default: 8. */
  readonly rank?: number | undefined;
}

/**
 * Adapts a model by Tied-LoRA with everything trained (TL6): `W = W0 + diag(v) B diag(u) A`, where
 * all targets share A [r, in] and B [out, r], which have the size of the largest target and are cut
 * to the size of each; every target has its own u [r] and v [out]. A is drawn from Kaiming's
 * uniform distribution, B = 0, u = v = 1.
 *
 * Source: arXiv 2311.09578.
 *
 * @throws UsageError for targets with fewer than two axes, or options out of range.
 * @example
 * const adapter = tiedLora(new MLP([4, 8, 2], { rng: rng(0) }), { rank: 1 });
 * adapter.parameterCount; // 28
 */
export function tiedLora<M extends Module>(model: M, asked?: TiedLoraOptions): Adapter<M> {
  checkModel("tiedLora", model);
  const options = given("tiedLora", asked, `rank# ${ADAPTER}` as const, synonyms);
  checkCount("tiedLora", "rank", options.rank ?? 8);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => tiedLoraMethod(targets, options), options });
}

/** Loads a saved Tied-LoRA adapter. */
export const tiedLoraLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { rank: "r" });
    return tiedLora(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(targets, fields) {
    const { r } = readNumbers(fields, { r: "r" });
    const [rows, columns] = largestShape("tiedLora", targets);
    yield [inModel("tied_lora_A"), [r, columns]];
    yield [inModel("tied_lora_B"), [rows, r]];
    for (const target of targets) {
      yield [inModel(`${moduleName(target)}.tied_lora_u`), [r]];
      yield [inModel(`${moduleName(target)}.tied_lora_v`), [matrixShape("tiedLora", target)[0]]];
    }
  },
  sizes: [["base_model.model.tied_lora_A", "r"]],
};

function tiedLoraMethod(targets: readonly Target[], options: TiedLoraOptions): Method {
  const { rank = 8, seed = 0 } = options;
  const [rows, columns] = largestShape("tiedLora", targets);
  const first = firstOf(targets);
  const { dtype, device } = first;
  const a = new Parameter(kaiming(rng(`tiedlora ${seed}`), [rank, columns], first));
  const b = new Parameter(zeros([rows, rank], { dtype, device }));
  const trained: Record<string, Parameter> = { tied_lora_A: a, tied_lora_B: b };
  const scales = targets.map((target) => {
    const u = new Parameter(ones([rank], { dtype, device }));
    const v = new Parameter(ones([matrixShape("tiedLora", target)[0]], { dtype, device }));
    trained[`${moduleName(target)}.tied_lora_u`] = u;
    trained[`${moduleName(target)}.tied_lora_v`] = v;
    return { like: target, u, v };
  });
  return {
    name: "TIEDLORA",
    addition: "none",
    trained,
    minusDelta: () =>
      scales.map(({ like, u, v }) => minusScaledProduct(v.value, b.value, u.value, a.value, like)),
    config: { r: rank, seed: seedField(seed), ...storage(targets) },
    fileName: inModel,
  };
}
