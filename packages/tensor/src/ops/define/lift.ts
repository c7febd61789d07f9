/**
 * @file Operands as tensors of one dtype: numbers become tensors, tensors are converted.
 * @internal
 */

import { checkNumber, type DType, promoteTypes } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { apply } from "../../core/apply.js";
import type { Device, Op } from "../../core/contract.js";
import { fromNumber } from "../../core/creation.js";
import { kindOf } from "../../core/expect.js";
import { deviceOf } from "../../core/handle.js";
import { getDevice } from "../../core/registry.js";
import { dispose } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { castTo } from "../elementwise/cast.js";
import { expectLike } from "./checks.js";

/** `op` of a tensor and a number; the number takes the dtype of the tensor. */
export function withScalar(
  op: Op<readonly [Tensor, Tensor], undefined>,
  a: Tensor,
  b: number,
): Tensor {
  const y = numberTensor(op.name, b, a.dtype, deviceOf(a));
  try {
    return apply(op, [a, y], undefined);
  } finally {
    dispose(y);
  }
}

/**
 * Runs `use` on `x` as a tensor. A number becomes a tensor of the dtype `least` or one above, which
 * is disposed afterwards.
 */
export function lifted(
  name: string,
  x: TensorLike,
  use: (x: Tensor) => Tensor,
  least: DType = "bool",
  like?: Tensor,
): Tensor {
  if (x instanceof Tensor) return use(x);
  expectLike(name, x);
  const made = scalarTensor(name, x, least, like);
  try {
    return use(made);
  } finally {
    dispose(made);
  }
}

/**
 * A 0-d tensor of a JavaScript number. The number is weak: it takes the dtype and the device of
 * `like`, but makes floats where it is not whole.
 */
function scalarTensor(op: string, x: number | boolean, least: DType, like?: Tensor): Tensor {
  let dtype = promoteTypes(like === undefined ? "bool" : like.dtype, least);
  if (typeof x === "number") {
    dtype = promoteTypes(dtype, like !== undefined && Number.isInteger(x) ? "int32" : "float32");
  }
  return numberTensor(op, Number(x), dtype, like === undefined ? getDevice() : deviceOf(like));
}

/** A 0-d tensor outside of every scope: the caller disposes it. */
export function numberTensor(op: string, x: number, dtype: DType, device: Device): Tensor {
  checkNumber(op, x, dtype);
  return fromNumber(x, [], dtype, device, false);
}

/** Runs `use` on `x` in the dtype wanted; a converted copy is disposed afterwards. */
export function converted<R>(x: Tensor, dtype: DType, use: (x: Tensor) => R): R {
  if (x.dtype === dtype) return use(x);
  const made = castTo(x, dtype);
  try {
    return use(made);
  } finally {
    dispose(made);
  }
}

/** Runs `use` on two operands as tensors of one dtype: `least`, or one above. */
export function pair(
  name: string,
  a: TensorLike,
  b: TensorLike,
  least: DType,
  use: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (!(a instanceof Tensor) && typeof a !== "number" && typeof a !== "boolean") {
    throw new DTypeError(name, `the first operand is ${kindOf(a)}`, "use a tensor or a number");
  }
  if (!(b instanceof Tensor) && typeof b !== "number" && typeof b !== "boolean") {
    throw new DTypeError(name, `the second operand is ${kindOf(b)}`, "use a tensor or a number");
  }
  return lifted(
    name,
    a,
    (x) =>
      lifted(
        name,
        b,
        (y) => {
          const dtype = promoteTypes(promoteTypes(x.dtype, y.dtype), least);
          return converted(x, dtype, (p) => converted(y, dtype, (q) => use(p, q)));
        },
        least,
        a instanceof Tensor ? a : undefined,
      ),
    least,
    b instanceof Tensor ? b : undefined,
  );
}
