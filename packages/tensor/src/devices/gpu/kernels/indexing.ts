/**
 * @file Reading and adding at places given by integer tensors. GPU.js's kernels cannot scatter:
 * sums gather, through a table sorted on the host when the indices came from there, else by a scan
 * of all indices for every result; unless they are to be atomic.
 */

import { sizeOf } from "../../../base/shape.js";
import { type AxisAttrs, indexError, type SegmentAttrs } from "../../../ops/index/take.js";
import type { Block } from "../backend.js";
import type { Segments } from "../cell.js";
import { isNumber, triple } from "../source.js";
import { atomicSums } from "./atomic.js";
import type { Check, Job, Kernel, Kit, Operand } from "./kernel.js";

/** Throws for indices outside [0, n) that the host knows; whether a kernel must still look. */
function unchecked(op: string, indices: Operand, n: number): boolean {
  const { range } = indices.cell;
  if (range === null) return true;
  if (range.low < 0) throw indexError(op, range.low, range.lowAt, n);
  if (range.high >= n) throw indexError(op, range.high, range.highAt, n);
  return false;
}

/** A kernel cannot throw: an element taken from outside is NaN. */
const outside = (looks: boolean, n: number): string =>
  looks ? `if (at < 0.0 || at >= ${n}) { return nan; }\n` : "";

const take: Kernel = (kit, { op, inputs, attrs }) => {
  const [x, indices] = inputs as [Operand, Operand];
  const { axis } = attrs as AxisAttrs;
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const looks = unchecked(op, indices, n);
  const body = `
    ${triple(op, outer, indices.size, inner)}
    const at = b[m];
    ${outside(looks, n)}
    return a[(o * ${n} + at) * ${inner} + j];`;
  const arrays = { a: x.block, b: indices.block };
  const numbers: Record<string, number> = looks ? { nan: Number.NaN } : {};
  return kit.launch({ op, body, output: outer * indices.size * inner, arrays, numbers });
};

const takeAlongAxis: Kernel = (kit, { op, inputs, attrs }) => {
  const [x, indices] = inputs as [Operand, Operand];
  const { axis } = attrs as AxisAttrs;
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const looks = unchecked(op, indices, n);
  const body = `
    ${triple(op, outer, indices.shape[axis] as number, inner)}
    const at = b[k];
    ${outside(looks, n)}
    return a[(o * ${n} + at) * ${inner} + j];`;
  const arrays = { a: x.block, b: indices.block };
  const numbers: Record<string, number> = looks ? { nan: Number.NaN } : {};
  return kit.launch({ op, body, output: indices.size, arrays, numbers });
};

const addAlongAxis: Kernel = (kit, { op, inputs, attrs, spec }) => {
  const [values, indices] = inputs as [Operand, Operand];
  const { axis, length } = attrs as AxisAttrs & { readonly length: number };
  const count = values.shape[axis] as number;
  const [outer, inner] = [sizeOf(spec.shape.slice(0, axis)), sizeOf(spec.shape.slice(axis + 1))];
  unchecked(op, indices, length);
  const sizes = { outer, count, places: length, inner };
  const made = atomicSums(kit, op, { values, indices, each: true }, sizes);
  if (made !== null) return made;
  const body = `
    ${triple(op, outer, length, inner)}
    let sum = 0.0;
    for (let e = 0; e < ${count}; e++) {
      const at = (o * ${count} + e) * ${inner} + j;
      if (b[at] === m) { sum = sum + a[at]; }
    }
    return sum;`;
  const arrays = { a: values.block, b: indices.block };
  return kit.launch({ op, body, output: outer * length * inner, arrays });
};

/** The element itself, and after it each value whose index it is, folded by `step`. */
const writeAlong =
  (step: string): Kernel =>
  (kit, { op, inputs, attrs, spec }) => {
    const [x, indices, values] = inputs as [Operand, Operand, Operand];
    const { axis, as } = attrs as AxisAttrs & { readonly as: string };
    const [count, n] = [values.shape[axis] as number, x.shape[axis] as number];
    const [outer, inner] = [sizeOf(spec.shape.slice(0, axis)), sizeOf(spec.shape.slice(axis + 1))];
    unchecked(as, indices, n);
    const body = `
    ${triple(op, outer, n, inner)}
    let best = x[k];
    for (let e = 0; e < ${count}; e++) {
      const at = (o * ${count} + e) * ${inner} + j;
      if (b[at] === m) {
        const v = a[at];
        ${step}
      }
    }
    return best;`;
    const arrays = { a: values.block, b: indices.block, x: x.block };
    return kit.launch({ op, body, output: outer * n * inner, arrays });
  };

const setAlongAxis = writeAlong("best = v;");
const maxAlongAxis = writeAlong(
  `if (${isNumber("best")}) { if (${isNumber("v")}) { if (v > best) { best = v; } } else { best = v; } }`,
);

/** The place of the last element that is not smaller than those before it. */
const cumulativeArgmax: Kernel = (kit, { op, inputs, attrs }) => {
  const x = inputs[0] as Operand;
  const { axis } = attrs as AxisAttrs;
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const body = `
    ${triple(op, outer, n, inner)}
    let at = 0.0;
    let best = a[o * ${n * inner} + j];
    for (let e = 0; e < ${n}; e++) {
      if (e <= m) {
        const v = a[(o * ${n} + e) * ${inner} + j];
        if (${isNumber("v")}) { if (v >= best) { best = v; at = e; } }
        else { best = v; at = e; }
      }
    }
    return at;`;
  return kit.launch({ op, body, output: x.size, arrays: { a: x.block } });
};

const oneHot: Kernel = (kit, { op, inputs, attrs }) => {
  const indices = inputs[0] as Operand;
  const { depth } = attrs as { readonly depth: number };
  unchecked(op, indices, depth);
  const body = `
    ${triple(op, 1, indices.size, depth)}
    const at = b[m];
    return at === j ? 1.0 : 0.0;`;
  return kit.launch({ op, body, output: indices.size * depth, arrays: { b: indices.block } });
};

/**
 * The table of `indices`, made once for each number of segments; null when only the GPU knows them.
 */
function segmentsOf(kit: Kit, indices: Operand, count: number): Segments | null {
  const { integers, segments } = indices.cell;
  if (integers === null) return null;
  const known = segments.get(count);
  if (known !== undefined) return known;
  const starts = new Float32Array(count + 1);
  for (const s of integers) (starts[s + 1] as number)++;
  for (let s = 0; s < count; s++) (starts[s + 1] as number) += starts[s] as number;
  const next = starts.slice();
  const order = new Float32Array(integers.length);
  integers.forEach((s, i) => {
    order[(next[s] as number)++] = i;
  });
  const block = kit.upload(order);
  try {
    const made = { order: block, starts: kit.upload(starts) };
    segments.set(count, made);
    return made;
  } catch (error) {
    kit.free(block);
    throw error;
  }
}

/** `out[o, s, j] = base + Σ_{e: indices[e] = s} values[o, e, j]`. */
function sums(
  kit: Kit,
  op: string,
  what: { values: Operand; indices: Operand; base?: Operand },
  { outer, count, inner }: { outer: number; count: number; inner: number },
): Block {
  const { values, indices, base } = what;
  unchecked(op, indices, count);
  const made = atomicSums(kit, op, what, { outer, count: indices.size, places: count, inner });
  if (made !== null) return made;
  const table = segmentsOf(kit, indices, count);
  const value = (e: string) => `a[(o * ${indices.size} + ${e}) * ${inner} + j]`;
  const scan = `
    for (let e = 0; e < ${indices.size}; e++) {
      if (b[e] === m) { sum = sum + ${value("e")}; }
    }`;
  const walk = `
    const first = starts[m];
    const length = starts[m + 1] - first;
    for (let e = 0; e < length; e++) {
      const i = order[first + e];
      sum = sum + ${value("i")};
    }`;
  const body = `
    ${triple(op, outer, count, inner)}
    let sum = ${base === undefined ? "0.0" : "x[k]"};
    ${table === null ? scan : walk}
    return sum;`;
  const arrays = {
    a: values.block,
    ...(table ?? { b: indices.block }),
    ...(base === undefined ? {} : { x: base.block }),
  };
  return kit.launch({ op, body, output: outer * count * inner, arrays });
}

function segmentSum(kit: Kit, { op, inputs, attrs }: Job): Block {
  const [values, indices] = inputs as [Operand, Operand];
  const { axis, segments } = attrs as SegmentAttrs;
  const outer = sizeOf(values.shape.slice(0, axis));
  const inner = sizeOf(values.shape.slice(axis + indices.shape.length));
  return sums(kit, op, { values, indices }, { outer, count: segments, inner });
}

function indexAdd(kit: Kit, { op, inputs, attrs }: Job): Block {
  const [base, indices, values] = inputs as [Operand, Operand, Operand];
  const { axis } = attrs as AxisAttrs;
  const outer = sizeOf(base.shape.slice(0, axis));
  const inner = sizeOf(base.shape.slice(axis + 1));
  const count = base.shape[axis] as number;
  return sums(kit, op, { values, indices, base }, { outer, count, inner });
}

/** Kernels of contiguous operands. */
export const indexing: Readonly<Record<string, Kernel>> = {
  take,
  takeAlongAxis,
  addAlongAxis,
  cumulativeArgmax,
  maxAlongAxis,
  setAlongAxis,
  oneHot,
  segmentSum,
  indexAdd,
};

/** Looks at the indices of one operand, where the host knows them. */
const looking =
  (limit: (job: Job) => number): Check =>
  (job) =>
    void unchecked(job.op, job.inputs[1] as Operand, limit(job));

const along: Check = (job) => {
  const { axis, as } = job.attrs as AxisAttrs & { readonly as: string };
  unchecked(as, job.inputs[1] as Operand, job.spec.shape[axis] as number);
};
const axisOf = ({ inputs, attrs }: Job): number =>
  (inputs[0] as Operand).shape[(attrs as AxisAttrs).axis] as number;

/** What is refused at the call. */
export const checks: Readonly<Record<string, Check>> = {
  take: looking(axisOf),
  takeAlongAxis: looking(axisOf),
  indexAdd: looking(axisOf),
  addAlongAxis: looking(({ attrs }) => (attrs as { readonly length: number }).length),
  segmentSum: looking(({ attrs }) => (attrs as SegmentAttrs).segments),
  maxAlongAxis: along,
  setAlongAxis: along,
  oneHot: ({ op, inputs, attrs }) =>
    void unchecked(op, inputs[0] as Operand, (attrs as { readonly depth: number }).depth),
};
