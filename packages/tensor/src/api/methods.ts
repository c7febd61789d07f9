/**
 * @file The methods of a tensor, one line each: `x.tanh()` is `tanh(x)`. Documentation is with the
 * functions. Attaches them to Tensor when it is imported.
 */
import type { DType } from "../base/dtype.js";
import type { Shape } from "../base/shape.js";
import { Tensor, type TensorLike } from "../core/tensor.js";
import * as binary from "../ops/elementwise/binary.js";
import * as bits from "../ops/elementwise/bits.js";
import { cast } from "../ops/elementwise/cast.js";
import * as compare from "../ops/elementwise/compare.js";
import * as unary from "../ops/elementwise/unary.js";
import * as counting from "../ops/index/count.js";
import * as ordering from "../ops/index/order.js";
import * as indexing from "../ops/index/take.js";
import { matmul } from "../ops/matmul.js";
import * as normalize from "../ops/normalize.js";
import * as products from "../ops/product/products.js";
import * as reduce from "../ops/reduce.js";
import * as movement from "../ops/shape/movement.js";
import * as rearrange from "../ops/shape/rearrange.js";
import * as compositions from "../ops/shape/stack.js";
import { nextafter } from "../ops/special/nextafter.js";

type AxisList = number | readonly number[];
type Options<F extends (...args: never[]) => unknown> = Parameters<F>[1];
type Third<F extends (...args: never[]) => unknown> = Parameters<F>[2];

/** What every tensor can do beside its fields: the functions whose first argument is a tensor. */
export interface Methods {
  neg(): Tensor;
  abs(): Tensor;
  sign(): Tensor;
  square(): Tensor;
  reciprocal(): Tensor;
  sqrt(): Tensor;
  rsqrt(): Tensor;
  exp(): Tensor;
  expm1(): Tensor;
  log(): Tensor;
  log1p(): Tensor;
  log2(): Tensor;
  sin(): Tensor;
  cos(): Tensor;
  tan(): Tensor;
  asin(): Tensor;
  acos(): Tensor;
  atan(): Tensor;
  sinh(): Tensor;
  cosh(): Tensor;
  tanh(): Tensor;
  asinh(): Tensor;
  acosh(): Tensor;
  atanh(): Tensor;
  erf(): Tensor;
  sigmoid(): Tensor;
  relu(): Tensor;
  gelu(): Tensor;
  geluTanh(): Tensor;
  silu(): Tensor;
  softplus(): Tensor;
  floor(): Tensor;
  ceil(): Tensor;
  round(): Tensor;
  trunc(): Tensor;
  add(other: TensorLike): Tensor;
  sub(other: TensorLike): Tensor;
  mul(other: TensorLike): Tensor;
  div(other: TensorLike): Tensor;
  pow(other: TensorLike): Tensor;
  mod(other: TensorLike): Tensor;
  maximum(other: TensorLike): Tensor;
  minimum(other: TensorLike): Tensor;
  atan2(other: TensorLike): Tensor;
  equal(other: TensorLike): Tensor;
  notEqual(other: TensorLike): Tensor;
  less(other: TensorLike): Tensor;
  lessEqual(other: TensorLike): Tensor;
  greater(other: TensorLike): Tensor;
  greaterEqual(other: TensorLike): Tensor;
  logicalAnd(other: TensorLike): Tensor;
  logicalOr(other: TensorLike): Tensor;
  logicalXor(other: TensorLike): Tensor;
  logicalNot(): Tensor;
  isNaN(): Tensor;
  isFinite(): Tensor;
  clip(bounds: compare.ClipBounds): Tensor;
  sum(options?: Options<typeof reduce.sum>): Tensor;
  mean(options?: Options<typeof reduce.mean>): Tensor;
  max(options?: Options<typeof reduce.max>): Tensor;
  min(options?: Options<typeof reduce.min>): Tensor;
  prod(options?: Options<typeof reduce.prod>): Tensor;
  all(options?: Options<typeof reduce.all>): Tensor;
  any(options?: Options<typeof reduce.any>): Tensor;
  variance(options?: Options<typeof reduce.variance>): Tensor;
  argmax(options?: Options<typeof reduce.argmax>): Tensor;
  argmin(options?: Options<typeof reduce.argmin>): Tensor;
  cumulativeSum(options?: Options<typeof reduce.cumulativeSum>): Tensor;
  std(options?: Options<typeof compositions.std>): Tensor;
  softmax(options?: Options<typeof normalize.softmax>): Tensor;
  logSoftmax(options?: Options<typeof normalize.logSoftmax>): Tensor;
  logSumExp(options?: Options<typeof normalize.logSumExp>): Tensor;
  cast(dtype: DType): Tensor;
  matmul(other: Tensor): Tensor;
  reshape(shape: Shape): Tensor;
  flatten(): Tensor;
  permuteDims(axes?: readonly number[]): Tensor;
  broadcastTo(shape: Shape): Tensor;
  slice(ranges: readonly movement.SliceRange[]): Tensor;
  split(
    parts: number | readonly number[],
    options?: Parameters<typeof movement.split>[2],
  ): Tensor[];
  flip(options?: Options<typeof movement.flip>): Tensor;
  expandDims(axis?: AxisList): Tensor;
  squeeze(axis?: number | readonly number[]): Tensor;
  moveAxis(from: AxisList, to: AxisList): Tensor;
  take(indices: Tensor, options?: { readonly axis?: number }): Tensor;
  takeAlongAxis(indices: Tensor, options?: { readonly axis?: number }): Tensor;
  /** The transpose of a matrix, or of each matrix in a batch. Free for matmul. */
  readonly mT: Tensor;
  /** All axes reversed; the transpose of a matrix. */
  readonly T: Tensor;
  positive(): Tensor;
  nextafter(other: Tensor): Tensor;
  log10(): Tensor;
  floorDivide(other: TensorLike): Tensor;
  hypot(other: TensorLike): Tensor;
  copysign(other: TensorLike): Tensor;
  logaddexp(other: TensorLike): Tensor;
  bitwiseAnd(other: TensorLike): Tensor;
  bitwiseOr(other: TensorLike): Tensor;
  bitwiseXor(other: TensorLike): Tensor;
  bitwiseLeftShift(other: TensorLike): Tensor;
  bitwiseRightShift(other: TensorLike): Tensor;
  bitwiseInvert(): Tensor;
  isInf(): Tensor;
  signbit(): Tensor;
  countNonzero(options?: Options<typeof counting.countNonzero>): Tensor;
  cumulativeProd(options?: Options<typeof counting.cumulativeProd>): Tensor;
  nonzero(): Tensor[];
  uniqueAll(): counting.Unique;
  uniqueCounts(): ReturnType<typeof counting.uniqueCounts>;
  uniqueInverse(): ReturnType<typeof counting.uniqueInverse>;
  uniqueValues(): Tensor;
  argsort(options?: ordering.SortOptions): Tensor;
  sort(options?: ordering.SortOptions): Tensor;
  topK(k: number, options?: Third<typeof ordering.topK>): [Tensor, Tensor];
  searchsorted(values: Tensor, options?: Third<typeof ordering.searchsorted>): Tensor;
  outer(other: Tensor): Tensor;
  vecdot(other: Tensor, options?: Third<typeof products.vecdot>): Tensor;
  tensordot(other: Tensor, options?: Third<typeof products.tensordot>): Tensor;
  cross(other: Tensor, options?: Third<typeof products.cross>): Tensor;
  diagonal(options?: Options<typeof products.diagonal>): Tensor;
  trace(options?: Options<typeof products.trace>): Tensor;
  vectorNorm(options?: Options<typeof products.vectorNorm>): Tensor;
  unstack(options?: Options<typeof rearrange.unstack>): Tensor[];
  swapAxes(first: number, second: number): Tensor;
  repeat(times: Options<typeof rearrange.repeat>, options?: Third<typeof rearrange.repeat>): Tensor;
  tril(options?: Options<typeof rearrange.tril>): Tensor;
  triu(options?: Options<typeof rearrange.triu>): Tensor;
  diff(options?: Options<typeof rearrange.diff>): Tensor;
}

declare module "../core/tensor.js" {
  interface Tensor extends Methods {}
}

const methods: Methods & ThisType<Tensor> = {
  neg() {
    return unary.neg(this);
  },
  abs() {
    return unary.abs(this);
  },
  sign() {
    return unary.sign(this);
  },
  square() {
    return unary.square(this);
  },
  reciprocal() {
    return unary.reciprocal(this);
  },
  sqrt() {
    return unary.sqrt(this);
  },
  rsqrt() {
    return unary.rsqrt(this);
  },
  exp() {
    return unary.exp(this);
  },
  expm1() {
    return unary.expm1(this);
  },
  log() {
    return unary.log(this);
  },
  log1p() {
    return unary.log1p(this);
  },
  log2() {
    return unary.log2(this);
  },
  sin() {
    return unary.sin(this);
  },
  cos() {
    return unary.cos(this);
  },
  tan() {
    return unary.tan(this);
  },
  asin() {
    return unary.asin(this);
  },
  acos() {
    return unary.acos(this);
  },
  atan() {
    return unary.atan(this);
  },
  sinh() {
    return unary.sinh(this);
  },
  cosh() {
    return unary.cosh(this);
  },
  tanh() {
    return unary.tanh(this);
  },
  asinh() {
    return unary.asinh(this);
  },
  acosh() {
    return unary.acosh(this);
  },
  atanh() {
    return unary.atanh(this);
  },
  erf() {
    return unary.erf(this);
  },
  sigmoid() {
    return unary.sigmoid(this);
  },
  relu() {
    return unary.relu(this);
  },
  gelu() {
    return unary.gelu(this);
  },
  geluTanh() {
    return unary.geluTanh(this);
  },
  silu() {
    return unary.silu(this);
  },
  softplus() {
    return unary.softplus(this);
  },
  floor() {
    return unary.floor(this);
  },
  ceil() {
    return unary.ceil(this);
  },
  round() {
    return unary.round(this);
  },
  trunc() {
    return unary.trunc(this);
  },
  add(other: TensorLike) {
    return binary.add(this, other);
  },
  sub(other: TensorLike) {
    return binary.sub(this, other);
  },
  mul(other: TensorLike) {
    return binary.mul(this, other);
  },
  div(other: TensorLike) {
    return binary.div(this, other);
  },
  pow(other: TensorLike) {
    return binary.pow(this, other);
  },
  mod(other: TensorLike) {
    return binary.mod(this, other);
  },
  maximum(other: TensorLike) {
    return binary.maximum(this, other);
  },
  minimum(other: TensorLike) {
    return binary.minimum(this, other);
  },
  atan2(other: TensorLike) {
    return binary.atan2(this, other);
  },
  equal(other: TensorLike) {
    return compare.equal(this, other);
  },
  notEqual(other: TensorLike) {
    return compare.notEqual(this, other);
  },
  less(other: TensorLike) {
    return compare.less(this, other);
  },
  lessEqual(other: TensorLike) {
    return compare.lessEqual(this, other);
  },
  greater(other: TensorLike) {
    return compare.greater(this, other);
  },
  greaterEqual(other: TensorLike) {
    return compare.greaterEqual(this, other);
  },
  logicalAnd(other: TensorLike) {
    return compare.logicalAnd(this, other);
  },
  logicalOr(other: TensorLike) {
    return compare.logicalOr(this, other);
  },
  logicalXor(other: TensorLike) {
    return compare.logicalXor(this, other);
  },
  logicalNot() {
    return compare.logicalNot(this);
  },
  isNaN() {
    return compare.isNaN(this);
  },
  isFinite() {
    return compare.isFinite(this);
  },
  clip(bounds: compare.ClipBounds) {
    return compare.clip(this, bounds);
  },
  sum(options?: Options<typeof reduce.sum>) {
    return reduce.sum(this, options);
  },
  mean(options?: Options<typeof reduce.mean>) {
    return reduce.mean(this, options);
  },
  max(options?: Options<typeof reduce.max>) {
    return reduce.max(this, options);
  },
  min(options?: Options<typeof reduce.min>) {
    return reduce.min(this, options);
  },
  prod(options?: Options<typeof reduce.prod>) {
    return reduce.prod(this, options);
  },
  all(options?: Options<typeof reduce.all>) {
    return reduce.all(this, options);
  },
  any(options?: Options<typeof reduce.any>) {
    return reduce.any(this, options);
  },
  variance(options?: Options<typeof reduce.variance>) {
    return reduce.variance(this, options);
  },
  argmax(options?: Options<typeof reduce.argmax>) {
    return reduce.argmax(this, options);
  },
  argmin(options?: Options<typeof reduce.argmin>) {
    return reduce.argmin(this, options);
  },
  cumulativeSum(options?: Options<typeof reduce.cumulativeSum>) {
    return reduce.cumulativeSum(this, options);
  },
  std(options?: Options<typeof compositions.std>) {
    return compositions.std(this, options);
  },
  softmax(options?: Options<typeof normalize.softmax>) {
    return normalize.softmax(this, options);
  },
  logSoftmax(options?: Options<typeof normalize.logSoftmax>) {
    return normalize.logSoftmax(this, options);
  },
  logSumExp(options?: Options<typeof normalize.logSumExp>) {
    return normalize.logSumExp(this, options);
  },
  cast(dtype: DType) {
    return cast(this, dtype);
  },
  matmul(other: Tensor) {
    return matmul(this, other);
  },
  reshape(shape: Shape) {
    return movement.reshape(this, shape);
  },
  flatten() {
    return movement.reshape(this, [this.size]);
  },
  permuteDims(axes?: readonly number[]) {
    return movement.permuteDims(this, axes);
  },
  broadcastTo(shape: Shape) {
    return movement.broadcastTo(this, shape);
  },
  slice(ranges: readonly movement.SliceRange[]) {
    return movement.slice(this, ranges);
  },
  split(parts: number | readonly number[], options?: Parameters<typeof movement.split>[2]) {
    return movement.split(this, parts, options);
  },
  flip(options?: Options<typeof movement.flip>) {
    return movement.flip(this, options);
  },
  expandDims(axis?: AxisList) {
    return compositions.expandDims(this, axis);
  },
  squeeze(axis?: number | readonly number[]) {
    return compositions.squeeze(this, axis);
  },
  moveAxis(from: AxisList, to: AxisList) {
    return compositions.moveAxis(this, from, to);
  },
  take(indices: Tensor, options?: { readonly axis?: number }) {
    return indexing.take(this, indices, options);
  },
  takeAlongAxis(indices: Tensor, options?: { readonly axis?: number }) {
    return indexing.takeAlongAxis(this, indices, options);
  },
  get mT() {
    return compositions.matrixTranspose(this as unknown as Tensor);
  },
  get T() {
    return movement.permuteDims(this as unknown as Tensor);
  },
  positive() {
    return compositions.positive(this);
  },
  nextafter(other: Tensor) {
    return nextafter(this, other);
  },
  log10() {
    return unary.log10(this);
  },
  floorDivide(other: TensorLike) {
    return binary.floorDivide(this, other);
  },
  hypot(other: TensorLike) {
    return binary.hypot(this, other);
  },
  copysign(other: TensorLike) {
    return binary.copysign(this, other);
  },
  logaddexp(other: TensorLike) {
    return binary.logaddexp(this, other);
  },
  bitwiseAnd(other: TensorLike) {
    return bits.bitwiseAnd(this, other);
  },
  bitwiseOr(other: TensorLike) {
    return bits.bitwiseOr(this, other);
  },
  bitwiseXor(other: TensorLike) {
    return bits.bitwiseXor(this, other);
  },
  bitwiseLeftShift(other: TensorLike) {
    return bits.bitwiseLeftShift(this, other);
  },
  bitwiseRightShift(other: TensorLike) {
    return bits.bitwiseRightShift(this, other);
  },
  bitwiseInvert() {
    return bits.bitwiseInvert(this);
  },
  isInf() {
    return compare.isInf(this);
  },
  signbit() {
    return compare.signbit(this);
  },
  countNonzero(options?: Options<typeof counting.countNonzero>) {
    return counting.countNonzero(this, options);
  },
  cumulativeProd(options?: Options<typeof counting.cumulativeProd>) {
    return counting.cumulativeProd(this, options);
  },
  nonzero() {
    return counting.nonzero(this);
  },
  uniqueAll() {
    return counting.uniqueAll(this);
  },
  uniqueCounts() {
    return counting.uniqueCounts(this);
  },
  uniqueInverse() {
    return counting.uniqueInverse(this);
  },
  uniqueValues() {
    return counting.uniqueValues(this);
  },
  argsort(options?: ordering.SortOptions) {
    return ordering.argsort(this, options);
  },
  sort(options?: ordering.SortOptions) {
    return ordering.sort(this, options);
  },
  topK(k: number, options?: Third<typeof ordering.topK>) {
    return ordering.topK(this, k, options);
  },
  searchsorted(values: Tensor, options?: Third<typeof ordering.searchsorted>) {
    return ordering.searchsorted(this, values, options);
  },
  outer(other: Tensor) {
    return products.outer(this, other);
  },
  vecdot(other: Tensor, options?: Third<typeof products.vecdot>) {
    return products.vecdot(this, other, options);
  },
  tensordot(other: Tensor, options?: Third<typeof products.tensordot>) {
    return products.tensordot(this, other, options);
  },
  cross(other: Tensor, options?: Third<typeof products.cross>) {
    return products.cross(this, other, options);
  },
  diagonal(options?: Options<typeof products.diagonal>) {
    return products.diagonal(this, options);
  },
  trace(options?: Options<typeof products.trace>) {
    return products.trace(this, options);
  },
  vectorNorm(options?: Options<typeof products.vectorNorm>) {
    return products.vectorNorm(this, options);
  },
  unstack(options?: Options<typeof rearrange.unstack>) {
    return rearrange.unstack(this, options);
  },
  swapAxes(first: number, second: number) {
    return rearrange.swapAxes(this, first, second);
  },
  repeat(times: Options<typeof rearrange.repeat>, options?: Third<typeof rearrange.repeat>) {
    return rearrange.repeat(this, times, options);
  },
  tril(options?: Options<typeof rearrange.tril>) {
    return rearrange.tril(this, options);
  },
  triu(options?: Options<typeof rearrange.triu>) {
    return rearrange.triu(this, options);
  },
  diff(options?: Options<typeof rearrange.diff>) {
    return rearrange.diff(this, options);
  },
};

for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
  Object.defineProperty(Tensor.prototype, name, { ...property, enumerable: false });
}
