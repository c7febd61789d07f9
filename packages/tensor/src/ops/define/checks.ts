/** @file Checks of operands that ops of several families share. @internal */

import { isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { formatShape, shapesEqual } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import type { Tensor, TensorLike } from "../../core/tensor.js";

/** The first of two operands, for ops that need both in one shape and dtype. */
export function sameShape(op: string, a: Tensor, b: Tensor): Tensor {
  if (a.dtype === b.dtype && shapesEqual(a.shape, b.shape)) return a;
  throw new ShapeError(
    op,
    `${a.dtype} ${formatShape(a.shape)} beside ${b.dtype} ${formatShape(b.shape)}`,
    "nothing broadcasts here",
  );
}

/** Throws unless `x` is a tensor, a number or a boolean. */
export function expectLike(op: string, x: unknown): asserts x is TensorLike {
  if (typeof x !== "number" && typeof x !== "boolean") expectTensor(op, x);
}

/** Throws unless `x` is a tensor of floats. */
export function expectFloat(op: string, x: Tensor): void {
  expectTensor(op, x);
  if (isFloat(x.dtype)) return;
  throw new DTypeError(op, `needs floats, got ${x.dtype}`, 'cast first: x.cast("float32")');
}

/** Throws for a 0-d tensor. */
export function expectLastAxis(op: string, x: Tensor): void {
  if (x.shape.length > 0) return;
  throw new ShapeError(op, "a 0-d tensor [] has no last axis", "reshape it to [1]");
}
