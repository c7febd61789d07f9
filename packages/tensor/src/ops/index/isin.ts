/** @file Whether elements are among others. */

import { promoteTypes } from "../../base/dtype.js";
import { given, noMore } from "../../base/options.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { full } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { lifted } from "../define/lift.js";
import { minimum } from "../elementwise/binary.js";
import { castTo, exactType } from "../elementwise/cast.js";
import { equal, logicalNot } from "../elementwise/compare.js";
import { reshape } from "../shape/movement.js";
import { searchsorted, sort } from "./order.js";
import { take } from "./take.js";

/**
 * Whether each element of `x` is equal to one of `values`; with `invert`, to none of them. NaN is
 * equal to nothing. Takes n log n steps, and reads nothing.
 *
 * @noMethod
 *
 * @throws DTypeError for anything but tensors and numbers.
 * @example
 * isin(tensor([1, 2, 3, 2]), tensor([2, 5])).toArray(); // [false,true,false,true]
 * isin(tensor([1, 2]), 2, { invert: true }).toArray(); // [true,false]
 */
export function isin(
  x: TensorLike,
  values: TensorLike,
  options?: { readonly invert?: boolean | undefined },
  ...surplus: []
): Tensor {
  const { invert = false } = given("isin", options, "invert?");
  noMore("isin", surplus);
  for (const operand of [x, values]) expectLike("isin", operand);
  const among = (a: Tensor, b: Tensor) => scope(() => found(a, b, invert));
  const like = (other: TensorLike) => (other instanceof Tensor ? other : undefined);
  return lifted(
    "isin",
    x,
    (a) => lifted("isin", values, (b) => among(a, b), "bool", like(x)),
    "bool",
    like(values),
  );
}

function found(x: Tensor, values: Tensor, invert: boolean): Tensor {
  if (values.size === 0) return full(x.shape, invert, { device: x.device });
  const dtype = exactType(promoteTypes(x.dtype, values.dtype), [x, values]);
  const [own, all] = [castTo(x, dtype), castTo(values, dtype)];
  const sorted = sort(reshape(all, [all.size]));
  const place = minimum(searchsorted(sorted, own), all.size - 1);
  const hit = equal(take(sorted, place), own);
  return invert ? logicalNot(hit) : hit;
}
