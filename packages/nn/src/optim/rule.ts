/**
 * @file Update rules: what one step does to one tensor, in the fused kernels of the engine. Knows
 * no modules.
 */
import { noGrad } from "@isograd/autograd";
import { type Tensor, UsageError } from "@isograd/tensor";
import { adamUpdate, sgdUpdate } from "@isograd/tensor/engine";

/** What a rule is told about the step. */
export interface StepInfo {
  readonly lr: number;
  readonly weightDecay: number;
  /** Number of this step for the tensor at hand, from 1. */
  readonly count: number;
  /**
   * Whether parameter and state are given away: then they are overwritten where nobody else holds
   * them.
   */
  readonly donate: boolean;
}

/** How a tensor moves against its gradient, and what it remembers between steps. */
export interface UpdateRule {
  readonly name: string;
  /** Names of the tensors remembered for each parameter, zeros at first. */
  readonly slots: readonly string[];
  /** The new parameter, then the new slots. */
  update(p: Tensor, g: Tensor, slots: readonly Tensor[], info: StepInfo): Tensor[];
}

export interface SgdRuleOptions {
  /** 0 unless said. */
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
}

/**
 * `b ← μb + g + λp`, `p ← p − lr · b` (Nesterov: `p − lr (g + λp + μb)`). Source: Sutskever et al.,
 * 2013; PyTorch.
 */
export function sgdRule(options: SgdRuleOptions = {}): UpdateRule {
  const { momentum = 0, nesterov = false } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw new UsageError("sgd", `momentum is in [0, 1): got ${momentum}`);
  }
  if (nesterov && momentum === 0) {
    throw new UsageError(
      "sgd",
      "nesterov needs momentum",
      "pass { momentum: 0.9, nesterov: true }",
    );
  }
  return {
    name: "sgd",
    slots: ["momentum"],
    update: (p, g, [b], { lr, weightDecay, donate }) =>
      sgdUpdate(p, g, b as Tensor, { lr, momentum, nesterov, weightDecay, donate }),
  };
}

export interface AdamRuleOptions {
  /** Decay of the two moments; [0.9, 0.999] unless said. */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the root of the second moment; 1e-8 unless said. */
  readonly eps?: number | undefined;
}

/**
 * `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `p ← p − lr · m̂/(√v̂ + ε)` with `m̂ = m/(1−β₁ᵗ)`,
 * `v̂ = v/(1−β₂ᵗ)`. Weight decay is `g + λp` before (Adam), or `p(1 − lr·λ)` apart from it (AdamW,
 * `decoupled`).
 */
export function adamRule(
  options: AdamRuleOptions & { readonly decoupled?: boolean | undefined } = {},
): UpdateRule {
  const { betas = [0.9, 0.999], eps = 1e-8, decoupled = false } = options;
  const [beta1, beta2] = betas;
  for (const beta of betas) {
    if (!(beta >= 0 && beta < 1)) throw new UsageError("adam", `betas are in [0, 1): got ${beta}`);
  }
  if (!(eps >= 0)) throw new UsageError("adam", `eps must be 0 or more: got ${eps}`);
  return {
    name: decoupled ? "adamw" : "adam",
    slots: ["m", "v"],
    update(p, g, [m, v], { lr, weightDecay, count, donate }) {
      const coupled = weightDecay !== 0 && !decoupled;
      const slope = coupled ? noGrad(() => g.add(p.mul(weightDecay))) : g;
      return adamUpdate(p, slope, m as Tensor, v as Tensor, {
        lr,
        beta1,
        beta2,
        eps,
        correction1: 1 / (1 - beta1 ** count),
        correction2: 1 / (1 - beta2 ** count),
        weightDecay: coupled ? 0 : weightDecay,
        donate,
      });
    },
  };
}
