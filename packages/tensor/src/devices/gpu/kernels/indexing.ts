/**
 * @file Reads, writes and sums at places given by integer tensors. GPU.js's kernels cannot write to
 * any place, so each result gathers its terms: by a table that the host sorts, when the indices
 * came from the host, else by a scan of all indices. Atomic sums are kernels of our own.
 */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import { indexError, leastIndex } from "../../../ops/index/places.js";
import type { Segments } from "../cell.js";
import type { Block } from "../gpujs/backend.js";
import { checkExact, isNumber, triple } from "../gpujs/source.js";
import { atomicSums } from "../wgsl/atomic.js";
import { checkSum } from "./integers.js";
import type { CheckFor, ChecksFor, KernelFor, KernelOperand, KernelsFor, Kit } from "./kernel.js";

type Indexing = typeof families.indexing;
type Scatter = typeof families.scatter;

/** Throws for known indices outside of an axis of length n. */
function checkKnown(op: string, indices: KernelOperand, n: number, fromEnd?: boolean): void {
  const { range } = indices.cell;
  if (range === null) return;
  const low = leastIndex(n, fromEnd);
  if (range.low < low) throw indexError(op, range.low, range.lowAt, n, low);
  if (range.high >= n) throw indexError(op, range.high, range.highAt, n, low);
}

/** Statements that name `at` the place that an index means; negative ones count from the end. */
function placed(index: string, indices: KernelOperand, n: number, fromEnd?: boolean): string {
  const { range } = indices.cell;
  const wraps = fromEnd !== false && (range === null || range.low < 0);
  if (!wraps) return `const at = ${index};`;
  return `let at = ${index};\nif (at < 0.0) { at = at + ${n}.0; }`;
}

/** A kernel cannot throw: an element at a place outside [0, n) is NaN, if only the GPU knows it. */
const outside = ({ cell }: KernelOperand, n: number): string =>
  cell.range === null ? `if (!(at >= 0.0 && at < ${n})) { return nan; }\n` : "";

/** What {@link outside} reads. */
const nanFor = ({ cell }: KernelOperand): Record<string, number> =>
  cell.range === null ? { nan: Number.NaN } : {};

const take: KernelFor<Indexing["take"]> = (
  kit,
  { op, inputs: [x, indices], attrs: { axis, fromEnd } },
) => {
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  checkKnown(op, indices, n, fromEnd);
  const body = `
    ${triple(outer, indices.size, inner)}
    ${placed("b[m]", indices, n, fromEnd)}
    ${outside(indices, n)}
    return a[(o * ${n} + whole(at)) * ${inner} + j];`;
  const arrays = { a: x.block, b: indices.block };
  return kit.launch({
    op,
    body,
    output: outer * indices.size * inner,
    arrays,
    numbers: nanFor(indices),
  });
};

const takeAlongAxis: KernelFor<Indexing["takeAlongAxis"]> = (
  kit,
  { op, inputs: [x, indices], attrs: { axis, fromEnd } },
) => {
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  checkKnown(op, indices, n, fromEnd);
  const body = `
    ${triple(outer, indices.shape[axis] as number, inner)}
    ${placed("b[k]", indices, n, fromEnd)}
    ${outside(indices, n)}
    return a[(o * ${n} + whole(at)) * ${inner} + j];`;
  const arrays = { a: x.block, b: indices.block };
  return kit.launch({ op, body, output: indices.size, arrays, numbers: nanFor(indices) });
};

const addAlongAxis: KernelFor<Indexing["addAlongAxis"]> = (
  kit,
  { op, inputs: [values, indices], attrs, spec },
) => {
  const { axis, length, fromEnd } = attrs;
  const count = values.shape[axis] as number;
  const [outer, inner] = [sizeOf(spec.shape.slice(0, axis)), sizeOf(spec.shape.slice(axis + 1))];
  checkExact(op, length, spec.shape);
  checkKnown(op, indices, length, fromEnd);
  const sizes = { outer, count, places: length, inner };
  const made = atomicSums(kit, op, { values, indices, each: true, fromEnd }, sizes);
  if (made !== null) return made;
  const body = `
    ${triple(outer, length, inner)}
    let sum = 0.0;
    for (let e = 0; e < ${count}; e++) {
      whole i = (o * ${count} + e) * ${inner} + j;
      ${placed("b[i]", indices, length, fromEnd)}
      if (at === m) { sum = sum + a[i]; ${checkSum(spec.dtype, "sum")} }
    }
    return sum;`;
  const arrays = { a: values.block, b: indices.block };
  return kit.launch({ op, body, output: outer * length * inner, arrays });
};

/** The element itself, then each value with its index, combined by `step`. */
const writeAlong =
  (step: string): KernelFor<Scatter["setAlongAxis"]> =>
  (kit, { op, inputs: [x, indices, values], attrs, spec }) => {
    const { axis, fromEnd } = attrs;
    const [count, n] = [values.shape[axis] as number, x.shape[axis] as number];
    const [outer, inner] = [sizeOf(spec.shape.slice(0, axis)), sizeOf(spec.shape.slice(axis + 1))];
    checkExact(op, n, x.shape);
    checkKnown(op, indices, n, fromEnd);
    const body = `
    ${triple(outer, n, inner)}
    let best = x[k];
    for (let e = 0; e < ${count}; e++) {
      whole i = (o * ${count} + e) * ${inner} + j;
      ${placed("b[i]", indices, n, fromEnd)}
      if (at === m) {
        const v = a[i];
        ${step}
      }
    }
    return best;`;
    const arrays = { a: values.block, b: indices.block, x: x.block };
    return kit.launch({ op, body, output: outer * n * inner, arrays });
  };

const setAlongAxis = writeAlong("best = v;");
const maxAlongAxis = writeAlong(
  `if (${isNumber("best")}) { ` +
    `if (${isNumber("v")}) { if (v > best) { best = v; } } else { best = v; } }`,
);

/** The place of the last element that no earlier element exceeds. */
const cumulativeArgmax: KernelFor<Scatter["cumulativeArgmax"]> = (
  kit,
  { op, inputs: [x], attrs: { axis } },
) => {
  const n = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  checkExact(op, n, x.shape);
  const body = `
    ${triple(outer, n, inner)}
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

const oneHot: KernelFor<Indexing["oneHot"]> = (
  kit,
  { op, inputs: [indices], attrs: { depth } },
) => {
  checkExact(op, depth);
  checkKnown(op, indices, depth, false);
  const body = `
    ${triple(1, indices.size, depth)}
    const at = b[m];
    return at === j ? 1.0 : 0.0;`;
  return kit.launch({ op, body, output: indices.size * depth, arrays: { b: indices.block } });
};

/** The table of `indices`, cached by number of segments; null when only the GPU knows them. */
function segmentsOf(kit: Kit, op: string, indices: KernelOperand, count: number): Segments | null {
  const { integers, segments } = indices.cell;
  if (integers === null) return null;
  checkExact(op, integers.length, indices.shape);
  const known = segments.get(count);
  if (known !== undefined) return known;
  const starts = new Float32Array(count + 1);
  const segmentOf = (i: number): number => (i < 0 ? i + count : i);
  for (const i of integers) (starts[segmentOf(i) + 1] as number)++;
  for (let s = 0; s < count; s++) (starts[s + 1] as number) += starts[s] as number;
  const next = starts.slice();
  const order = new Float32Array(integers.length);
  integers.forEach((index, i) => {
    order[(next[segmentOf(index)] as number)++] = i;
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
  what: {
    readonly values: KernelOperand;
    readonly indices: KernelOperand;
    readonly base?: KernelOperand;
    readonly fromEnd?: boolean | undefined;
  },
  { outer, count, inner }: { outer: number; count: number; inner: number },
): Block {
  const { values, indices, base, fromEnd } = what;
  checkExact(op, count);
  checkKnown(op, indices, count, fromEnd);
  const made = atomicSums(kit, op, what, { outer, count: indices.size, places: count, inner });
  if (made !== null) return made;
  const table = segmentsOf(kit, op, indices, count);
  const check = checkSum(values.dtype, "sum");
  const value = (e: string) => `a[(o * ${indices.size} + ${e}) * ${inner} + j]`;
  const scan = `
    for (let e = 0; e < ${indices.size}; e++) {
      ${placed("b[e]", indices, count, fromEnd)}
      if (at === m) { sum = sum + ${value("e")}; ${check} }
    }`;
  const walk = `
    const first = starts[m];
    const length = starts[m + 1] - first;
    for (let e = 0; e < length; e++) {
      const i = order[first + e];
      sum = sum + ${value("whole(i)")};
      ${check}
    }`;
  const body = `
    ${triple(outer, count, inner)}
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

const segmentSum: KernelFor<Indexing["segmentSum"]> = (kit, { op, inputs, attrs }) => {
  const [values, indices] = inputs;
  const { axis, segments, fromEnd } = attrs;
  const outer = sizeOf(values.shape.slice(0, axis));
  const inner = sizeOf(values.shape.slice(axis + indices.shape.length));
  return sums(kit, op, { values, indices, fromEnd }, { outer, count: segments, inner });
};

const indexAdd: KernelFor<Indexing["indexAdd"]> = (kit, { op, inputs, attrs }) => {
  const { axis, fromEnd } = attrs;
  const [base, indices, values] = inputs;
  const outer = sizeOf(base.shape.slice(0, axis));
  const inner = sizeOf(base.shape.slice(axis + 1));
  const count = base.shape[axis] as number;
  return sums(kit, op, { values, indices, base, fromEnd }, { outer, count, inner });
};

/** Kernels of contiguous operands. */
export const indexing: KernelsFor<Indexing> = {
  take,
  takeAlongAxis,
  addAlongAxis,
  oneHot,
  segmentSum,
  indexAdd,
};

/** Kernels of contiguous operands. */
export const scatter: KernelsFor<Scatter> = { cumulativeArgmax, maxAlongAxis, setAlongAxis };

const axisOf = (x: KernelOperand, axis: number): number => x.shape[axis] as number;

/** Looks at the indices of one operand, where the host knows them. */
export const indexingChecks: ChecksFor<Indexing> = {
  take: ({ op, inputs: [x, indices], attrs: { axis, fromEnd } }) =>
    void checkKnown(op, indices, axisOf(x, axis), fromEnd),
  takeAlongAxis: ({ op, inputs: [x, indices], attrs: { axis, fromEnd } }) =>
    void checkKnown(op, indices, axisOf(x, axis), fromEnd),
  indexAdd: ({ op, inputs: [x, indices], attrs: { axis, fromEnd } }) =>
    void checkKnown(op, indices, axisOf(x, axis), fromEnd),
  addAlongAxis: ({ op, inputs: [, indices], attrs: { length, fromEnd } }) =>
    void checkKnown(op, indices, length, fromEnd),
  segmentSum: ({ op, inputs: [, indices], attrs: { segments, fromEnd } }) =>
    void checkKnown(op, indices, segments, fromEnd),
  oneHot: ({ op, inputs: [indices], attrs: { depth } }) =>
    void checkKnown(op, indices, depth, false),
};

const along: CheckFor<Scatter["setAlongAxis"]> = ({
  op,
  inputs: [x, indices],
  attrs: { axis, fromEnd },
}) => void checkKnown(op, indices, axisOf(x, axis), fromEnd);

/** Looks at the indices of one operand, where the host knows them. */
export const scatterChecks: ChecksFor<Scatter> = { maxAlongAxis: along, setAlongAxis: along };
