/**
 * @file Update rules: one step of an optimiser for one tensor, by the fused kernels of the engine.
 * Knows no modules.
 */
import { noGrad } from "@isograd/autograd";
import { type Tensor, UsageError } from "@isograd/tensor";
import { adamUpdate, expectTensor, given, sgdUpdate, shown } from "@isograd/tensor/engine";
import { isNumber } from "../expect.js";

/** The numbers of a step that a rule uses. */
export interface StepInfo {
  readonly lr: number;
  readonly weightDecay: number;
  /** Number of this step for this tensor, from 1. */
  readonly count: number;
  /** Whether the rule may overwrite the memory of parameter and slots, if nothing else uses it. */
  readonly donate: boolean;
}

/** How a tensor is updated by its gradient, and which tensors are kept between steps. */
export interface UpdateRule {
  readonly name: string;
  /** Names of the tensors kept for each parameter, zeros at first. */
  readonly slots: readonly string[];
  /** Returns the new parameter, then the new slots. */
  update(p: Tensor, g: Tensor, slots: readonly Tensor[], info: StepInfo): Tensor[];
}

/** @throws UsageError unless x is an update rule. */
export function expectRule(op: string, x: unknown): void {
  const { name, slots, update } = (x ?? {}) as Partial<UpdateRule>;
  if (typeof name === "string" && Array.isArray(slots) && typeof update === "function") return;
  throw new UsageError(op, `needs an update rule, got ${shown(x)}`, "such as sgdRule()");
}

function checkStep(op: string, tensors: readonly unknown[], count: number, info: unknown): void {
  for (const x of tensors) expectTensor(op, x);
  if (tensors.length === count && typeof info === "object" && info !== null) return;
  const help = "write rule.update(p, g, slots, { lr, weightDecay: 0, count: 1, donate: false })";
  throw new UsageError(op, `a step of ${tensors.length} tensors and ${shown(info)}`, help);
}

export interface SgdRuleOptions {
  /** Default: 0. */
  readonly momentum?: number | undefined;
  /** Default: false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * `b ← μb + g + λp`, `p ← p − lr · b` (Nesterov: `p − lr (g + λp + μb)`). Source: Sutskever et al.,
 * 2013; PyTorch.
 */
export function sgdRule(options?: SgdRuleOptions): UpdateRule {
  const { momentum = 0, nesterov = false } = given("sgd", options, "momentum# nesterov?");
  if (!(momentum >= 0 && momentum < 1)) {
    throw new UsageError("sgd", `momentum is in [0, 1): got ${momentum}`, "such as 0.9");
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
    update(p, g, slots, info) {
      checkStep("sgd", [p, g, ...(Array.isArray(slots) ? slots : [])], 3, info);
      const [b] = slots;
      const { lr, weightDecay, donate } = info;
      return sgdUpdate(p, g, b as Tensor, { lr, momentum, nesterov, weightDecay, donate });
    },
  };
}

export interface AdamRuleOptions {
  /** Decay rates of the two moments; default: [0.9, 0.999]. */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the root of the second moment; default: 1e-8. */
  readonly eps?: number | undefined;
}

/**
 * `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `p ← p − lr · m̂/(√v̂ + ε)` with `m̂ = m/(1−β₁ᵗ)`,
 * `v̂ = v/(1−β₂ᵗ)`. Weight decay uses `g + λp` in place of g (Adam), or multiplies p by `1 − lr·λ`
 * (AdamW, `decoupled`).
 */
export function adamRule(
  options?: AdamRuleOptions & { readonly decoupled?: boolean | undefined },
): UpdateRule {
  const {
    betas = [0.9, 0.999],
    eps = 1e-8,
    decoupled = false,
  } = given("adam", options, "betas eps# decoupled?");
  const name = decoupled ? "adamw" : "adam";
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new UsageError(
      name,
      `betas are two numbers, got ${shown(betas)}`,
      "such as [0.9, 0.999]",
    );
  }
  const [beta1, beta2] = betas;
  for (const beta of betas) {
    if (isNumber(beta, (b) => b >= 0 && b < 1)) continue;
    const problem = `betas are in [0, 1): got ${shown(beta)}`;
    throw new UsageError(name, problem, "such as [0.9, 0.999]");
  }
  if (!(eps >= 0 && eps < Infinity)) {
    throw new UsageError(name, `eps must be 0 or more: got ${eps}`, "such as 1e-8");
  }
  return {
    name,
    slots: ["m", "v"],
    update(p, g, slots, info) {
      checkStep(name, [p, g, ...(Array.isArray(slots) ? slots : [])], 4, info);
      const [m, v] = slots;
      const { lr, weightDecay, count, donate } = info;
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
