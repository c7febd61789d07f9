/** @file Reductions over any axes, in two launches where few threads would have long loops. */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import { BLOCK, type Fold, foldRows } from "../glsl/rowFold.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, coalesce, isNumber, loops, offset, places } from "../gpujs/source.js";
import { heldOr } from "./integers.js";
import type { KernelFor, KernelOperand, KernelsFor, Kit } from "./kernel.js";

type Reduce = typeof families.reduce;

const ADD: Fold = { init: "0.0", step: "acc + v", sums: true };

/** From this many elements on, several threads share a group. */
const LONG = 1024;
/** From this many groups on, one thread for each keeps a GPU busy. */
const MANY = 4096;

/** The axes of a tensor that stay and those that are reduced, innermost first. */
interface Split {
  readonly kept: readonly number[];
  readonly keptSteps: readonly number[];
  readonly gone: readonly number[];
  readonly goneSteps: readonly number[];
}

function splitAxes(x: KernelOperand, axes: readonly number[]): Split {
  const pick = (list: readonly number[], there: boolean) =>
    list.filter((_, i) => axes.includes(i) === there);
  const kept = coalesce(pick(x.shape, false), [pick(x.strides, false)]);
  const gone = coalesce(pick(x.shape, true), [pick(x.strides, true)]);
  return {
    kept: kept.lengths,
    keptSteps: kept.steps[0] as number[],
    gone: gone.lengths,
    goneSteps: gone.steps[0] as number[],
  };
}

/** Whether the groups are consecutive in memory. */
function isRows({ kept, keptSteps, gone, goneSteps }: Split): boolean {
  if (gone.length !== 1 || goneSteps[0] !== 1) return false;
  return kept.length === 0 || (kept.length === 1 && keptSteps[0] === gone[0]);
}

/** Statements that find the first element of this thread's group, at the flat index `base`. */
function start({ kept, keptSteps }: Split): string {
  const { lines, names } = places(kept);
  return `${lines}whole base = ${offset(names, keptSteps)};\n`;
}

const counters = (lengths: readonly number[]) => lengths.map((_, i) => `c${i}`);

/**
 * Statements that fold `term(c)` into `acc` for c from 0 to n, where `inside` holds; sums of many
 * terms in blocks, since each addition to a large number loses digits.
 */
function folded(
  n: number,
  term: (c: string) => string,
  { step, sums = false }: Fold,
  inside = "true",
): string {
  if (!sums || n <= BLOCK) {
    const fold = `const v = ${term("c")}; acc = ${step};`;
    const body = inside === "true" ? fold : `if (${inside}) { ${fold} }`;
    return `for (let i = 0; i < ${n}; i++) { whole c = i; ${body} }`;
  }
  const all = inside === "true" ? `c < ${n}` : `c < ${n} && ${inside}`;
  return `
    for (let b = 0; b < ${Math.ceil(n / BLOCK)}; b++) {
      let block = 0.0;
      for (let d = 0; d < ${BLOCK}; d++) {
        whole c = b * ${BLOCK} + d;
        if (${all}) { block = block + ${term("c")}; }
      }
      acc = acc + block;
    }`;
}

/** Each group folded by one thread. */
function foldGroups(
  kit: Kit,
  op: string,
  x: Block,
  split: Split,
  fold: Fold,
  finish = "acc",
): Block {
  const { gone, goneSteps } = split;
  const alone = gone.length === 1;
  const all = alone
    ? folded(gone[0] as number, (c) => `a[base + ${c} * ${goneSteps[0]}]`, fold)
    : loops(gone, `const v = a[base + ${offset(counters(gone), goneSteps)}]; acc = ${fold.step};`);
  const body = `
    ${start(split)}
    const first = a[base];
    let acc = ${fold.init};
    ${all}
    return ${finish};`;
  return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x } });
}

/** The first of two launches: `parts` threads share a group; each takes every `parts`-th term. */
function foldParts(kit: Kit, op: string, x: Block, split: Split, fold: Fold, parts: number): Block {
  const [n, step] = [split.gone[0] as number, split.goneSteps[0] as number];
  const lengths = [parts, ...split.kept];
  const { lines, names } = places(lengths);
  const term = (c: string) => `a[base + (part + ${c} * ${parts}) * ${step}]`;
  const all = folded(Math.ceil(n / parts), term, fold, `part + c * ${parts} < ${n}`);
  const body = `
    ${lines}
    whole part = ${names[0]};
    whole base = ${offset(names, [0, ...split.keptSteps])};
    const first = a[base + part * ${step}];
    let acc = ${fold.init};
    ${all}
    return acc;`;
  return kit.launch({ op, body, output: sizeOf(lengths), arrays: { a: x } });
}

/** A fold, and those that keep what is not known: of results in int32, and of bools. */
type Folds = Fold & { readonly int32?: Fold; readonly bool?: Fold };

function reduction(folds: Folds, mean = false): KernelFor<Reduce["sum"]> {
  return (kit, { op, inputs: [x], attrs, spec }) => {
    const { int32 = folds, bool = folds } = folds;
    const fold = spec.dtype === "int32" ? int32 : x.dtype === "bool" ? bool : folds;
    const split = splitAxes(x, attrs.axes);
    const [groups, each] = [sizeOf(split.kept), sizeOf(split.gone)];
    const finish = mean ? `acc / ${each}.0` : "acc";
    const inRows =
      isRows(split) && foldRows(kit.launcher, op, x.block, fold, { groups, each, finish });
    if (inRows) return inRows;
    if (each < LONG || groups >= MANY || split.gone.length !== 1) {
      return foldGroups(kit, op, x.block, split, fold, finish);
    }
    const parts = Math.ceil(Math.sqrt(each));
    const made = foldParts(kit, op, x.block, split, fold, parts);
    const rest = { kept: [groups], keptSteps: [parts], gone: [parts], goneSteps: [1] };
    const result = foldGroups(kit, op, made, rest, fold, finish);
    kit.free(made);
    return result;
  };
}

// Two passes: Σ(x − x̄)² / (n − correction).
const variance: KernelFor<Reduce["variance"]> = (kit, { op, inputs: [x], attrs }) => {
  const { axes, correction } = attrs;
  const split = splitAxes(x, axes);
  const { gone, goneSteps } = split;
  const each = sizeOf(gone);
  const at = `base + ${offset(counters(gone), goneSteps)}`;
  const body = `
    ${start(split)}
    let total = 0.0;
    ${loops(gone, `total = total + a[${at}];`)}
    const mean = total / ${each};
    let acc = 0.0;
    ${loops(gone, `const d = a[${at}] - mean; acc = acc + d * d;`)}
    return acc / count;`;
  const numbers = { count: each - correction };
  return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x.block }, numbers });
};

function arg(better: string): KernelFor<Reduce["argmax"]> {
  return (kit, { op, inputs: [x], attrs }) => {
    const { axis } = attrs;
    checkExact(op, x.shape[axis] as number, x.shape);
    const split = splitAxes(x, [axis]);
    const body = `
      ${start(split)}
      let best = a[base];
      let at = 0.0;
      for (let c = 1; c < ${x.shape[axis]}; c++) {
        const v = a[base + c * ${x.strides[axis]}];
        if (${isNumber("best")} && (${better} || !${isNumber("v")})) { best = v; at = c; }
      }
      ${x.dtype === "float32" ? "" : `if (!${isNumber("best")}) { return best; }`}
      return at;`;
    return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x.block } });
  };
}

/** Kernels that read permuted and repeated operands in place. */
export const reductions: KernelsFor<Reduce> = {
  sum: reduction({ ...ADD, int32: { init: "0.0", step: heldOr("(acc + v)") } }),
  mean: reduction(ADD, true),
  prod: reduction({
    init: "1.0",
    step: "acc * v",
    int32: { init: "1.0", step: heldOr("(acc * v)") },
  }),
  // where neither comparison holds, one of both is NaN, and so is their sum
  max: reduction({ init: "first", step: "v > acc ? v : (v <= acc ? acc : acc + v)" }),
  min: reduction({ init: "first", step: "v < acc ? v : (v >= acc ? acc : acc + v)" }),
  all: reduction({
    init: "1.0",
    step: "v == 0.0 ? 0.0 : acc",
    bool: { init: "1.0", step: "v == 0.0 ? v : (v > 0.0 ? acc : (acc == 0.0 ? acc : v))" },
  }),
  any: reduction({
    init: "0.0",
    step: "v == 0.0 ? acc : 1.0",
    bool: { init: "0.0", step: "v == 0.0 ? acc : (v > 0.0 ? v : (acc == 1.0 ? acc : v))" },
  }),
  variance,
  argmax: arg("v > best"),
  argmin: arg("v < best"),
};
