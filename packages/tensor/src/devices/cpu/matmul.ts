/** @file Matrix products on the CPU: strides of operands, batches, and which kernel. */

import type { Shape } from "../../base/shape.js";
import type { Operand } from "../../core/contract.js";
import { type CpuKernel, FALLBACK } from "./kernel.js";
import { allocate } from "./runtime.js";
import { mergeOperands, type Strided } from "./walk.js";

/** Row or column stride in bytes of the last two axes: from the right, 1 = columns, 2 = rows. */
function matrixStride(x: Operand, fromRight: 1 | 2, bytes: number): number {
  const rank = x.shape.length;
  if (x.strides !== null) return (x.strides[rank - fromRight] as number) * bytes;
  return fromRight === 1 ? bytes : (x.shape[rank - 1] as number) * bytes;
}

/** One product of a batch: operands and result by address. */
type Product = (count: number, sa: number, sb: number, a: number, b: number, c: number) => void;

export const matmul: CpuKernel = (rt, inputs, _, spec) => {
  const [a, b] = inputs as [Operand, Operand];
  if (a.dtype !== b.dtype || (a.dtype !== "float32" && a.dtype !== "float64")) return FALLBACK;
  const bytes = a.dtype === "float32" ? 4 : 8;
  const { shape } = spec;
  const rank = shape.length;
  const m = shape[rank - 2] as number;
  const n = shape[rank - 1] as number;
  const k = a.shape[a.shape.length - 1] as number;
  const [rsa, csa] = [matrixStride(a, 2, bytes), matrixStride(a, 1, bytes)];
  const [rsb, csb] = [matrixStride(b, 2, bytes), matrixStride(b, 1, bytes)];
  let count = 1;
  for (let i = 0; i < rank - 2; i++) count *= shape[i] as number;
  const out = allocate(rt, a.dtype, count * m * n);
  const { math, core, work } = rt;
  if (rank === 2 && bytes === 4) {
    math.gemm(m, n, k, a.storage.ptr, rsa, csa, b.storage.ptr, rsb, csb, out, n * 4, 0, 0, work);
    return out;
  }
  const step = m * n * bytes;
  const product: Product =
    bytes === 4
      ? (t, sa, sb, pa, pb, pc) =>
          sb === 0 && sa === m * rsa
            ? math.gemm(t * m, n, k, pa, rsa, csa, pb, rsb, csb, pc, n * 4, 0, 0, work)
            : math.gemmBatch(
                t,
                sa,
                sb,
                step,
                0,
                m,
                n,
                k,
                pa,
                rsa,
                csa,
                pb,
                rsb,
                csb,
                pc,
                n * 4,
                0,
                0,
                work,
              )
      : (t, sa, sb, pa, pb, pc) => {
          for (let i = 0; i < t; i++) {
            core.gemmF64(
              m,
              n,
              k,
              pa + i * sa,
              rsa,
              csa,
              pb + i * sb,
              rsb,
              csb,
              pc + i * step,
              n * 8,
            );
          }
        };
  batches(shape.slice(0, -2), a, b, bytes, out, step, product);
  return out;
};

/** A tensor's leading axes, as an operand that broadcasts over the batch. */
function leading(x: Operand): Strided {
  const { shape } = x;
  const matrix = (shape[shape.length - 2] as number) * (shape[shape.length - 1] as number);
  let strides: Shape | null = x.strides?.slice(0, -2) ?? null;
  if (strides === null) {
    let step = matrix;
    strides = shape.slice(0, -2).reduceRight<number[]>((list, length) => {
      list.unshift(step);
      step *= length;
      return list;
    }, []);
  }
  return { shape: shape.slice(0, -2), strides };
}

function batches(
  batch: Shape,
  a: Operand,
  b: Operand,
  bytes: number,
  out: number,
  step: number,
  product: Product,
): void {
  const { rank, length, strides } = mergeOperands(batch, [leading(a), leading(b)], [bytes, bytes]);
  const [sa, sb] = strides;
  let c = out;
  const visit = (d: number, pa: number, pb: number): void => {
    if (d <= 0) {
      const count = rank === 0 ? 1 : (length[0] as number);
      product(
        count,
        rank === 0 ? 0 : (sa[0] as number),
        rank === 0 ? 0 : (sb[0] as number),
        pa,
        pb,
        c,
      );
      c += count * step;
      return;
    }
    for (let i = 0; i < (length[d] as number); i++) {
      visit(d - 1, pa + i * (sa[d] as number), pb + i * (sb[d] as number));
    }
  };
  visit(rank - 1, a.storage.ptr, b.storage.ptr);
}
