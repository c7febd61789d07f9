/**
 * @file The methods of a tensor, one line each: `x.tanh()` is `tanh(x)`. Documentation is with the
 * functions.
 */
import type { DType } from "./dtype.js";
import { ArrayMethods } from "./methodsArray.js";
import * as binary from "./ops/binary.js";
import { cast } from "./ops/cast.js";
import * as compare from "./ops/compare.js";
import * as compositions from "./ops/compositions.js";
import * as indexing from "./ops/indexing.js";
import { matmul } from "./ops/matmul.js";
import * as movement from "./ops/movement.js";
import * as normalize from "./ops/normalize.js";
import * as reduce from "./ops/reduce.js";
import * as unary from "./ops/unary.js";
import type { Shape } from "./shape.js";
import type { Tensor, TensorLike } from "./tensor.js";

type AxisList = number | readonly number[];
type Options<F extends (...args: never[]) => unknown> = Parameters<F>[1];

/** What {@link Tensor} inherits: every function of the library whose first argument is a tensor. */
export abstract class TensorMethods extends ArrayMethods {
  neg(this: Tensor): Tensor {
    return unary.neg(this);
  }
  abs(this: Tensor): Tensor {
    return unary.abs(this);
  }
  sign(this: Tensor): Tensor {
    return unary.sign(this);
  }
  square(this: Tensor): Tensor {
    return unary.square(this);
  }
  reciprocal(this: Tensor): Tensor {
    return unary.reciprocal(this);
  }
  sqrt(this: Tensor): Tensor {
    return unary.sqrt(this);
  }
  rsqrt(this: Tensor): Tensor {
    return unary.rsqrt(this);
  }
  exp(this: Tensor): Tensor {
    return unary.exp(this);
  }
  expm1(this: Tensor): Tensor {
    return unary.expm1(this);
  }
  log(this: Tensor): Tensor {
    return unary.log(this);
  }
  log1p(this: Tensor): Tensor {
    return unary.log1p(this);
  }
  log2(this: Tensor): Tensor {
    return unary.log2(this);
  }
  sin(this: Tensor): Tensor {
    return unary.sin(this);
  }
  cos(this: Tensor): Tensor {
    return unary.cos(this);
  }
  tan(this: Tensor): Tensor {
    return unary.tan(this);
  }
  asin(this: Tensor): Tensor {
    return unary.asin(this);
  }
  acos(this: Tensor): Tensor {
    return unary.acos(this);
  }
  atan(this: Tensor): Tensor {
    return unary.atan(this);
  }
  sinh(this: Tensor): Tensor {
    return unary.sinh(this);
  }
  cosh(this: Tensor): Tensor {
    return unary.cosh(this);
  }
  tanh(this: Tensor): Tensor {
    return unary.tanh(this);
  }
  asinh(this: Tensor): Tensor {
    return unary.asinh(this);
  }
  acosh(this: Tensor): Tensor {
    return unary.acosh(this);
  }
  atanh(this: Tensor): Tensor {
    return unary.atanh(this);
  }
  erf(this: Tensor): Tensor {
    return unary.erf(this);
  }
  sigmoid(this: Tensor): Tensor {
    return unary.sigmoid(this);
  }
  relu(this: Tensor): Tensor {
    return unary.relu(this);
  }
  gelu(this: Tensor): Tensor {
    return unary.gelu(this);
  }
  geluTanh(this: Tensor): Tensor {
    return unary.geluTanh(this);
  }
  silu(this: Tensor): Tensor {
    return unary.silu(this);
  }
  softplus(this: Tensor): Tensor {
    return unary.softplus(this);
  }
  floor(this: Tensor): Tensor {
    return unary.floor(this);
  }
  ceil(this: Tensor): Tensor {
    return unary.ceil(this);
  }
  round(this: Tensor): Tensor {
    return unary.round(this);
  }
  trunc(this: Tensor): Tensor {
    return unary.trunc(this);
  }
  add(this: Tensor, other: TensorLike): Tensor {
    return binary.add(this, other);
  }
  sub(this: Tensor, other: TensorLike): Tensor {
    return binary.sub(this, other);
  }
  mul(this: Tensor, other: TensorLike): Tensor {
    return binary.mul(this, other);
  }
  div(this: Tensor, other: TensorLike): Tensor {
    return binary.div(this, other);
  }
  pow(this: Tensor, other: TensorLike): Tensor {
    return binary.pow(this, other);
  }
  mod(this: Tensor, other: TensorLike): Tensor {
    return binary.mod(this, other);
  }
  maximum(this: Tensor, other: TensorLike): Tensor {
    return binary.maximum(this, other);
  }
  minimum(this: Tensor, other: TensorLike): Tensor {
    return binary.minimum(this, other);
  }
  atan2(this: Tensor, other: TensorLike): Tensor {
    return binary.atan2(this, other);
  }
  equal(this: Tensor, other: TensorLike): Tensor {
    return compare.equal(this, other);
  }
  notEqual(this: Tensor, other: TensorLike): Tensor {
    return compare.notEqual(this, other);
  }
  less(this: Tensor, other: TensorLike): Tensor {
    return compare.less(this, other);
  }
  lessEqual(this: Tensor, other: TensorLike): Tensor {
    return compare.lessEqual(this, other);
  }
  greater(this: Tensor, other: TensorLike): Tensor {
    return compare.greater(this, other);
  }
  greaterEqual(this: Tensor, other: TensorLike): Tensor {
    return compare.greaterEqual(this, other);
  }
  logicalAnd(this: Tensor, other: TensorLike): Tensor {
    return compare.logicalAnd(this, other);
  }
  logicalOr(this: Tensor, other: TensorLike): Tensor {
    return compare.logicalOr(this, other);
  }
  logicalXor(this: Tensor, other: TensorLike): Tensor {
    return compare.logicalXor(this, other);
  }
  logicalNot(this: Tensor): Tensor {
    return compare.logicalNot(this);
  }
  isNaN(this: Tensor): Tensor {
    return compare.isNaN(this);
  }
  isFinite(this: Tensor): Tensor {
    return compare.isFinite(this);
  }
  clip(this: Tensor, bounds: compare.ClipBounds): Tensor {
    return compare.clip(this, bounds);
  }
  sum(this: Tensor, options?: Options<typeof reduce.sum>): Tensor {
    return reduce.sum(this, options);
  }
  mean(this: Tensor, options?: Options<typeof reduce.mean>): Tensor {
    return reduce.mean(this, options);
  }
  max(this: Tensor, options?: Options<typeof reduce.max>): Tensor {
    return reduce.max(this, options);
  }
  min(this: Tensor, options?: Options<typeof reduce.min>): Tensor {
    return reduce.min(this, options);
  }
  prod(this: Tensor, options?: Options<typeof reduce.prod>): Tensor {
    return reduce.prod(this, options);
  }
  all(this: Tensor, options?: Options<typeof reduce.all>): Tensor {
    return reduce.all(this, options);
  }
  any(this: Tensor, options?: Options<typeof reduce.any>): Tensor {
    return reduce.any(this, options);
  }
  variance(this: Tensor, options?: Options<typeof reduce.variance>): Tensor {
    return reduce.variance(this, options);
  }
  argmax(this: Tensor, options?: Options<typeof reduce.argmax>): Tensor {
    return reduce.argmax(this, options);
  }
  argmin(this: Tensor, options?: Options<typeof reduce.argmin>): Tensor {
    return reduce.argmin(this, options);
  }
  cumulativeSum(this: Tensor, options?: Options<typeof reduce.cumulativeSum>): Tensor {
    return reduce.cumulativeSum(this, options);
  }
  std(this: Tensor, options?: Options<typeof compositions.std>): Tensor {
    return compositions.std(this, options);
  }
  softmax(this: Tensor, options?: Options<typeof normalize.softmax>): Tensor {
    return normalize.softmax(this, options);
  }
  logSoftmax(this: Tensor, options?: Options<typeof normalize.logSoftmax>): Tensor {
    return normalize.logSoftmax(this, options);
  }
  logSumExp(this: Tensor, options?: Options<typeof normalize.logSumExp>): Tensor {
    return normalize.logSumExp(this, options);
  }
  cast(this: Tensor, dtype: DType): Tensor {
    return cast(this, dtype);
  }
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul(this, other);
  }
  reshape(this: Tensor, shape: Shape): Tensor {
    return movement.reshape(this, shape);
  }
  flatten(this: Tensor): Tensor {
    return movement.reshape(this, [this.size]);
  }
  permuteDims(this: Tensor, axes?: readonly number[]): Tensor {
    return movement.permuteDims(this, axes);
  }
  broadcastTo(this: Tensor, shape: Shape): Tensor {
    return movement.broadcastTo(this, shape);
  }
  slice(this: Tensor, ranges: readonly movement.SliceRange[]): Tensor {
    return movement.slice(this, ranges);
  }
  split(
    this: Tensor,
    parts: number | readonly number[],
    options?: Parameters<typeof movement.split>[2],
  ): Tensor[] {
    return movement.split(this, parts, options);
  }
  flip(this: Tensor, options?: Options<typeof movement.flip>): Tensor {
    return movement.flip(this, options);
  }
  expandDims(this: Tensor, axis?: AxisList): Tensor {
    return compositions.expandDims(this, axis);
  }
  squeeze(this: Tensor, axis?: number | readonly number[]): Tensor {
    return compositions.squeeze(this, axis);
  }
  moveAxis(this: Tensor, from: AxisList, to: AxisList): Tensor {
    return compositions.moveAxis(this, from, to);
  }
  take(this: Tensor, indices: Tensor, options?: { readonly axis?: number }): Tensor {
    return indexing.take(this, indices, options);
  }
  takeAlongAxis(this: Tensor, indices: Tensor, options?: { readonly axis?: number }): Tensor {
    return indexing.takeAlongAxis(this, indices, options);
  }
  /** The transpose of a matrix, or of each matrix in a batch. Free for matmul. */
  get mT(): Tensor {
    return compositions.matrixTranspose(this as unknown as Tensor);
  }
  /** All axes reversed; the transpose of a matrix. */
  get T(): Tensor {
    return movement.permuteDims(this as unknown as Tensor);
  }
}
