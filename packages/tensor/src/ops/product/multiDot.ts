/**
 * @file Products of several matrices, in the order that takes the fewest multiplications.
 *
 * @noMethod
 */

import { ShapeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { expectTensors } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { promoted } from "../elementwise/cast.js";
import { matmul } from "../matmul.js";
import { reshape } from "../shape/movement.js";

/**
 * The first of `sides` is the rows of matrix 0, the next its columns, and so on. Gives for each run
 * i…j of matrices after which of them to cut, by
 * `cost(i, j) = minₖ cost(i, k) + cost(k + 1, j) + sides[i] sides[k + 1] sides[j + 1]`
 * (Cormen, Leiserson, Rivest and Stein 2009, §15.2).
 */
function cuts(sides: readonly number[]): (i: number, j: number) => number {
  const n = sides.length - 1;
  const cost = new Float64Array(n * n);
  const cut = new Int32Array(n * n);
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      let least = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const own = (sides[i] as number) * (sides[k + 1] as number) * (sides[j + 1] as number);
        const whole = (cost[i * n + k] as number) + (cost[(k + 1) * n + j] as number) + own;
        if (whole < least) [least, cut[i * n + j]] = [whole, k];
      }
      cost[i * n + j] = least;
    }
  }
  return (i, j) => cut[i * n + j] as number;
}

/** Throws unless the ends are vectors or matrices, the others matrices, and sides that meet fit. */
function checkChain(tensors: readonly Tensor[]): void {
  const all = () => tensors.map((x) => formatShape(x.shape)).join(" · ");
  if (tensors.length < 2) {
    const help = "give a list of two or more; one alone is its own product";
    throw new ShapeError("multiDot", `needs two matrices, got ${tensors.length}`, help);
  }
  const last = tensors.length - 1;
  tensors.forEach(({ shape }, i) => {
    const vector = shape.length === 1 && (i === 0 || i === last);
    if (shape.length !== 2 && !vector) {
      throw new ShapeError(
        "multiDot",
        `operand ${i} is no matrix: ${all()}`,
        "all are matrices; the first and the last may be vectors",
      );
    }
    const next = tensors[i + 1];
    if (next !== undefined && shape.at(-1) !== next.shape[0]) {
      throw new ShapeError(
        "multiDot",
        `operands ${i} and ${i + 1} do not fit: ${all()}`,
        "the columns of each are as many as the rows of the next",
      );
    }
  });
}

/**
 * The product of two or more matrices, in the order that takes the fewest multiplications, as
 * NumPy's `multi_dot`. The first may be a vector (a row) and the last one too (a column); their
 * axis is dropped.
 *
 * @throws ShapeError for less than two operands, or where neighbours do not fit.
 * @example
 * multiDot([tensor([[1, 2]]), tensor([[1], [1]]), tensor([[5, 6]])]).toArray(); // [[15,18]]
 */
export function multiDot(tensors: readonly Tensor[], ...surplus: []): Tensor {
  noMore("multiDot", surplus);
  expectTensors("multiDot", tensors);
  checkChain(tensors);
  const [first, last] = [tensors[0] as Tensor, tensors.at(-1) as Tensor];
  const sides = [
    first.shape.length === 1 ? 1 : (first.shape[0] as number),
    ...tensors.slice(1).map((x) => x.shape[0] as number),
    last.shape.length === 1 ? 1 : (last.shape[1] as number),
  ];
  const shape = [
    ...(first.shape.length === 1 ? [] : [sides[0] as number]),
    ...(last.shape.length === 1 ? [] : [sides.at(-1) as number]),
  ];
  const cutOf = cuts(sides);
  return promoted(tensors, (same) => {
    const matrix = (i: number) =>
      reshape(same[i] as Tensor, [sides[i] as number, sides[i + 1] as number]);
    const product = (i: number, j: number): Tensor => {
      if (i === j) return matrix(i);
      const k = cutOf(i, j);
      return matmul(product(i, k), product(k + 1, j));
    };
    return scope(() => reshape(product(0, tensors.length - 1), shape));
  });
}
