/**
 * @file NumPy's joining of vectors and matrices as rows, columns and layers.
 *
 * @noMethod
 */

import { ShapeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import { expectTensors } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { reshape } from "./movement.js";
import { concat } from "./stack.js";

/** Joins the tensors, seen in other shapes, along an axis. */
function joined(
  op: string,
  tensors: readonly Tensor[],
  seen: (shape: Shape) => Shape,
  axis: number,
): Tensor {
  const shapes = tensors.map((x) => seen(x.shape));
  const [first] = shapes;
  if (first === undefined) {
    throw new ShapeError(op, "no tensors to join", "give a list of one or more");
  }
  const odd = shapes.find(
    (shape) => shape.length !== first.length || shape.some((n, d) => d !== axis && n !== first[d]),
  );
  if (odd !== undefined) {
    const all = tensors.map((x) => formatShape(x.shape)).join(", ");
    const two = `${formatShape(first)} and ${formatShape(odd)}`;
    throw new ShapeError(
      op,
      `${all} do not fit: joined along axis ${axis} are ${two}`,
      "all other axes must agree",
    );
  }
  return scope(() =>
    concat(
      tensors.map((x, i) => reshape(x, shapes[i] as Shape)),
      { axis },
    ),
  );
}

/**
 * Joins tensors as rows, one below the other: along axis 0, after vectors of shape [n] became
 * [1, n]. Dtypes promote.
 *
 * @throws ShapeError when the other axes differ, or there is no tensor.
 * @example
 * vstack([tensor([1, 2]), tensor([[3, 4], [5, 6]])]).toArray(); // [[1,2],[3,4],[5,6]]
 */
export function vstack(tensors: readonly Tensor[], ...surplus: []): Tensor {
  noMore("vstack", surplus);
  expectTensors("vstack", tensors);
  return joined("vstack", tensors, (s) => (s.length < 2 ? [1, s[0] ?? 1] : s), 0);
}

/**
 * Joins tensors side by side: along axis 1, vectors along their only axis. Dtypes promote.
 *
 * @throws ShapeError when the other axes differ, or there is no tensor.
 * @example
 * hstack([tensor([1]), tensor([2, 3])]).toArray(); // [1,2,3]
 * hstack([tensor([[1], [2]]), tensor([[3], [4]])]).toArray(); // [[1,3],[2,4]]
 */
export function hstack(tensors: readonly Tensor[], ...surplus: []): Tensor {
  noMore("hstack", surplus);
  expectTensors("hstack", tensors);
  const axis = (tensors[0]?.shape.length ?? 0) < 2 ? 0 : 1;
  return joined("hstack", tensors, (s) => (s.length === 0 ? [1] : s), axis);
}

/**
 * Joins tensors in depth: along axis 2, after vectors of shape [n] became [1, n, 1] and matrices
 * [m, n] became [m, n, 1]. Dtypes promote.
 *
 * @throws ShapeError when the other axes differ, or there is no tensor.
 * @example
 * dstack([tensor([1, 2]), tensor([3, 4])]).toArray(); // [[[1,3],[2,4]]]
 */
export function dstack(tensors: readonly Tensor[], ...surplus: []): Tensor {
  noMore("dstack", surplus);
  expectTensors("dstack", tensors);
  const seen = (s: Shape): Shape => {
    if (s.length > 2) return s;
    return s.length === 2 ? [...s, 1] : [1, s[0] ?? 1, 1];
  };
  return joined("dstack", tensors, seen, 2);
}

/**
 * Joins vectors as the columns of a matrix; matrices among them keep theirs. Dtypes promote.
 *
 * @throws ShapeError when the numbers of rows differ, or there is no tensor.
 * @example
 * columnStack([tensor([1, 2]), tensor([[3, 4], [5, 6]])]).toArray(); // [[1,3,4],[2,5,6]]
 */
export function columnStack(tensors: readonly Tensor[], ...surplus: []): Tensor {
  noMore("columnStack", surplus);
  expectTensors("columnStack", tensors);
  return joined("columnStack", tensors, (s) => (s.length < 2 ? [s[0] ?? 1, 1] : s), 1);
}
