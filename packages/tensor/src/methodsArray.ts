/**
 * @file More methods of a tensor, one line each: those that the array API standard adds to the
 * common ones.
 */
import * as binary from "./ops/binary.js";
import * as bits from "./ops/bits.js";
import * as compare from "./ops/compare.js";
import { positive } from "./ops/compositions.js";
import * as counting from "./ops/counting.js";
import { nextafter } from "./ops/neighbours.js";
import * as ordering from "./ops/ordering.js";
import * as products from "./ops/products.js";
import * as rearrange from "./ops/rearrange.js";
import * as unary from "./ops/unary.js";
import type { Tensor, TensorLike } from "./tensor.js";

type Options<F extends (...args: never[]) => unknown> = Parameters<F>[1];
type Third<F extends (...args: never[]) => unknown> = Parameters<F>[2];

/** The first part of what a tensor inherits; documentation is with the functions. */
export abstract class ArrayMethods {
  positive(this: Tensor): Tensor {
    return positive(this);
  }
  nextafter(this: Tensor, other: Tensor): Tensor {
    return nextafter(this, other);
  }
  log10(this: Tensor): Tensor {
    return unary.log10(this);
  }
  floorDivide(this: Tensor, other: TensorLike): Tensor {
    return binary.floorDivide(this, other);
  }
  hypot(this: Tensor, other: TensorLike): Tensor {
    return binary.hypot(this, other);
  }
  copysign(this: Tensor, other: TensorLike): Tensor {
    return binary.copysign(this, other);
  }
  logaddexp(this: Tensor, other: TensorLike): Tensor {
    return binary.logaddexp(this, other);
  }
  bitwiseAnd(this: Tensor, other: TensorLike): Tensor {
    return bits.bitwiseAnd(this, other);
  }
  bitwiseOr(this: Tensor, other: TensorLike): Tensor {
    return bits.bitwiseOr(this, other);
  }
  bitwiseXor(this: Tensor, other: TensorLike): Tensor {
    return bits.bitwiseXor(this, other);
  }
  bitwiseLeftShift(this: Tensor, other: TensorLike): Tensor {
    return bits.bitwiseLeftShift(this, other);
  }
  bitwiseRightShift(this: Tensor, other: TensorLike): Tensor {
    return bits.bitwiseRightShift(this, other);
  }
  bitwiseInvert(this: Tensor): Tensor {
    return bits.bitwiseInvert(this);
  }
  isInf(this: Tensor): Tensor {
    return compare.isInf(this);
  }
  signbit(this: Tensor): Tensor {
    return compare.signbit(this);
  }
  countNonzero(this: Tensor, options?: Options<typeof counting.countNonzero>): Tensor {
    return counting.countNonzero(this, options);
  }
  cumulativeProd(this: Tensor, options?: Options<typeof counting.cumulativeProd>): Tensor {
    return counting.cumulativeProd(this, options);
  }
  nonzero(this: Tensor): Tensor[] {
    return counting.nonzero(this);
  }
  uniqueAll(this: Tensor): counting.Unique {
    return counting.uniqueAll(this);
  }
  uniqueCounts(this: Tensor): ReturnType<typeof counting.uniqueCounts> {
    return counting.uniqueCounts(this);
  }
  uniqueInverse(this: Tensor): ReturnType<typeof counting.uniqueInverse> {
    return counting.uniqueInverse(this);
  }
  uniqueValues(this: Tensor): Tensor {
    return counting.uniqueValues(this);
  }
  argsort(this: Tensor, options?: ordering.SortOptions): Tensor {
    return ordering.argsort(this, options);
  }
  sort(this: Tensor, options?: ordering.SortOptions): Tensor {
    return ordering.sort(this, options);
  }
  topK(this: Tensor, k: number, options?: Third<typeof ordering.topK>): [Tensor, Tensor] {
    return ordering.topK(this, k, options);
  }
  searchsorted(
    this: Tensor,
    values: Tensor,
    options?: Third<typeof ordering.searchsorted>,
  ): Tensor {
    return ordering.searchsorted(this, values, options);
  }
  outer(this: Tensor, other: Tensor): Tensor {
    return products.outer(this, other);
  }
  vecdot(this: Tensor, other: Tensor, options?: Third<typeof products.vecdot>): Tensor {
    return products.vecdot(this, other, options);
  }
  tensordot(this: Tensor, other: Tensor, options?: Third<typeof products.tensordot>): Tensor {
    return products.tensordot(this, other, options);
  }
  cross(this: Tensor, other: Tensor, options?: Third<typeof products.cross>): Tensor {
    return products.cross(this, other, options);
  }
  diagonal(this: Tensor, options?: Options<typeof products.diagonal>): Tensor {
    return products.diagonal(this, options);
  }
  trace(this: Tensor, options?: Options<typeof products.trace>): Tensor {
    return products.trace(this, options);
  }
  vectorNorm(this: Tensor, options?: Options<typeof products.vectorNorm>): Tensor {
    return products.vectorNorm(this, options);
  }
  unstack(this: Tensor, options?: Options<typeof rearrange.unstack>): Tensor[] {
    return rearrange.unstack(this, options);
  }
  swapAxes(this: Tensor, first: number, second: number): Tensor {
    return rearrange.swapAxes(this, first, second);
  }
  repeat(
    this: Tensor,
    times: Options<typeof rearrange.repeat>,
    options?: Third<typeof rearrange.repeat>,
  ): Tensor {
    return rearrange.repeat(this, times, options);
  }
  tril(this: Tensor, options?: Options<typeof rearrange.tril>): Tensor {
    return rearrange.tril(this, options);
  }
  triu(this: Tensor, options?: Options<typeof rearrange.triu>): Tensor {
    return rearrange.triu(this, options);
  }
  diff(this: Tensor, options?: Options<typeof rearrange.diff>): Tensor {
    return rearrange.diff(this, options);
  }
}
