/**
 * @file Which kernel an op has: a formula of its own, or one of this folder when it is one of the
 * library's ops.
 */
import type { Op } from "../../../core/contract.js";

import { allOps } from "../../../ops/registry.js";
import { convolution } from "./convolution.js";
import { elementwise, type FormulaOf } from "./elementwise.js";
import { formulas } from "./formulas.js";
import { fourier } from "./fourier.js";
import { checks, indexing } from "./indexing.js";
import type { Check, Kernel } from "./kernel.js";
import { type ManyKernel, many } from "./many.js";
import { matmul } from "./matmul.js";
import { movement, placing } from "./movement.js";
import { ordering } from "./ordering.js";
import { reductions } from "./reduce.js";
import { rows } from "./rows.js";
import { written } from "./written.js";

const strided: Readonly<Record<string, Kernel>> = {
  ...reductions,
  ...movement,
  matmul,
};
const contiguous: Readonly<Record<string, Kernel>> = {
  ...placing,
  ...indexing,
  ...rows,
  ...ordering,
  ...convolution,
  ...fourier,
};

/** What the device can do for an op. */
export interface Known {
  /** Of elementwise ops, which may be put into one kernel. */
  readonly formula?: FormulaOf | undefined;
  readonly kernel?: Kernel | undefined;
  readonly many?: ManyKernel | undefined;
  readonly check?: Check | undefined;
  /** Whether the kernel reads permuted and repeated operands where they lie. */
  readonly strides: boolean;
}

const found = new WeakMap<Op, Known>();

/**
 * The kernel of an op; a user's op that bears the name of one of the library's gets none of its
 * kernels.
 */
export function lookUp(op: Op): Known {
  const before = found.get(op);
  if (before !== undefined) return before;
  const known = search(op);
  found.set(op, known);
  return known;
}

function search(op: Op): Known {
  const { name, kernels } = op;
  const gpu = kernels?.gpu;
  if (typeof gpu === "string") return { formula: () => ({ body: gpu }), strides: true };
  if (gpu !== undefined) return { kernel: written(gpu), strides: false };
  if (allOps().get(name) !== op) return { strides: false };
  const formula = elementwise[name];
  if (formula !== undefined) return { formula, strides: true };
  const text = formulas[name];
  if (text !== undefined) return { formula: () => ({ body: text }), strides: true };
  const kernel = strided[name] ?? contiguous[name];
  const strides = strided[name] !== undefined;
  return { kernel, many: many[name], check: checks[name], strides };
}
