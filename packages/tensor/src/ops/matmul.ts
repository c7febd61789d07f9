/**
 * @file Matrix multiplication, batched and broadcasting. Transposed operands are not copied.
 */

import { isFloat, promoteTypes } from "../base/dtype.js";
import { ShapeError } from "../base/errors.js";
import { noMore } from "../base/options.js";
import {
  broadcastShapes,
  broadcastStrides,
  contiguousStrides,
  formatShape,
  walkStrides,
} from "../base/shape.js";
import { apply } from "../core/apply.js";
import type { Spec } from "../core/contract.js";
import { expectTensor } from "../core/expect.js";
import { defineOp, withOp } from "../core/op.js";
import { dropping } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";

import { converted } from "./define/lift.js";
import { reshape } from "./shape/movement.js";

const TRANSPOSE = "to multiply by the transpose, write matmul(a, b.mT)";

const op = defineOp<readonly [Tensor, Tensor]>({
  name: "matmul",
  infer([a, b]): Spec {
    const [p, q] = [a.shape.length, b.shape.length];
    const [k, l] = [a.shape[p - 1], b.shape[q - 2]];
    if (k !== l) {
      throw new ShapeError(
        "matmul",
        `inner dimensions differ: ${formatShape(a.shape)} @ ${formatShape(b.shape)} (${k} vs ${l})`,
        TRANSPOSE,
      );
    }
    const m = a.shape[p - 2] as number;
    const n = b.shape[q - 1] as number;
    if (p === 2 && q === 2) return { shape: [m, n], dtype: a.dtype };
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...batch, m, n], dtype: a.dtype };
  },
  reference([a, b], _, out) {
    const batch = out.shape.slice(0, -2);
    const [m, n] = out.shape.slice(-2) as [number, number];
    const k = a.shape[a.shape.length - 1] as number;
    const whole = out.dtype === "int32";
    const sa = a.strides ?? contiguousStrides(a.shape);
    const sb = b.strides ?? contiguousStrides(b.shape);
    const [am, ak] = sa.slice(-2) as [number, number];
    const [bk, bn] = sb.slice(-2) as [number, number];
    const steps = [
      broadcastStrides(a.shape.slice(0, -2), batch, sa.slice(0, -2)),
      broadcastStrides(b.shape.slice(0, -2), batch, sb.slice(0, -2)),
    ];
    walkStrides(batch, steps, (t, [ao, bo]) => {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let s = 0;
          for (let l = 0; l < k; l++) {
            const x = a.data[(ao as number) + i * am + l * ak] as number;
            const y = b.data[(bo as number) + l * bk + j * bn] as number;
            s = whole ? (s + Math.imul(x, y)) | 0 : s + x * y;
          }
          out.data[(t * m + i) * n + j] = s;
        }
      }
    });
  },
});

/**
 * Matrix product: `[…, m, k] @ […, k, n] → […, m, n]`, leading axes broadcast. A vector counts as a
 * row on the left and as a column on the right, and its axis is dropped from the result.
 *
 * @throws ShapeError when the inner lengths differ or an operand is 0-d.
 * @example
 * matmul(tensor([[1, 2]]), tensor([[3], [4]])).toArray(); // [[11]]
 */
export const matmul = withOp(op, (a: Tensor, b: Tensor, ...surplus: []): Tensor => {
  noMore("matmul", surplus, true, TRANSPOSE);
  expectTensor("matmul", a);
  expectTensor("matmul", b);
  if (a.shape.length === 2 && b.shape.length === 2 && a.dtype === b.dtype && isFloat(a.dtype)) {
    return apply(op, [a, b], undefined);
  }
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError(
      "matmul",
      `an operand is 0-d: ${formatShape(a.shape)} @ ${formatShape(b.shape)}`,
      "to multiply by a number, use mul",
    );
  }
  const dtype = promoteTypes(promoteTypes(a.dtype, b.dtype), "int32");
  return converted(a, dtype, (x) => converted(b, dtype, (y) => general(x, y)));
});

function general(a: Tensor, b: Tensor): Tensor {
  const [p, q] = [a.shape.length, b.shape.length];
  if (p === 1)
    return dropping(reshape(a, [1, a.size]), (x) =>
      matmulThen(x, b, (s) => (q === 1 ? [] : without(s, -2))),
    );
  if (q === 1)
    return dropping(reshape(b, [b.size, 1]), (y) => matmulThen(a, y, (s) => without(s, -1)));
  if (p > 2 && q === 2) {
    // One large product is faster than many small ones, forward and in the gradient of b. The
    // layout of a has no say, so that the bits do not depend on it.
    const k = a.shape[p - 1] as number;
    if (k !== b.shape[0]) return apply(op, [a, b], undefined);
    const lead = a.shape.slice(0, -1);
    return dropping(reshape(a, [lead.reduce((m, n) => m * n, 1), k]), (x) =>
      matmulThen(x, b, () => [...lead, b.shape[1] as number]),
    );
  }
  return apply(op, [a, b], undefined);
}

function matmulThen(
  a: Tensor,
  b: Tensor,
  shape: (shape: readonly number[]) => readonly number[],
): Tensor {
  const product = matmul(a, b);
  return dropping(product, (x) => reshape(x, shape(x.shape)));
}

function without(shape: readonly number[], axis: number): readonly number[] {
  const at = axis + shape.length;
  return shape.filter((_, i) => i !== at);
}
