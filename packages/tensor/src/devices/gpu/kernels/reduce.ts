/** @file Reductions over any axes, in two launches where few threads would have long loops. */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../ops/registry.js";
import { type Fold, foldRows } from "../glsl/rowFold.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, coalesce, isNumber, loops, offset, places } from "../gpujs/source.js";
import type { KernelFor, KernelOperand, KernelsFor, Kit } from "./kernel.js";

type Reduce = typeof families.reduce;

const ADD: Fold = { init: "0.0", step: "acc + v" };

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

/** The first of two launches: `parts` threads share a group; each takes every `parts`-th term. */
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

function reduction(fold: Fold, mean = false): KernelFor<Reduce["sum"]> {
  return (kit, { op, inputs: [x], attrs }) => {
    checkExact(op, x.block.size);
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

function arg(better: string): KernelFor<Reduce["argmax"]> {
  return (kit, { op, inputs: [x], attrs }) => {
    checkExact(op, x.block.size);
    const { axis } = attrs;
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

/** Kernels that read permuted and repeated operands in place. */
export const reductions: KernelsFor<Reduce> = {
  sum: reduction(ADD),
  mean: reduction(ADD, true),
  prod: reduction({ init: "1.0", step: "acc * v" }),
  // where neither comparison holds, one of both is NaN, and so is their sum
  max: reduction({ init: "first", step: "v > acc ? v : (v <= acc ? acc : acc + v)" }),
  min: reduction({ init: "first", step: "v < acc ? v : (v >= acc ? acc : acc + v)" }),
  all: reduction({ init: "1.0", step: "v == 0.0 ? 0.0 : acc" }),
  any: reduction({ init: "0.0", step: "v == 0.0 ? acc : 1.0" }),
  variance,
  argmax: arg("v > best"),
  argmin: arg("v < best"),
};
