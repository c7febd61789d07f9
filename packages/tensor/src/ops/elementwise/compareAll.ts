/**
 * @file Whether tensors are equal, or equal up to rounding: NumPy's rules. Nothing has a gradient.
 *
 * @noMethod
 */

import { type DType, promoteTypes } from "../../base/dtype.js";
import { given, noMore } from "../../base/options.js";
import { broadcastShapes, shapesEqual } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { full } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { lifted } from "../define/lift.js";
import { all } from "../reduce.js";
import { add, mul, sub } from "./binary.js";
import { castTo, exactType } from "./cast.js";
import { equal, less, lessEqual, logicalAnd, logicalOr, notEqual } from "./compare.js";
import { abs } from "./unary.js";

/** What counts as close. */
export interface CloseOptions {
  /** The part of |b| that may differ. Default: 1e-5. */
  readonly rtol?: number | undefined;
  /** What may differ besides. Default: 1e-8. */
  readonly atol?: number | undefined;
  /** Whether NaN is close to NaN. Default: false. */
  readonly equalNan?: boolean | undefined;
}

/** Runs `use` on both operands as tensors. */
function both(
  op: string,
  a: TensorLike,
  b: TensorLike,
  use: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  for (const x of [a, b]) expectLike(op, x);
  const like = (other: TensorLike) => (other instanceof Tensor ? other : undefined);
  const inner = (x: Tensor) => lifted(op, b, (y) => scope(() => use(x, y)), "bool", like(a));
  return lifted(op, a, inner, "bool", like(b));
}

/** Integers compare as floats that are exact for them, on devices that have those. */
function close(op: string, a: Tensor, b: Tensor, options: CloseOptions | undefined): Tensor {
  const {
    rtol = 1e-5,
    atol = 1e-8,
    equalNan = false,
  } = given(op, options, "rtol# atol# equalNan?");
  broadcastShapes(op, a.shape, b.shape);
  const kind = [a.dtype, b.dtype].reduce<DType>(promoteTypes, "float32");
  const dtype = exactType(kind, [a, b]);
  const [x, y] = [castTo(a, dtype), castTo(b, dtype)];
  const near = lessEqual(abs(sub(x, y)), add(mul(abs(y), rtol), atol));
  const found = logicalOr(logicalAnd(near, less(abs(y), Number.POSITIVE_INFINITY)), equal(x, y));
  return equalNan ? logicalOr(found, logicalAnd(notEqual(x, x), notEqual(y, y))) : found;
}

/**
 * Where `|a − b| ≤ atol + rtol |b|`, which is not symmetric, as in NumPy. Infinities are close to
 * themselves only.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * isClose(tensor([1, 2]), tensor([1.000001, 2.1])).toArray(); // [true,false]
 * isClose(tensor([NaN, 1]), tensor([NaN, 1]), { equalNan: true }).toArray(); // [true,true]
 */
export function isClose(
  a: TensorLike,
  b: TensorLike,
  options?: CloseOptions,
  ...surplus: []
): Tensor {
  noMore("isClose", surplus);
  return both("isClose", a, b, (x, y) => close("isClose", x, y, options));
}

/**
 * Whether all elements are close, as {@link isClose} has it: a 0-d bool. True of empty tensors.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * allClose(tensor([1, 2]), tensor([1, 2.000001])).toArray(); // true
 */
export function allClose(
  a: TensorLike,
  b: TensorLike,
  options?: CloseOptions,
  ...surplus: []
): Tensor {
  noMore("allClose", surplus);
  return both("allClose", a, b, (x, y) => all(close("allClose", x, y, options)));
}

/**
 * Whether the shapes are the same and all elements are equal: a 0-d bool. NaN equals nothing
 * unless `equalNan`, and then NaN.
 *
 * @example
 * arrayEqual(tensor([1, 2]), tensor([1, 2])).toArray(); // true
 * arrayEqual(tensor([1, 1]), tensor(1)).toArray(); // false
 */
export function arrayEqual(
  a: Tensor,
  b: Tensor,
  options?: { readonly equalNan?: boolean | undefined },
  ...surplus: []
): Tensor {
  noMore("arrayEqual", surplus);
  for (const x of [a, b]) expectTensor("arrayEqual", x);
  const { equalNan = false } = given("arrayEqual", options, "equalNan?");
  if (!shapesEqual(a.shape, b.shape)) return full([], false, { device: a.device });
  return scope(() => {
    const same = equal(a, b);
    if (!equalNan) return all(same);
    return all(logicalOr(same, logicalAnd(notEqual(a, a), notEqual(b, b))));
  });
}
