/**
 * @file VeRA: all targets share two random matrices, which are not trained; each target trains
 * vectors that scale them.
 */
import { type Module, Parameter } from "@isograd/nn";
import { full, rng, type Tensor, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, firstOf, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  checkFactor,
  constant,
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

/** What {@link vera} takes. */
export interface VeraOptions extends AdapterOptions {
  /** Rank r of every ΔW; default: 256. */
  readonly rank?: number | undefined;
  /** Initial value of the inner scales λ_d; default: 0.1. */
  readonly dInitial?: number | undefined;
}

/**
 * Adapts a model by VeRA: `W = W0 + diag(λ_b) B diag(λ_d) A`, with A [r, in] and B [out, r] cut
 * from two random matrices of the size of the largest target, which are not trained (Kaiming
 * uniform, ±√(6/in) and ±√(6/r)); λ_b [out] starts at 0, λ_d [r] at 0.1.
 *
 * Source: arXiv 2310.11454.
 *
 * @throws UsageError for targets with fewer than two axes, or options out of range.
 * @example
 * const adapter = vera(new MLP([4, 8, 2], { rng: rng(0) }), { rank: 3 });
 * adapter.parameterCount; // 16
 */
export function vera<M extends Module>(model: M, asked?: VeraOptions): Adapter<M> {
  checkModel("vera", model);
  const options = given("vera", asked, `rank# dInitial# ${ADAPTER}` as const, synonyms);
  checkCount("vera", "rank", options.rank ?? 256);
  checkFactor("vera", "dInitial", options.dInitial ?? 0);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => veraMethod(targets, options), options });
}

/** Loads a saved VeRA adapter. */
export const veraLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { rank: "r", dInitial: "d_initial" });
    return vera(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(targets, fields) {
    const { r } = readNumbers(fields, { r: "r" });
    for (const target of targets) {
      yield [inModel(`${moduleName(target)}.vera_lambda_b`), [matrixShape("vera", target)[0]]];
      yield [inModel(`${moduleName(target)}.vera_lambda_d`), [r]];
    }
  },
  sizes: [[".vera_lambda_d", "r"]],
};

function veraMethod(targets: readonly Target[], options: VeraOptions): Method {
  const { rank = 256, dInitial = 0.1, seed = 0 } = options;
  const [rows, columns] = largestShape("vera", targets);
  const { dtype, device } = firstOf(targets);
  const random = rng(`vera ${seed}`);
  const draw = (shape: [number, number], fan: number): Tensor => {
    const bound = Math.sqrt(6 / fan);
    return random.uniform(shape, { low: -bound, high: bound, dtype, device });
  };
  const a = constant(draw([rank, columns], columns));
  const b = constant(draw([rows, rank], rank));
  const trained: Record<string, Parameter> = {};
  const scales = targets.map((target) => {
    const outer = new Parameter(zeros([matrixShape("vera", target)[0]], { dtype, device }));
    const inner = new Parameter(full([rank], dInitial, { dtype, device }));
    trained[`${moduleName(target)}.vera_lambda_b`] = outer;
    trained[`${moduleName(target)}.vera_lambda_d`] = inner;
    return { like: target, outer, inner };
  });
  return {
    name: "VERA",
    addition: "none",
    trained,
    frozen: { A: a, B: b },
    minusDelta: () =>
      scales.map(({ like, outer, inner }) =>
        minusScaledProduct(outer.value, b.value, inner.value, a.value, like),
      ),
    config: { r: rank, d_initial: dInitial, seed: seedField(seed), ...storage(targets) },
    fileName: inModel,
  };
}
