/** @file Writing at places for users, made of the ops of scatter.ts. @noMethod */

import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import { broadcastShapes, formatShape, normalizeAxis, shapesEqual } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { filled } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { add } from "../elementwise/binary.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import { addAlongAxis } from "./add.js";
import { reversed, spreadIndices } from "./extremes.js";
import { checkIndices } from "./places.js";
import { maxAlongAxis, setAlongAxis } from "./scatter.js";

/** What becomes of several values at one place, and of the element that was there. */
export type PutMode = "set" | "add" | "max" | "min";

/** Along which axis to write, and how. */
export interface PutOptions {
  readonly axis?: number | undefined;
  /** "set": the last value stays. "add", "max", "min": together with the element that was there. */
  readonly mode?: PutMode | undefined;
}

function written(
  op: string,
  [x, indices, values]: readonly [Tensor, Tensor, Tensor],
  axis: number,
  mode: PutMode,
): Tensor {
  if (mode === "set") return setAlongAxis(x, indices, values, { axis }, op);
  if (mode === "max") return maxAlongAxis(x, indices, values, { axis }, op);
  if (mode === "min") {
    return reversed(maxAlongAxis(reversed(x), indices, reversed(values), { axis }, op));
  }
  if (mode !== "add") {
    throw new UsageError(op, `there is no mode ${shown(mode)}`, 'use "set", "add", "max" or "min"');
  }
  return add(x, addAlongAxis(values, indices, x.shape[axis] as number, { axis }));
}

/** Values as a tensor of the dtype of x and of a shape. */
function valuesFor(op: string, x: Tensor, values: TensorLike, shape: readonly number[]): Tensor {
  expectLike(op, values);
  if (!(values instanceof Tensor)) {
    return filled(op, shape, values, { dtype: x.dtype, device: x.device });
  }
  if (values.dtype !== x.dtype) {
    throw new DTypeError(op, `values are ${values.dtype}, the tensor ${x.dtype}`, "cast one");
  }
  if (shapesEqual(values.shape, shape)) return values;
  if (!shapesEqual(broadcastShapes(op, values.shape, shape), shape)) {
    throw new ShapeError(
      op,
      `values ${formatShape(values.shape)} do not broadcast to ${formatShape(shape)}`,
      "lengths of 1 repeat, and no more axes",
    );
  }
  return broadcastTo(values, shape);
}

/**
 * `x` with values written at one index each along an axis (default: the last): the opposite of
 * `takeAlongAxis`. Values broadcast to the indices. With mode "add", "max" or "min" they meet the
 * element that was there.
 *
 * The gradient of a value that did not stay is 0; equal maxima share theirs.
 *
 * @throws ShapeError for an index outside of the axis; UsageError for an unknown mode.
 * @example
 * const at = tensor([[1], [0]], { dtype: "int32" });
 * putAlongAxis(zeros([2, 2]), at, 5).toArray(); // [[0,5],[5,0]]
 */
export function putAlongAxis(
  x: Tensor,
  indices: Tensor,
  values: TensorLike,
  options?: PutOptions,
  ...surplus: []
): Tensor {
  expectTensor("putAlongAxis", x, surplus);
  checkIndices("putAlongAxis", indices);
  const { axis = -1, mode = "set" } = given("putAlongAxis", options, "axis mode");
  const place = normalizeAxis("putAlongAxis", axis, x.shape);
  return scope(() => {
    const own = valuesFor("putAlongAxis", x, values, indices.shape);
    return written("putAlongAxis", [x, indices, own], place, mode);
  });
}

/**
 * `x` with whole slices written at indices along an axis (default: the first):
 * `x[indices] = values` and its kin. Values broadcast to `[...before, ...indices, ...after]`.
 *
 * @throws ShapeError for an index outside of the axis; UsageError for an unknown mode.
 * @example
 * const rows = tensor([2, 0], { dtype: "int32" });
 * indexPut(zeros([3, 2]), rows, tensor([[1, 2], [3, 4]])).toArray(); // [[3,4],[0,0],[1,2]]
 * indexPut(ones([3]), rows, 9, { mode: "max" }).toArray(); // [9,1,9]
 */
export function indexPut(
  x: Tensor,
  indices: Tensor,
  values: TensorLike,
  options?: PutOptions,
  ...surplus: []
): Tensor {
  expectTensor("indexPut", x, surplus);
  checkIndices("indexPut", indices);
  const { axis = 0, mode = "set" } = given("indexPut", options, "axis mode");
  const place = normalizeAxis("indexPut", axis, x.shape);
  const [before, after] = [x.shape.slice(0, place), x.shape.slice(place + 1)];
  return scope(() => {
    const own = valuesFor("indexPut", x, values, [...before, ...indices.shape, ...after]);
    const flat = [...before, indices.size, ...after];
    const spread = spreadIndices(indices, flat, place);
    return written("indexPut", [x, spread, reshape(own, flat)], place, mode);
  });
}
