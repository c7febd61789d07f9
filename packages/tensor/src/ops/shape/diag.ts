/**
 * @file Matrices with a given diagonal, and diagonals of matrices, in one function as in NumPy.
 *
 * @noMethod
 */

import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { roomFor } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { eye } from "../creation.js";
import { where } from "../elementwise/compare.js";
import { diagonal } from "../product/products.js";
import { expandDims } from "./axes.js";
import { pad } from "./slicing.js";

/**
 * Of a vector the matrix that has it on diagonal `k` and 0 elsewhere; of a matrix the diagonal `k`.
 * A positive `k` is to the right of the main diagonal. For batches of matrices there is `diagonal`.
 *
 * @throws ShapeError for other ranks than 1 and 2; UsageError when `k` is not whole.
 * @example
 * diag(tensor([1, 2])).toArray(); // [[1,0],[0,2]]
 * diag(tensor([5]), { k: 1 }).toArray(); // [[0,5],[0,0]]
 * diag(tensor([[1, 2], [3, 4]])).toArray(); // [1,4]
 */
export function diag(
  x: Tensor,
  options?: { readonly k?: number | undefined },
  ...surplus: []
): Tensor {
  noMore("diag", surplus);
  expectTensor("diag", x);
  const { k = 0 } = given("diag", options, "k#");
  if (!Number.isInteger(k)) {
    throw new UsageError("diag", `k is ${shown(k)}`, "give a whole number");
  }
  if (x.shape.length === 2) return diagonal(x, { offset: k });
  if (x.shape.length !== 1) {
    throw new ShapeError(
      "diag",
      `${formatShape(x.shape)} is neither a vector nor a matrix`,
      "of a batch of matrices, diagonal(x) gives the diagonals",
    );
  }
  const shift = Math.abs(k);
  const n = x.size + shift;
  roomFor("diag", [n, n], x.dtype, x.device);
  return scope(() => {
    // The element of row i stands in column i + k: x runs along the shorter of the two.
    const along = pad(x, [[0, shift]]);
    const places = eye(n, { k, dtype: "bool", device: x.device });
    return where(places, k < 0 ? along : expandDims(along, 1), false);
  });
}
