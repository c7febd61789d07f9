/** @file Triangles of matrices: the elements on one side of a diagonal, 0 elsewhere. */

import { ShapeError, UsageError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { fromTypedArray, roomFor } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { logicalAnd, where } from "../elementwise/compare.js";

interface TriangleOptions {
  readonly k?: number | undefined;
}

/** `x` up to diagonal k of each row, or from it on, else 0; the last two axes are matrices. */
function masked(
  op: string,
  x: Tensor,
  options: TriangleOptions | undefined,
  lower: boolean,
): Tensor {
  expectTensor(op, x);
  const { k = 0 } = given(op, options, "k#");
  if (!Number.isInteger(k)) {
    throw new UsageError(op, `k is ${String(k)}`, "give a whole number");
  }
  const [m, n] = x.shape.slice(-2);
  if (m === undefined || n === undefined) {
    throw new ShapeError(op, `${formatShape(x.shape)} is no matrix`, "it needs two axes or more");
  }
  roomFor(op, x.shape, x.dtype, x.device);
  const kept = new Uint8Array(m * n);
  for (let row = 0; row < m; row++) {
    const cut = row * n + Math.min(Math.max(row + k + (lower ? 1 : 0), 0), n);
    if (lower) kept.fill(1, row * n, cut);
    else kept.fill(1, cut, (row + 1) * n);
  }
  return scope(() => {
    const mask = fromTypedArray(kept, [m, n], "bool", x.device);
    return x.dtype === "bool" ? logicalAnd(x, mask) : where(mask, x, 0);
  });
}

/**
 * The lower triangle of a matrix (or of each in a batch): 0 above diagonal `k`.
 *
 * @throws ShapeError below rank 2.
 * @example
 * tril(ones([2, 2])).toArray(); // [[1,0],[1,1]]
 */
export function tril(x: Tensor, options?: { readonly k?: number | undefined }): Tensor {
  return masked("tril", x, options, true);
}

/**
 * The upper triangle of a matrix (or of each in a batch): 0 below diagonal `k`.
 *
 * @throws ShapeError below rank 2.
 * @example
 * triu(ones([2, 2]), { k: 1 }).toArray(); // [[0,1],[0,0]]
 */
export function triu(x: Tensor, options?: { readonly k?: number | undefined }): Tensor {
  return masked("triu", x, options, false);
}
