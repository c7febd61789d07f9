/**
 * @file Reductions on the CPU: any axes as runs of neighbours, each run as the middle of [outer, n,
 * inner].
 */

import { bytesOf, type DType } from "../../../base/dtype.js";
import { contiguousStrides, type Shape } from "../../../base/shape.js";
import type { Operand } from "../../../core/contract.js";
import type { Tensor } from "../../../core/tensor.js";
import type { ReduceAttrs } from "../../../ops/define/reduction.js";
import type { commonFamilies } from "../../../ops/families.js";
import { type CpuKernel, FALLBACK, type KernelsFor } from "../opKernel.js";
import type { Runtime } from "../runtime.js";
import { strideCopy } from "./strideCopy.js";

type Reduction = CpuKernel<readonly [Tensor], ReduceAttrs>;

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

/** Folds one run after the other, by `first` and then by `next`; what is between is freed. */
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

const sum: Reduction = (rt, [x], { axes }) => {
  const { dtype } = x;
  const result = dtype === "bool" ? "int32" : dtype;
  return foldRuns(rt, x, axes, bytesOf(result), SUMS[dtype], SUMS[result]);
};

const mean: Reduction = (rt, [x], { axes }) => {
  const { dtype, shape, size } = x;
  if (dtype === "float64") {
    const count = countOf(shape, axes);
    const out = foldRuns(rt, x, axes, 8, SUMS.float64);
    for (let i = 0; i < size / count; i++) (rt.heap.f64[(out >>> 3) + i] as number) /= count;
    return out;
  }
  if (dtype !== "float32") return FALLBACK;
  // each run divides by its own length
  return foldRuns(rt, x, axes, 4, (_, { outer, n, inner }, from, to) =>
    rt.core.sum(outer, n, inner, from, to, n),
  );
};

function extreme(name: "foldMax" | "foldMin" | "foldProd"): Reduction {
  const fold: Fold = (rt, { outer, n, inner }, from, to) =>
    rt.core[name](outer, n, inner, from, to);
  return (rt, [x], { axes }) => (x.dtype === "float32" ? foldRuns(rt, x, axes, 4, fold) : FALLBACK);
}

/** Writes the variance over the last n elements of scattered axes, copied to the end first. */
function scatteredVariance(
  rt: Runtime,
  { shape, size, storage }: Operand,
  axes: readonly number[],
  n: number,
  divisor: number,
  out: number,
): void {
  const order = shape
    .map((_, d) => d)
    .sort((a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b);
  const strides = contiguousStrides(shape);
  const lengths = order.map((d) => shape[d] as number);
  const steps = order.map((d) => (strides[d] as number) * 4);
  const front = rt.heap.alloc(size * 4);
  strideCopy(rt, 4, lengths, steps, storage.ptr, front);
  rt.core.variance(size / n, n, 1, front, out, divisor);
  rt.heap.free(front, size * 4);
}

function oneAxis(
  name: "argmax" | "argmin" | "cumulativeSum",
): CpuKernel<readonly [Tensor], { readonly axis: number }> {
  return (rt, [x], { axis }) => {
    if (x.dtype !== "float32") return FALLBACK;
    const { outer, n, inner } = aroundAxis(x.shape, axis);
    const out = rt.heap.alloc((name === "cumulativeSum" ? x.size : x.size / n) * 4);
    rt.core[name](outer, n, inner, x.storage.ptr, out);
    return out;
  };
}

/** all and any of bools: counted, then compared. */
function logical(holds: (count: number, n: number) => boolean): Reduction {
  return (rt, [x], { axes }) => {
    if (x.dtype !== "bool") return FALLBACK;
    const counts = foldRuns(rt, x, axes, 4, SUMS.bool, SUMS.int32);
    const n = countOf(x.shape, axes);
    const size = x.size / n;
    const out = rt.heap.alloc(size);
    for (let i = 0; i < size; i++) {
      rt.heap.u8[out + i] = holds(rt.heap.i32[(counts >>> 2) + i] as number, n) ? 1 : 0;
    }
    rt.heap.free(counts, size * 4);
    return out;
  };
}

export const reduce: KernelsFor<typeof commonFamilies.reduce> = {
  sum,
  mean,
  max: extreme("foldMax"),
  min: extreme("foldMin"),
  prod: extreme("foldProd"),
  argmax: oneAxis("argmax"),
  argmin: oneAxis("argmin"),
  cumulativeSum: oneAxis("cumulativeSum"),
  all: logical((count, n) => count === n),
  any: logical((count) => count > 0),

  // sums of squared deviations cannot go run by run
  variance(rt, [x], { axes, correction }) {
    if (x.dtype !== "float32") return FALLBACK;
    const n = countOf(x.shape, axes);
    const out = rt.heap.alloc((x.size / n) * 4);
    const [run, ...others] = runs(x.shape, axes);
    if (run !== undefined && others.length === 0 && run.n === n) {
      rt.core.variance(run.outer, n, run.inner, x.storage.ptr, out, n - correction);
    } else scatteredVariance(rt, x, axes, n, n - correction, out);
    return out;
  },
};
