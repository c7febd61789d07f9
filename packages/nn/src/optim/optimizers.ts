/** @file The optimisers sgd, adam and adamw. */
import { Optimizer } from "./optimizer.js";
import { type AdamRuleOptions, adamRule, type SgdRuleOptions, sgdRule } from "./rule.js";
import type { OptimizerOptions } from "./settings.js";
import type { Trainable } from "./targets.js";

export interface SgdOptions extends OptimizerOptions, SgdRuleOptions {}
export interface AdamOptions extends OptimizerOptions, AdamRuleOptions {}

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
  return new Optimizer(sgdRule(options), params, options);
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
  return new Optimizer(adamRule(options), params, options);
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
  const { weightDecay = 0.01 } = options;
  return new Optimizer(adamRule({ ...options, decoupled: true }), params, {
    ...options,
    weightDecay,
  });
}
