/** @file Ops of several results: one launch for each result. */
import type { families } from "../../../nets/registry.js";
import type { Block } from "../gpujs/backend.js";
import { type Kit, type ManyKernelFor, type ManyKernelsFor, map } from "./kernel.js";
import { part } from "./movement.js";

type Update = typeof families.update;
type Movement = typeof families.movement;

/** One elementwise step over blocks of the same size. */
function update(
  kit: Kit,
  op: string,
  blocks: readonly [Block, ...Block[]],
  body: string,
  numbers: Readonly<Record<string, number>>,
): Block {
  const operands = blocks.map((block) => ({ block, strides: [1] }));
  return map(kit, { op, body, shape: [blocks[0].size], operands, numbers });
}

// m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  p ← p(1 − lr·λ) − lr · m·c₁ / (√(v·c₂) + ε)
const adamUpdate: ManyKernelFor<Update["adamUpdate"]> = (
  kit,
  { op, inputs: [p, g, m, v], attrs: a },
) => {
  const beta1 = { beta: a.beta1, rest: 1 - a.beta1 };
  const beta2 = { beta: a.beta2, rest: 1 - a.beta2 };
  const m2 = update(kit, op, [m.block, g.block], "return beta * x + rest * y;", beta1);
  const v2 = update(kit, op, [v.block, g.block], "return beta * x + rest * y * y;", beta2);
  const step = "return x * keep - lr * y * c1 / (Math.sqrt(z * c2) + eps);";
  const numbers = {
    keep: 1 - a.lr * a.weightDecay,
    lr: a.lr,
    c1: a.correction1,
    c2: a.correction2,
    eps: a.eps,
  };
  return [update(kit, op, [p.block, m2, v2], step, numbers), m2, v2];
};

// g ← g + λp,  b ← μb + g,  p ← p − lr · (nesterov ? g + μb : b)
const sgdUpdate: ManyKernelFor<Update["sgdUpdate"]> = (
  kit,
  { op, inputs: [p, g, buffer], attrs },
) => {
  const { lr, momentum: mu, weightDecay: decay, nesterov } = attrs;
  const gradient = { mu, decay };
  const read = [p.block, g.block, buffer.block] as const;
  const b2 = update(kit, op, read, "return mu * z + y + decay * x;", gradient);
  const step = nesterov ? "return x - lr * (y + decay * x + mu * z);" : "return x - lr * z;";
  const numbers: Record<string, number> = nesterov ? { lr, mu, decay } : { lr };
  return [update(kit, op, [p.block, g.block, b2], step, numbers), b2];
};

const split: ManyKernelFor<Movement["split"]> = (
  kit,
  { op, inputs: [x], attrs: { axis, sizes } },
) => {
  let start = 0;
  return sizes.map((length) => {
    const made = length === 0 ? null : part(kit, op, x, axis, start, length);
    start += length;
    return made;
  });
};

/** Kernels of contiguous operands. */
export const updates: ManyKernelsFor<Update> = { adamUpdate, sgdUpdate };
/** Kernels of contiguous operands. */
export const splitting: ManyKernelsFor<Movement> = { split };
