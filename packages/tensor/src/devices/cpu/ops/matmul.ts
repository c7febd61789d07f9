/** @file Matrix products on the CPU: strides of operands, batches, and which kernel. */

import { contiguousStrides, type Shape } from "../../../base/shape.js";
import type { Operand } from "../../../core/contract.js";
import type { commonFamilies } from "../../../ops/families.js";
import { FALLBACK, type KernelsFor } from "../opKernel.js";
import { allocate, type Runtime } from "../runtime.js";
import { mergeOperands, type Strided } from "../strides.js";

/** Row or column stride in bytes of the last two axes: from the right, 1 = columns, 2 = rows. */
function matrixStride(x: Operand, fromRight: 1 | 2, bytes: number): number {
  const rank = x.shape.length;
  if (x.strides !== null) return (x.strides[rank - fromRight] as number) * bytes;
  return fromRight === 1 ? bytes : (x.shape[rank - 1] as number) * bytes;
}

/** `count` products of a batch: steps in bytes from one to the next, operands and result. */
type Products = (count: number, sa: number, sb: number, a: number, b: number, c: number) => void;

/** Lengths of one product, and strides of its operands in bytes. */
interface Lengths {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly rsa: number;
  readonly csa: number;
  readonly rsb: number;
  readonly csb: number;
}

function inFloat32({ math, work }: Runtime, { m, n, k, rsa, csa, rsb, csb }: Lengths): Products {
  const [row, step] = [n * 4, m * n * 4];
  return (t, sa, sb, a, b, c) => {
    const { gemm, gemmBatch } = math;
    // one matrix on the right, and rows on the left that follow each other: one taller product
    if (sb === 0 && sa === m * rsa) {
      gemm(t * m, n, k, a, rsa, csa, b, rsb, csb, c, row, 0, 0, work);
    } else {
      gemmBatch(t, sa, sb, step, 0, m, n, k, a, rsa, csa, b, rsb, csb, c, row, 0, 0, work);
    }
  };
}

function inFloat64({ core }: Runtime, { m, n, k, rsa, csa, rsb, csb }: Lengths): Products {
  const step = m * n * 8;
  return (t, sa, sb, a, b, c) => {
    for (let i = 0; i < t; i++) {
      const [from, by] = [a + i * sa, b + i * sb];
      core.gemmF64(m, n, k, from, rsa, csa, by, rsb, csb, c + i * step, n * 8);
    }
  };
}

export const matmul: KernelsFor<typeof commonFamilies.matmul> = {
  matmul: {
    one(rt, [a, b], _, { shape }) {
      if (a.dtype !== b.dtype || (a.dtype !== "float32" && a.dtype !== "float64")) return FALLBACK;
      const bytes = a.dtype === "float32" ? 4 : 8;
      const rank = shape.length;
      const m = shape[rank - 2] as number;
      const n = shape[rank - 1] as number;
      const k = a.shape[a.shape.length - 1] as number;
      const [rsa, csa] = [matrixStride(a, 2, bytes), matrixStride(a, 1, bytes)];
      const [rsb, csb] = [matrixStride(b, 2, bytes), matrixStride(b, 1, bytes)];
      let count = 1;
      for (let i = 0; i < rank - 2; i++) count *= shape[i] as number;
      const out = allocate(rt, a.dtype, count * m * n);
      if (rank === 2 && bytes === 4) {
        const [pa, pb] = [a.storage.ptr, b.storage.ptr];
        rt.math.gemm(m, n, k, pa, rsa, csa, pb, rsb, csb, out, n * 4, 0, 0, rt.work);
        return out;
      }
      const lengths = { m, n, k, rsa, csa, rsb, csb };
      const products = bytes === 4 ? inFloat32(rt, lengths) : inFloat64(rt, lengths);
      batches(shape.slice(0, -2), a, b, bytes, out, m * n * bytes, products);
      return out;
    },
    accepts: () => true, // so does the op's plain TypeScript, which serves the other dtypes
  },
};

/** A tensor's leading axes, as an operand that broadcasts over the batch. */
function leading({ shape, strides }: Operand): Strided {
  return { shape: shape.slice(0, -2), strides: (strides ?? contiguousStrides(shape)).slice(0, -2) };
}

function batches(
  batch: Shape,
  a: Operand,
  b: Operand,
  bytes: number,
  out: number,
  step: number,
  products: Products,
): void {
  const { rank, length, strides } = mergeOperands(batch, [leading(a), leading(b)], [bytes, bytes]);
  const [sa, sb] = strides;
  let c = out;
  const visit = (d: number, pa: number, pb: number): void => {
    if (d > 0) {
      for (let i = 0; i < (length[d] as number); i++) {
        visit(d - 1, pa + i * (sa[d] as number), pb + i * (sb[d] as number));
      }
      return;
    }
    const [count = 1] = length.slice(0, rank);
    products(
      count,
      rank === 0 ? 0 : (sa[0] as number),
      rank === 0 ? 0 : (sb[0] as number),
      pa,
      pb,
      c,
    );
    c += count * step;
  };
  visit(rank - 1, a.storage.ptr, b.storage.ptr);
}
