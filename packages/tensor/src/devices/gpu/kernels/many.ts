/** @file Ops of several results: one kernel for each. */
import type { AdamAttrs, SgdAttrs } from "../../../ops/update.js";
import type { Block } from "../backend.js";
import { type Job, type Kit, map, type Operand } from "./kernel.js";
import { part } from "./movement.js";

/** Results without elements have no block. */
export type ManyKernel = (kit: Kit, job: Omit<Job, "spec">) => (Block | null)[];

function update(
  kit: Kit,
  op: string,
  operands: readonly { readonly block: Block }[],
  body: string,
  numbers: Readonly<Record<string, number>>,
): Block {
  const { size } = (operands[0] as { readonly block: Block }).block;
  const flat = operands.map(({ block }) => ({ block, strides: [1] }));
  return map(kit, { op, body, shape: [size], operands: flat, numbers });
}

// m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  p ← p(1 − lr·λ) − lr · m·c₁ / (√(v·c₂) + ε)
const adamUpdate: ManyKernel = (kit, { op, inputs, attrs }) => {
  const [p, g, m, v] = inputs as [Operand, Operand, Operand, Operand];
  const a = attrs as AdamAttrs;
  const beta1 = { beta: a.beta1, rest: 1 - a.beta1 };
  const beta2 = { beta: a.beta2, rest: 1 - a.beta2 };
  const m2 = update(kit, op, [m, g], "return beta * x + rest * y;", beta1);
  const v2 = update(kit, op, [v, g], "return beta * x + rest * y * y;", beta2);
  const step = "return x * keep - lr * y * c1 / (Math.sqrt(z * c2) + eps);";
  const numbers = {
    keep: 1 - a.lr * a.weightDecay,
    lr: a.lr,
    c1: a.correction1,
    c2: a.correction2,
    eps: a.eps,
  };
  return [update(kit, op, [p, { block: m2 }, { block: v2 }], step, numbers), m2, v2];
};

// g ← g + λp,  b ← μb + g,  p ← p − lr · (nesterov ? g + μb : b)
const sgdUpdate: ManyKernel = (kit, { op, inputs, attrs }) => {
  const [p, g, buffer] = inputs as [Operand, Operand, Operand];
  const { lr, momentum: mu, weightDecay: decay, nesterov } = attrs as SgdAttrs;
  const gradient = { mu, decay };
  const b2 = update(kit, op, [p, g, buffer], "return mu * z + y + decay * x;", gradient);
  const step = nesterov ? "return x - lr * (y + decay * x + mu * z);" : "return x - lr * z;";
  const numbers: Record<string, number> = nesterov ? { lr, mu, decay } : { lr };
  return [update(kit, op, [p, g, { block: b2 }], step, numbers), b2];
};

const split: ManyKernel = (kit, { op, inputs, attrs }) => {
  const x = inputs[0] as Operand;
  const { axis, sizes } = attrs as { readonly axis: number; readonly sizes: readonly number[] };
  let start = 0;
  return sizes.map((length) => {
    const made = length === 0 ? null : part(kit, op, x, axis, start, length);
    start += length;
    return made;
  });
};

/** Kernels of contiguous operands. */
export const many: Readonly<Record<string, ManyKernel>> = { adamUpdate, sgdUpdate, split };
