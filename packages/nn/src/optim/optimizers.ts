/** @file The optimisers sgd, adam and adamw. */
import { given } from "@isograd/tensor/engine";
import { Optimizer } from "./optimizer.js";
import { type AdamRuleOptions, adamRule, type SgdRuleOptions, sgdRule } from "./rule.js";
import type { OptimizerOptions } from "./settings.js";
import type { Trainable } from "./targets.js";

export interface SgdOptions extends OptimizerOptions, SgdRuleOptions {}
export interface AdamOptions extends OptimizerOptions, AdamRuleOptions {}

/** Options of other libraries, and ours. */
const THEIRS = new Map(["b1", "b2", "beta1", "beta2"].map((name) => [name, ["betas"]]));
const ADAM = "lr# weightDecay# betas eps# decay() groups";

/**
 * Gradient descent with momentum, optionally Nesterov's: `b ← μb + g + λp`, `p ← p − lr · b`. The
 * same numbers as `torch.optim.SGD`.
 *
 * @param params a module, or a tree of parameters or tensors; their handles stay the same
 * @throws UsageError for options out of range.
 * @example
 * const w = tensor([1, 2]);
 * const opt = sgd(w, { lr: 0.5 });
 * opt.step(grad((x: Tensor) => x.square().sum())(w));
 * w.toString(); // Tensor(float32, [2]) [0, 0]
 */
export function sgd(params: Trainable, options: SgdOptions): Optimizer {
  const { momentum, nesterov, ...rest } = given(
    "sgd",
    options,
    "lr# weightDecay# momentum# nesterov? decay() groups",
  );
  return new Optimizer(sgdRule({ momentum, nesterov }), params, rest);
}

/**
 * Adam, with weight decay added to the gradient: the same numbers as `torch.optim.Adam`. Source:
 * arXiv 1412.6980.
 *
 * @param params a module, or a tree of parameters or tensors; their handles stay the same
 * @throws UsageError for options out of range.
 * @example
 * const w = tensor([1, 2]);
 * const opt = adam(w, { lr: 0.5 });
 * opt.step(grad((x: Tensor) => x.square().sum())(w));
 * w.toString(); // Tensor(float32, [2]) [0.5, 1.5]
 */
export function adam(params: Trainable, options: AdamOptions): Optimizer {
  const { betas, eps, ...rest } = given("adam", options, ADAM, THEIRS);
  return new Optimizer(adamRule({ betas, eps }), params, rest);
}

/**
 * Adam with decoupled weight decay, `p ← p(1 − lr·λ)`; default: λ = 0.01. The same numbers as
 * `torch.optim.AdamW`. Source: arXiv 1711.05101.
 *
 * @param params a module, or a tree of parameters or tensors; their handles stay the same
 * @throws UsageError for options out of range.
 * @example
 * const model = new MLP([2, 8, 1], { rng: rng(0) });
 * const opt = adamw(model, { lr: 1e-3, decay: (_, w) => w.rank > 1 }); // biases do not decay
 */
export function adamw(params: Trainable, options: AdamOptions): Optimizer {
  const { betas, eps, weightDecay = 0.01, ...rest } = given("adamw", options, ADAM, THEIRS);
  const rule = adamRule({ betas, eps, decoupled: true });
  return new Optimizer(rule, params, { ...rest, weightDecay });
}
