/** @file Reductions over any axes, in two launches when few threads would have much to do. */

import { sizeOf } from "../../../base/shape.js";
import type { ArgAttrs, ReduceAttrs, VarianceAttrs } from "../../../ops/reduce.js";
import type { Block } from "../backend.js";
import { checkExact, coalesce, isNumber, loops, offset, places } from "../source.js";
import type { Kernel, Kit, Operand } from "./kernel.js";
import { type Fold, foldRows } from "./rowFold.js";

const add: Fold = { init: "0.0", step: "acc + v" };
const FOLDS = {
  sum: add,
  mean: add,
  prod: { init: "1.0", step: "acc * v" },
  // The sum of both is NaN where neither comparison holds: a NaN wins and stays.
  max: { init: "first", step: "v > acc ? v : (v <= acc ? acc : acc + v)" },
  min: { init: "first", step: "v < acc ? v : (v >= acc ? acc : acc + v)" },
  all: { init: "1.0", step: "v == 0.0 ? 0.0 : acc" },
  any: { init: "0.0", step: "v == 0.0 ? acc : 1.0" },
} satisfies Record<string, Fold>;

/** Elements that one thread may fold before the work is spread over more of them. */
const LONG = 1024;
/** Threads that keep a GPU busy. */
const MANY = 4096;

/** A tensor seen as the axes that stay and the axes that go, innermost first. */
interface Split {
  readonly kept: readonly number[];
  readonly keptSteps: readonly number[];
  readonly gone: readonly number[];
  readonly goneSteps: readonly number[];
}

function splitAxes(x: Operand, axes: readonly number[]): Split {
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

/** Whether the groups lie one after the other. */
function isRows({ kept, keptSteps, gone, goneSteps }: Split): boolean {
  if (gone.length !== 1 || goneSteps[0] !== 1) return false;
  return kept.length === 0 || (kept.length === 1 && keptSteps[0] === gone[0]);
}

/** Statements that find the first element of this thread's group, at the flat index `base`. */
function start(op: string, { kept, keptSteps }: Split): string {
  const { lines, names } = places(op, kept);
  return `${lines}const base = ${offset(names, keptSteps)};\n`;
}

const counters = (lengths: readonly number[]) => lengths.map((_, i) => `c${i}`);

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
  const body = `
    ${start(op, split)}
    const first = a[base];
    let acc = ${fold.init};
    ${loops(gone, `const v = a[base + ${offset(counters(gone), goneSteps)}]; acc = ${fold.step};`)}
    return ${finish};`;
  return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x } });
}

/** The first of two launches: `parts` threads share each group, taking every `parts`-th element. */
function foldParts(kit: Kit, op: string, x: Block, split: Split, fold: Fold, parts: number): Block {
  const [n, step] = [split.gone[0] as number, split.goneSteps[0] as number];
  const lengths = [parts, ...split.kept];
  const { lines, names } = places(op, lengths);
  const body = `
    ${lines}
    const part = ${names[0]};
    const base = ${offset(names, [0, ...split.keptSteps])};
    const first = a[base + part * ${step}];
    let acc = ${fold.init};
    for (let c = 0; c < ${Math.ceil(n / parts)}; c++) {
      const e = part + c * ${parts};
      if (e < ${n}) { const v = a[base + e * ${step}]; acc = ${fold.step}; }
    }
    return acc;`;
  return kit.launch({ op, body, output: sizeOf(lengths), arrays: { a: x } });
}

function reduction(fold: Fold, mean = false): Kernel {
  return (kit, { op, inputs, attrs }) => {
    const x = inputs[0] as Operand;
    checkExact(op, x.block.size);
    const split = splitAxes(x, (attrs as ReduceAttrs).axes);
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
const variance: Kernel = (kit, { op, inputs, attrs }) => {
  const x = inputs[0] as Operand;
  const { axes, correction } = attrs as VarianceAttrs;
  checkExact(op, x.block.size);
  const split = splitAxes(x, axes);
  const { gone, goneSteps } = split;
  const each = sizeOf(gone);
  const at = `base + ${offset(counters(gone), goneSteps)}`;
  const body = `
    ${start(op, split)}
    let total = 0.0;
    ${loops(gone, `total = total + a[${at}];`)}
    const mean = total / ${each};
    let acc = 0.0;
    ${loops(gone, `const d = a[${at}] - mean; acc = acc + d * d;`)}
    return acc / count;`;
  const numbers = { count: each - correction };
  return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x.block }, numbers });
};

function arg(better: string): Kernel {
  return (kit, { op, inputs, attrs }) => {
    const x = inputs[0] as Operand;
    checkExact(op, x.block.size);
    const axis = (attrs as ArgAttrs).axis;
    const split = splitAxes(x, [axis]);
    const body = `
      ${start(op, split)}
      let best = a[base];
      let at = 0.0;
      for (let c = 1; c < ${x.shape[axis]}; c++) {
        const v = a[base + c * ${x.strides[axis]}];
        if (${isNumber("best")} && (${better} || !${isNumber("v")})) { best = v; at = c; }
      }
      return at;`;
    return kit.launch({ op, body, output: sizeOf(split.kept), arrays: { a: x.block } });
  };
}

/** Reductions; they read permuted and repeated operands where they lie. */
export const reductions: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(
    Object.entries(FOLDS).map(([name, fold]) => [name, reduction(fold, name === "mean")]),
  ),
  variance,
  argmax: arg("v > best"),
  argmin: arg("v < best"),
};
