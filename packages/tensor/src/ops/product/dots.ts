/**
 * @file NumPy's products of tensors of any rank, made of other ops.
 *
 * @noMethod
 */

import { ShapeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { roomFor } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { mul } from "../elementwise/binary.js";
import { reshape } from "../shape/movement.js";
import { tensordot } from "./products.js";

/** Contracts the last axis of a with that axis of b; a 0-d operand multiplies the other. */
function contract(op: string, a: Tensor, b: Tensor, axis: number): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) return mul(a, b);
  if (a.shape.at(-1) !== b.shape.at(axis)) {
    const other = `axis ${axis} of ${formatShape(b.shape)}`;
    throw new ShapeError(
      op,
      `the last axis of ${formatShape(a.shape)} does not fit ${other}`,
      "these two axes must have one length",
    );
  }
  return tensordot(a, b, { axes: [[-1], [axis]] });
}

/**
 * NumPy's `dot`: `Σₖ a[…, k] b[…, k, j]`, the last axis of `a` with the last but one of `b` (with
 * the only one of a vector). All other axes stay, those of `a` first; they do not broadcast, as
 * those of `matmul` do. With a 0-d tensor, the product by a number.
 *
 * @throws ShapeError when the two axes differ in length.
 * @example
 * dot(tensor([1, 2]), tensor([3, 4])).item(); // 11
 * dot(ones([2, 3]), ones([4, 3, 5])).shape; // [2,4,5]
 */
export function dot(a: Tensor, b: Tensor, ...surplus: []): Tensor {
  for (const x of [a, b]) expectTensor("dot", x, surplus);
  return contract("dot", a, b, b.shape.length < 2 ? -1 : -2);
}

/**
 * NumPy's `inner`: `Σₖ a[…, k] b[…, k]` over the last axis of both; all other axes stay, those of
 * `a` first. With a 0-d tensor, the product by a number.
 *
 * @throws ShapeError when the last axes differ in length.
 * @example
 * inner(tensor([[1, 2], [3, 4]]), tensor([1, 1])).toArray(); // [3,7]
 * inner(ones([2, 3]), ones([4, 5, 3])).shape; // [2,4,5]
 */
export function inner(a: Tensor, b: Tensor, ...surplus: []): Tensor {
  for (const x of [a, b]) expectTensor("inner", x, surplus);
  return contract("inner", a, b, -1);
}

/**
 * Kronecker's product: each element of `a` times the whole of `b`,
 * `out[i n + k, j m + l] = a[i, j] b[k, l]` for `b` of shape [n, m]. The shorter shape is filled up
 * with ones in front; each axis is as long as the product of the two lengths.
 *
 * @throws ShapeError when the result is too large.
 * @example
 * kron(tensor([1, 10]), tensor([1, 2, 3])).toArray(); // [1,2,3,10,20,30]
 * kron(eye(2), ones([1, 2])).toArray(); // [[1,1,0,0],[0,0,1,1]]
 */
export function kron(a: Tensor, b: Tensor, ...surplus: []): Tensor {
  noMore("kron", surplus, true);
  for (const x of [a, b]) expectTensor("kron", x);
  const rank = Math.max(a.shape.length, b.shape.length);
  const filled = (x: Tensor) => [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const [m, n] = [filled(a), filled(b)];
  const shape = m.map((length, i) => length * (n[i] as number));
  roomFor("kron", shape, a.dtype, a.device);
  return scope(() => {
    const coarse = reshape(
      a,
      m.flatMap((length) => [length, 1]),
    );
    const fine = reshape(
      b,
      n.flatMap((length) => [1, length]),
    );
    return reshape(mul(coarse, fine), shape);
  });
}
