/**
 * @file What the device can do for an op: kernels and formulas of the library's ops, found by the
 * op itself, and those that other ops bring along.
 */
import type { Op } from "../../../core/contract.js";
import { families } from "../../../nets/registry.js";
import { originalOf } from "../../../ops/define/named.js";
import { opsOf } from "../../../ops/families.js";
import { sincSlope } from "../../../ops/special/sinc.js";
import { convolution } from "./convolution.js";
import {
  casting,
  choosing,
  type FormulaOf,
  ofSinc,
  ordered,
  powers,
  updating,
} from "./elementwise.js";
import { formulas } from "./formulas.js";
import { fourier } from "./fourier.js";
import { indexing, indexingChecks, scatter, scatterChecks } from "./indexing.js";
import type { Check, Kernel, ManyKernel } from "./kernel.js";
import { splitting, updates } from "./many.js";
import { product } from "./matmul.js";
import { movement, placing } from "./movement.js";
import { ordering } from "./ordering.js";
import { reductions } from "./reduce.js";
import { normalizing, rowSlopes, running } from "./rows.js";
import { written } from "./written.js";

/** What the device can do for an op; an op without formula and kernels runs on the host. */
export interface Known {
  /** Of elementwise ops, several of which may go into one kernel. */
  readonly formula?: FormulaOf | undefined;
  readonly kernel?: Kernel | undefined;
  readonly many?: ManyKernel | undefined;
  readonly check?: Check | undefined;
  /** Whether the kernel reads permuted and repeated operands in place. */
  readonly strides: boolean;
  /** Whether the result is the first operand when the second, the indices, has no elements. */
  readonly writes?: boolean;
  /** Whether the kernel takes operands without elements. */
  readonly takesEmpty?: boolean;
  /** Whether the kernel visits all of a row for each of its elements, along `attrs.axis`. */
  readonly squared?: boolean;
}

/** The ops of a family that have an entry in a table, and the entries. */
function* paired<T>(
  family: object,
  table: Readonly<Record<string, T | undefined>>,
): Iterable<readonly [Op, T]> {
  for (const [name, op] of opsOf(family)) {
    const entry = table[name];
    if (entry !== undefined) yield [op, entry];
  }
}

const texts = new Map<Op, string>([
  ...paired<string>(families.unary, formulas),
  ...paired<string>(families.binary, formulas),
  ...paired<string>(families.slopes, formulas),
  ...paired<string>(families.special, formulas),
]);

const formulasByOp = new Map<Op, FormulaOf>([
  ...paired<FormulaOf>(families.cast, casting),
  ...paired<FormulaOf>(families.binary, powers),
  ...paired<FormulaOf>(families.compare, choosing),
  ...paired<FormulaOf>(families.update, updating),
  ...paired<FormulaOf>(families.special, ordered),
  [sincSlope.op, ofSinc],
]);

const strided = new Map<Op, Kernel>([
  ...paired<Kernel>(families.reduce, reductions),
  ...paired<Kernel>(families.movement, movement),
  ...paired<Kernel>(families.matmul, product),
]);

const contiguous = new Map<Op, Kernel>([
  ...paired<Kernel>(families.movement, placing),
  ...paired<Kernel>(families.indexing, indexing),
  ...paired<Kernel>(families.scatter, scatter),
  ...paired<Kernel>(families.normalize, normalizing),
  ...paired<Kernel>(families.slopes, rowSlopes),
  ...paired<Kernel>(families.reduce, running),
  ...paired<Kernel>(families.ordering, ordering),
  ...paired<Kernel>(families.convolution, convolution),
  ...paired<Kernel>(families.fourier, fourier),
]);

const many = new Map<Op, ManyKernel>([
  ...paired<ManyKernel>(families.update, updates),
  ...paired<ManyKernel>(families.movement, splitting),
]);

const checks = new Map<Op, Check>([
  ...paired<Check>(families.indexing, indexingChecks),
  ...paired<Check>(families.scatter, scatterChecks),
]);

const writing = new Set<Op>([
  families.indexing.indexAdd.op,
  families.scatter.setAlongAxis.op,
  families.scatter.maxAlongAxis.op,
]);

const squared = new Set<Op>([
  families.ordering.argsort.op,
  families.reduce.cumulativeSum.op,
  families.scatter.cumulativeArgmax.op,
]);

const found = new WeakMap<Op, Known>();

/** What the device can do for an op. The name of an op plays no part. */
export function lookUp(op: Op): Known {
  const before = found.get(op);
  if (before !== undefined) return before;
  const known = search(originalOf(op));
  found.set(op, known);
  return known;
}

function search(op: Op): Known {
  const gpu = op.kernels?.gpu;
  if (typeof gpu === "string") return { formula: () => ({ body: gpu }), strides: true };
  if (gpu !== undefined) return { kernel: written(gpu), strides: false };
  const formula = formulasByOp.get(op);
  if (formula !== undefined) return { formula, strides: true };
  const text = texts.get(op);
  if (text !== undefined) return { formula: () => ({ body: text }), strides: true };
  return {
    kernel: strided.get(op) ?? contiguous.get(op),
    many: many.get(op),
    check: checks.get(op),
    strides: strided.has(op),
    writes: writing.has(op),
    takesEmpty: op === families.movement.concat.op,
    squared: squared.has(op),
  };
}
