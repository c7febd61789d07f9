/**
 * @file Reductions on the CPU: any axes as runs of neighbours, each run as the middle of [outer, n,
 * inner].
 */

import { bytesOf, type DType } from "../../base/dtype.js";
import type { Shape } from "../../base/shape.js";
import type { Operand } from "../../core/contract.js";

import type { ArgAttrs, ReduceAttrs, VarianceAttrs } from "../../ops/reduce.js";
import { type CpuKernel, FALLBACK } from "./kernel.js";
import { strideCopy } from "./movement.js";
import type { Runtime } from "./runtime.js";

/** [outer, n, inner] in memory. */
interface Block {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

type Fold = (rt: Runtime, block: Block, from: number, to: number) => void;

/**
 * Runs of neighbouring reduced axes, last first, each as a block over what the ones before left of
 * the shape. Axes of length 1 join any run.
 */
function runs(shape: Shape, axes: readonly number[]): Block[] {
  let size = 1;
  for (let d = 0; d < shape.length; d++) size *= shape[d] as number;
  if (axes.length === shape.length) return [{ outer: 1, n: size, inner: 1 }];
  if (axes.length === 1) return [aroundAxis(shape, axes[0] as number)];
  const found: Block[] = [];
  let inner = 1;
  let n = 1;
  let outer = size;
  let open = false;
  for (let d = shape.length - 1; d >= 0; d--) {
    const length = shape[d] as number;
    if (axes.includes(d)) {
      n *= length;
      open = true;
    } else if (length !== 1) {
      if (open && n !== 1) {
        found.push({ outer: outer / n / inner, n, inner });
        outer /= n;
      }
      open = false;
      n = 1;
      inner *= length;
    }
  }
  if (open && n !== 1) found.push({ outer: outer / n / inner, n, inner });
  return found.length > 0 ? found : [{ outer, n: 1, inner: 1 }];
}

function aroundAxis(shape: Shape, axis: number): Block {
  let outer = 1;
  let inner = 1;
  for (let d = 0; d < axis; d++) outer *= shape[d] as number;
  for (let d = axis + 1; d < shape.length; d++) inner *= shape[d] as number;
  return { outer, n: shape[axis] as number, inner };
}

/** Folds one run after the other, by `first` and then by `next`; what lies between is freed. */
function foldRuns(
  rt: Runtime,
  x: Operand,
  axes: readonly number[],
  bytesEach: number,
  first: Fold,
  next: Fold = first,
): number {
  const blocks = runs(x.shape, axes);
  let from = x.storage.ptr;
  let taken = 0;
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i] as Block;
    const bytes = block.outer * block.inner * bytesEach;
    const to = rt.heap.alloc(bytes);
    (i === 0 ? first : next)(rt, block, from, to);
    if (i > 0) rt.heap.free(from, taken);
    from = to;
    taken = bytes;
  }
  return from;
}

function countOf(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * (shape[axis] as number), 1);
}

const SUMS: Readonly<Record<DType, Fold>> = {
  float32: (rt, { outer, n, inner }, from, to) => rt.core.sum(outer, n, inner, from, to, 1),
  float64: (rt, { outer, n, inner }, from, to) => rt.core.sumF64(outer, n, inner, from, to),
  int32: (rt, { outer, n, inner }, from, to) => rt.core.sumI32(outer, n, inner, from, to),
  bool: (rt, { outer, n, inner }, from, to) => rt.core.sumBool(outer, n, inner, from, to),
};

const sum: CpuKernel = (rt, [x], attrs) => {
  const { dtype } = x as Operand;
  const result = dtype === "bool" ? "int32" : dtype;
  const { axes } = attrs as ReduceAttrs;
  return foldRuns(rt, x as Operand, axes, bytesOf(result), SUMS[dtype], SUMS[result]);
};

const mean: CpuKernel = (rt, [x], attrs) => {
  const { dtype, shape, size } = x as Operand;
  const { axes } = attrs as ReduceAttrs;
  const count = countOf(shape, axes);
  if (dtype === "float64") {
    const out = foldRuns(rt, x as Operand, axes, 8, SUMS.float64);
    for (let i = 0; i < size / count; i++) (rt.heap.f64[(out >>> 3) + i] as number) /= count;
    return out;
  }
  if (dtype !== "float32") return FALLBACK;
  // each run divides by its own length
  return foldRuns(rt, x as Operand, axes, 4, (_, { outer, n, inner }, from, to) =>
    rt.core.sum(outer, n, inner, from, to, n),
  );
};

function extreme(name: "foldMax" | "foldMin" | "foldProd"): CpuKernel {
  const fold: Fold = (rt, { outer, n, inner }, from, to) =>
    rt.core[name](outer, n, inner, from, to);
  return (rt, [x], attrs) => {
    if ((x as Operand).dtype !== "float32") return FALLBACK;
    return foldRuns(rt, x as Operand, (attrs as ReduceAttrs).axes, 4, fold);
  };
}

/** Sums of squared deviations cannot go run by run: scattered axes are first copied to the end. */
const variance: CpuKernel = (rt, [x], attrs) => {
  const { dtype, shape, storage } = x as Operand;
  const { axes, correction } = attrs as VarianceAttrs;
  if (dtype !== "float32") return FALLBACK;
  const n = countOf(shape, axes);
  const size = (x as Operand).size;
  const blocks = runs(shape, axes);
  const { outer, inner } = blocks[0] as Block;
  const out = rt.heap.alloc((size / n) * 4);
  if (blocks.length === 1 && (blocks[0] as Block).n === n) {
    rt.core.variance(outer, n, inner, storage.ptr, out, n - correction);
    return out;
  }
  const order = shape
    .map((_, d) => d)
    .sort((a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b);
  const steps = shape.map((_, d) => shape.slice(d + 1).reduce((step, length) => step * length, 1));
  const lengths = order.map((d) => shape[d] as number);
  const front = rt.heap.alloc(size * 4);
  strideCopy(
    rt,
    4,
    lengths,
    order.map((d) => (steps[d] as number) * 4),
    storage.ptr,
    front,
  );
  rt.core.variance(size / n, n, 1, front, out, n - correction);
  rt.heap.free(front, size * 4);
  return out;
};

function along(x: Operand, axis: number): Block {
  const n = x.shape[axis] as number;
  const inner = x.shape.slice(axis + 1).reduce((size, length) => size * length, 1);
  return { outer: x.size / n / inner, n, inner };
}

function oneAxis(name: "argmax" | "argmin" | "cumulativeSum"): CpuKernel {
  return (rt, inputs, attrs) => {
    const x = inputs[0] as Operand;
    if (x.dtype !== "float32") return FALLBACK;
    const { outer, n, inner } = along(x, (attrs as ArgAttrs).axis);
    const out = rt.heap.alloc((name === "cumulativeSum" ? x.size : x.size / n) * 4);
    rt.core[name](outer, n, inner, x.storage.ptr, out);
    return out;
  };
}

/** all and any of bools: counted, then compared. */
function logical(holds: (count: number, n: number) => boolean): CpuKernel {
  return (rt, inputs, attrs, spec, donated) => {
    const x = inputs[0] as Operand;
    if (x.dtype !== "bool") return FALLBACK;
    const { axes } = attrs as ReduceAttrs;
    const counts = sum(rt, inputs, attrs, spec, donated);
    const n = countOf(x.shape, axes);
    const size = x.size / n;
    const out = rt.heap.alloc(size * bytesOf("bool"));
    for (let i = 0; i < size; i++) {
      rt.heap.u8[out + i] = holds(rt.heap.i32[(counts >>> 2) + i] as number, n) ? 1 : 0;
    }
    rt.heap.free(counts, size * 4);
    return out;
  };
}

export const reduce: Readonly<Record<string, CpuKernel>> = {
  sum,
  mean,
  variance,
  max: extreme("foldMax"),
  min: extreme("foldMin"),
  prod: extreme("foldProd"),
  argmax: oneAxis("argmax"),
  argmin: oneAxis("argmin"),
  cumulativeSum: oneAxis("cumulativeSum"),
  all: logical((count, n) => count === n),
  any: logical((count) => count > 0),
};
