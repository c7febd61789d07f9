/**
 * @file The methods of a tensor: `x.tanh()` is `tanh(x)`. Written by `npm run generate` from the
 * functions of src/ops, where the documentation is. Do not edit.
 */
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: names of the standard

import type { DType } from "../base/dtype.js";
import type { Shape } from "../base/shape.js";
import { Tensor, type TensorLike } from "../core/tensor.js";
import type { AxisOption } from "../ops/define/axis.js";
import type { ArgOptions, ReduceOptions, SumOptions } from "../ops/define/reduction.js";
import { std } from "../ops/deviation.js";
import { diff } from "../ops/difference.js";
import {
  add,
  atan2,
  copysign,
  div,
  floorDivide,
  hypot,
  logaddexp,
  maximum,
  minimum,
  mod,
  mul,
  pow,
  sub,
} from "../ops/elementwise/binary.js";
import {
  bitwiseAnd,
  bitwiseInvert,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "../ops/elementwise/bits.js";
import { cast } from "../ops/elementwise/cast.js";
import {
  type ClipBounds,
  clip,
  equal,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  signbit,
} from "../ops/elementwise/compare.js";
import {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  geluTanh,
  log,
  log1p,
  log2,
  log10,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  tan,
  tanh,
  trunc,
} from "../ops/elementwise/unary.js";
import { type AtIndex, at, type Indexed } from "../ops/index/at.js";
import {
  countNonzero,
  nonzero,
  type Unique,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from "../ops/index/count.js";
import {
  argsort,
  type Side,
  type SortOptions,
  searchsorted,
  sort,
  topK,
} from "../ops/index/order.js";
import type { IndexOptions } from "../ops/index/places.js";
import { cumulativeProd } from "../ops/index/running.js";
import { take, takeAlongAxis } from "../ops/index/take.js";
import { matmul } from "../ops/matmul.js";
import { logSoftmax, logSumExp, softmax } from "../ops/normalize/softmax.js";
import { vectorNorm } from "../ops/product/norms.js";
import {
  cross,
  diagonal,
  outer,
  type TensordotAxes,
  tensordot,
  trace,
  vecdot,
} from "../ops/product/products.js";
import {
  all,
  any,
  argmax,
  argmin,
  type CumulativeOptions,
  cumulativeSum,
  max,
  mean,
  min,
  prod,
  sum,
  variance,
} from "../ops/reduce.js";
import { expandDims, matrixTranspose, moveAxis, squeeze, swapAxes } from "../ops/shape/axes.js";
import { broadcastTo, flip, permuteDims, positive, reshape } from "../ops/shape/movement.js";
import { repeat } from "../ops/shape/rearrange.js";
import { type SliceRange, slice } from "../ops/shape/slicing.js";
import { split, unstack } from "../ops/shape/stack.js";
import { tril, triu } from "../ops/shape/triangles.js";

/** The functions whose first parameter is a tensor, as methods of that tensor. */
export interface Methods {
  /** Standard deviation: the square root of `variance`, with the same options. */
  std(options?: ReduceOptions & { readonly correction?: number | undefined }): Tensor;
  /**
   * The n-th difference (default: the first), `x[i + 1] − x[i]`, along an axis (default: the last),
   * of x with `prepend` before and `append` after it.
   */
  diff(options?: {
    readonly axis?: number | undefined;
    readonly n?: number | undefined;
    readonly prepend?: Tensor | undefined;
    readonly append?: Tensor | undefined;
  }): Tensor;
  /** `a + b`, elementwise with broadcasting. */
  add(b: TensorLike): Tensor;
  /** `a − b`. */
  sub(b: TensorLike): Tensor;
  /** `a · b`, elementwise; integers wrap. */
  mul(b: TensorLike): Tensor;
  /** `a / b`; integers become float32. */
  div(b: TensorLike): Tensor;
  /** `aᵇ`; NaN for a negative base with a fractional exponent. */
  pow(b: TensorLike): Tensor;
  /** Remainder with the sign of the divisor, as in NumPy: `a − ⌊a/b⌋ b`. */
  mod(b: TensorLike): Tensor;
  /** The larger of the two; NaN if either is NaN. */
  maximum(b: TensorLike): Tensor;
  /** The smaller of the two; NaN if either is NaN. */
  minimum(b: TensorLike): Tensor;
  /** `⌊a / b⌋`, of integers too, which are divided exactly; 0 when an integer is divided by 0. */
  floorDivide(b: TensorLike): Tensor;
  /** `√(a² + b²)` without overflow. */
  hypot(b: TensorLike): Tensor;
  /** `|a|` with the sign of `b`, that of a zero included. */
  copysign(b: TensorLike): Tensor;
  /** `log(eᵃ + eᵇ)` without overflow. */
  logaddexp(b: TensorLike): Tensor;
  /** Angle of the point (b, a) in radians, in (−π, π]. */
  atan2(b: TensorLike): Tensor;
  /** Bits that are set in both; of bools, logicalAnd. */
  bitwiseAnd(b: TensorLike): Tensor;
  /** Bits that are set in either; of bools, logicalOr. */
  bitwiseOr(b: TensorLike): Tensor;
  /** Bits that are set in exactly one; of bools, logicalXor. */
  bitwiseXor(b: TensorLike): Tensor;
  /** `a · 2ᵇ` modulo 2³²: bits moved up, zeros after them; 0 when b is outside of [0, 31]. */
  bitwiseLeftShift(b: TensorLike): Tensor;
  /**
   * `⌊a / 2ᵇ⌋`: bits moved down, copies of the sign before them; the sign alone when b is outside
   * of [0, 31].
   */
  bitwiseRightShift(b: TensorLike): Tensor;
  /** Every bit turned: `−x − 1`; of bools, logicalNot. */
  bitwiseInvert(): Tensor;
  /** The same values in another dtype. */
  cast(dtype: DType): Tensor;
  /** Where `a = b`. */
  equal(b: TensorLike): Tensor;
  /** Where `a ≠ b`. */
  notEqual(b: TensorLike): Tensor;
  /** Where `a < b`. */
  less(b: TensorLike): Tensor;
  /** Where `a ≤ b`. */
  lessEqual(b: TensorLike): Tensor;
  /** Where `a > b`. */
  greater(b: TensorLike): Tensor;
  /** Where `a ≥ b`. */
  greaterEqual(b: TensorLike): Tensor;
  /** Where both are non-zero. */
  logicalAnd(b: TensorLike): Tensor;
  /** Where either is non-zero. */
  logicalOr(b: TensorLike): Tensor;
  /** Where exactly one is non-zero. */
  logicalXor(b: TensorLike): Tensor;
  /** Where x is 0. */
  logicalNot(): Tensor;
  /** Where x is NaN. */
  isNaN(): Tensor;
  /** Where x is neither NaN nor infinite. */
  isFinite(): Tensor;
  /** Where x is infinite. */
  isInf(): Tensor;
  /** Where x is negative, −0 included. */
  signbit(): Tensor;
  /** `x` limited to [min, max]; either bound may be left out. */
  clip(bounds: ClipBounds): Tensor;
  /** `−x`, elementwise. */
  neg(): Tensor;
  /** `|x|`, elementwise. */
  abs(): Tensor;
  /** −1, 0 or 1; keeps the sign of zero and NaN. */
  sign(): Tensor;
  /** `x²`, elementwise; integers wrap. */
  square(): Tensor;
  /** `1/x`, elementwise. */
  reciprocal(): Tensor;
  /** `√x`, elementwise; NaN below 0. */
  sqrt(): Tensor;
  /** `1/√x`, elementwise. */
  rsqrt(): Tensor;
  /** `eˣ`, elementwise. */
  exp(): Tensor;
  /** `eˣ − 1` without cancellation near 0. */
  expm1(): Tensor;
  /** Natural logarithm, elementwise; −∞ at 0, NaN below. */
  log(): Tensor;
  /** `log(1 + x)` without cancellation near 0. */
  log1p(): Tensor;
  /** Logarithm to base 2. */
  log2(): Tensor;
  /** Logarithm to base 10. */
  log10(): Tensor;
  /** Sine of x in radians. */
  sin(): Tensor;
  /** Cosine of x in radians. */
  cos(): Tensor;
  /** Tangent of x in radians. */
  tan(): Tensor;
  /** Inverse sine, in radians; NaN outside [−1, 1]. */
  asin(): Tensor;
  /** Inverse cosine, in radians; NaN outside [−1, 1]. */
  acos(): Tensor;
  /** Inverse tangent, in radians. */
  atan(): Tensor;
  /** Hyperbolic sine. */
  sinh(): Tensor;
  /** Hyperbolic cosine. */
  cosh(): Tensor;
  /** Hyperbolic tangent, elementwise. */
  tanh(): Tensor;
  /** Inverse hyperbolic sine. */
  asinh(): Tensor;
  /** Inverse hyperbolic cosine; NaN below 1. */
  acosh(): Tensor;
  /** Inverse hyperbolic tangent. */
  atanh(): Tensor;
  /** Error function, `2/√π ∫₀ˣ e^(−t²) dt`. */
  erf(): Tensor;
  /** Logistic function, `1/(1 + e^(−x))`. */
  sigmoid(): Tensor;
  /** `max(x, 0)`; the derivative at 0 is 0. */
  relu(): Tensor;
  /** Gaussian error linear unit, `x Φ(x)`, exact. */
  gelu(): Tensor;
  /** GELU by its tanh approximation, `x/2 (1 + tanh(√(2/π)(x + 0.044715 x³)))`. */
  geluTanh(): Tensor;
  /** `x · sigmoid(x)`, also called swish. */
  silu(): Tensor;
  /** `log(1 + eˣ)` without overflow. */
  softplus(): Tensor;
  /** Largest whole number not above x. */
  floor(): Tensor;
  /** Smallest whole number not below x. */
  ceil(): Tensor;
  /** Nearest whole number, halves to even. */
  round(): Tensor;
  /** Towards zero. */
  trunc(): Tensor;
  /**
   * The elements of `x` at an index, to read or to write at: `x[1:3, 0]` is `x.at([1, 3],
   * 0).get()`.
   */
  at(...index: readonly AtIndex[]): Indexed;
  /** How many elements over `axis` differ from 0 (NaN does), as int32. */
  countNonzero(options?: ReduceOptions): Tensor;
  /** The places of elements that differ from 0, row-major: one int32 vector for each axis. */
  nonzero(): Tensor[];
  /** The distinct elements with their first places, the way back, and how often each occurs. */
  uniqueAll(): Unique;
  /** The distinct elements in ascending order, and how often each occurs. */
  uniqueCounts(): Pick<Unique, "values" | "counts">;
  /** The distinct elements in ascending order, and which of them each element is. */
  uniqueInverse(): Pick<Unique, "values" | "inverseIndices">;
  /** The distinct elements in ascending order; every NaN is one of its own. */
  uniqueValues(): Tensor;
  /** The places that sort `x` along an axis, as int32: `takeAlongAxis(x, argsort(x))` is sorted. */
  argsort(options?: SortOptions): Tensor;
  /** The elements in order along an axis. */
  sort(options?: SortOptions): Tensor;
  /**
   * The k largest (or smallest) elements along an axis, in order, and their places: `[values,
   * indices]`.
   */
  topK(
    k: number,
    options?: { readonly axis?: number | undefined; readonly largest?: boolean | undefined },
  ): [values: Tensor, indices: Tensor];
  /**
   * Where each value would go in a sorted vector to keep it sorted, as int32: before equal elements
   * ("left") or after them.
   */
  searchsorted(
    values: TensorLike,
    options?: { readonly side?: Side | undefined; readonly sorter?: Tensor | undefined },
  ): Tensor;
  /**
   * Running product along an axis (which may be left out for 1-d tensors); with `includeInitial` it
   * begins with 1.
   */
  cumulativeProd(options?: CumulativeOptions): Tensor;
  /**
   * Picks places along an axis: the axis is replaced by the axes of `indices` (int32, any shape).
   */
  take(indices: Tensor, options?: IndexOptions): Tensor;
  /**
   * One element of `x` for each element of `indices`, taken along `axis` (default: the last); the
   * other axes broadcast.
   */
  takeAlongAxis(indices: Tensor, options?: IndexOptions): Tensor;
  /** Matrix product: `[…, m, k] @ […, k, n] → […, m, n]`, leading axes broadcast. */
  matmul(b: Tensor): Tensor;
  /** `e^(xᵢ) / Σⱼ e^(xⱼ)` along `axis` (default: the last), safe for large x. */
  softmax(options?: AxisOption): Tensor;
  /** `xᵢ − log Σⱼ e^(xⱼ)` along `axis` (default: the last). */
  logSoftmax(options?: AxisOption): Tensor;
  /** `log Σ eˣ` over `axis` (default: all axes), safe for large x; −∞ of no elements. */
  logSumExp(options?: {
    readonly axis?: number | readonly number[] | undefined;
    readonly keepdims?: boolean | undefined;
  }): Tensor;
  /**
   * Norm of vectors, `(Σ|xᵢ|^ord)^(1/ord)`: default 2; ±Infinity for the largest or smallest |xᵢ|,
   * 0 for how many differ from 0.
   */
  vectorNorm(options?: ReduceOptions & { readonly ord?: number | undefined }): Tensor;
  /** `out[i, j] = a[i] · b[j]` of two vectors. */
  outer(b: Tensor): Tensor;
  /** Product of vectors along an axis, `Σᵢ aᵢ bᵢ`; the other axes broadcast. */
  vecdot(b: Tensor, options?: { readonly axis?: number | undefined }): Tensor;
  /**
   * Sums products over pairs of axes: the last `axes` of `a` with the first of `b` (default: 2), or
   * those listed.
   */
  tensordot(b: Tensor, options?: { readonly axes?: TensordotAxes | undefined }): Tensor;
  /** Product of vectors in space, `a × b`, along an axis of length 3; the other axes broadcast. */
  cross(b: Tensor, options?: { readonly axis?: number | undefined }): Tensor;
  /** The diagonal of a matrix (or of each in a batch), `offset` to the right of the main one. */
  diagonal(options?: { readonly offset?: number | undefined }): Tensor;
  /**
   * Sum of the diagonal of a matrix (or of each in a batch), in `dtype` (default: that of `sum`).
   */
  trace(options?: {
    readonly offset?: number | undefined;
    readonly dtype?: DType | undefined;
  }): Tensor;
  /**
   * Sum over `axis` (default: all axes), in `dtype` (default: that of x); bools are counted as
   * int32, and integers wrap.
   */
  sum(options?: SumOptions): Tensor;
  /** Mean over `axis` (default: all axes); NaN of no elements; integers become float32. */
  mean(options?: ReduceOptions): Tensor;
  /** Largest element over `axis` (default: all axes); NaN if any is NaN. */
  max(options?: ReduceOptions): Tensor;
  /** Smallest element over `axis` (default: all axes); NaN if any is NaN. */
  min(options?: ReduceOptions): Tensor;
  /** Product over `axis`, in `dtype` (default: that of x); 1 of no elements. */
  prod(options?: SumOptions): Tensor;
  /** Whether every element over `axis` is non-zero. */
  all(options?: ReduceOptions): Tensor;
  /** Whether any element over `axis` is non-zero. */
  any(options?: ReduceOptions): Tensor;
  /** Variance over `axis`: `Σ(x − x̄)² / (n − correction)`. */
  variance(options?: ReduceOptions & { readonly correction?: number | undefined }): Tensor;
  /**
   * Index of the first largest element along `axis` (default: of the flattened tensor), or of the
   * first NaN.
   */
  argmax(options?: ArgOptions): Tensor;
  /** Index of the first smallest element along `axis`, or of the first NaN. */
  argmin(options?: ArgOptions): Tensor;
  /**
   * Running sum along `axis` (which may be left out for 1-d tensors); with `includeInitial` it
   * begins with 0.
   */
  cumulativeSum(options?: CumulativeOptions): Tensor;
  /**
   * Inserts an axis of length 1 at `axis` (default: 0), or several; places are those of the result.
   */
  expandDims(axis?: number | readonly number[]): Tensor;
  /** Removes axes of length 1: those given (default: all of them). */
  squeeze(axis?: number | readonly number[]): Tensor;
  /** Moves one axis (or several) to other places, keeping the order of the others. */
  moveAxis(from: number | readonly number[], to: number | readonly number[]): Tensor;
  /** Swaps two axes. */
  swapAxes(first: number, second: number): Tensor;
  /** The same elements in another shape; one length may be −1. */
  reshape(shape: Shape): Tensor;
  /** Reorders the axes (default: reverses them). */
  permuteDims(axes?: readonly number[]): Tensor;
  /** Repeats `x` along axes of length 1 and new leading axes. */
  broadcastTo(shape: Shape): Tensor;
  /** Reverses the order along `axis` (default: all axes). */
  flip(options?: { readonly axis?: number | readonly number[] | undefined }): Tensor;
  /** `+x`: the same values behind a new handle. */
  positive(): Tensor;
  /**
   * Repeats each element along an axis (default: of the flattened tensor): all of them this many
   * times, or each its own number of times.
   */
  repeat(
    times: number | readonly number[] | Tensor,
    options?: { readonly axis?: number | null | undefined },
  ): Tensor;
  /**
   * Part of a tensor, as in `x[1:5, ::-1, 0]`: a range for each leading axis; negative numbers
   * count from the end; null takes everything; a number takes one place and drops the axis.
   */
  slice(ranges: readonly SliceRange[]): Tensor;
  /**
   * Cuts a tensor into parts along an axis (default: 0): a number of equal parts, or parts of these
   * lengths.
   */
  split(parts: number | readonly number[], options?: AxisOption): Tensor[];
  /** Cuts a tensor into its slices along an axis (default: 0), which is dropped: undoes `stack`. */
  unstack(options?: AxisOption): Tensor[];
  /** The lower triangle of a matrix (or of each in a batch): 0 above diagonal `k`. */
  tril(options?: { readonly k?: number | undefined }): Tensor;
  /** The upper triangle of a matrix (or of each in a batch): 0 below diagonal `k`. */
  triu(options?: { readonly k?: number | undefined }): Tensor;

  /** All elements along one axis. */
  flatten(): Tensor;
  /** The transpose of a matrix, or of each matrix in a batch. Free for matmul. */
  readonly mT: Tensor;
  /** All axes reversed; the transpose of a matrix. */
  readonly T: Tensor;
}

declare module "../core/tensor.js" {
  interface Tensor extends Methods {}
}

/** A function whose first parameter is a tensor, as a method calls it. */
type Callable = { call(x: Tensor, ...rest: readonly unknown[]): unknown }["call"];

const functions: { readonly [K in keyof Methods]?: Callable } = {
  std,
  diff,
  add,
  sub,
  mul,
  div,
  pow,
  mod,
  maximum,
  minimum,
  floorDivide,
  hypot,
  copysign,
  logaddexp,
  atan2,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  bitwiseLeftShift,
  bitwiseRightShift,
  bitwiseInvert,
  cast,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNot,
  isNaN,
  isFinite,
  isInf,
  signbit,
  clip,
  neg,
  abs,
  sign,
  square,
  reciprocal,
  sqrt,
  rsqrt,
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  sigmoid,
  relu,
  gelu,
  geluTanh,
  silu,
  softplus,
  floor,
  ceil,
  round,
  trunc,
  countNonzero,
  nonzero,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
  argsort,
  sort,
  topK,
  searchsorted,
  cumulativeProd,
  take,
  takeAlongAxis,
  matmul,
  softmax,
  logSoftmax,
  logSumExp,
  vectorNorm,
  outer,
  vecdot,
  tensordot,
  cross,
  diagonal,
  trace,
  sum,
  mean,
  max,
  min,
  prod,
  all,
  any,
  variance,
  argmax,
  argmin,
  cumulativeSum,
  expandDims,
  squeeze,
  moveAxis,
  swapAxes,
  reshape,
  permuteDims,
  broadcastTo,
  flip,
  positive,
  repeat,
  slice,
  split,
  unstack,
  tril,
  triu,
};

const written: Partial<Methods & Pick<Tensor, typeof Symbol.iterator>> & ThisType<Tensor> = {
  at(...index) {
    return at(this, ...index);
  },

  flatten() {
    return reshape(this, [this.size]);
  },
  get mT() {
    return matrixTranspose(this);
  },
  get T() {
    return permuteDims(this);
  },
  [Symbol.iterator]() {
    return unstack(this).values();
  },
};

for (const [name, f] of Object.entries(functions)) {
  const value = function (this: Tensor, a: unknown, b: unknown, c: unknown, d: unknown): unknown {
    return f(this, a, b, c, d);
  };
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
for (const name of Reflect.ownKeys(written)) {
  const property = Object.getOwnPropertyDescriptor(written, name);
  Object.defineProperty(Tensor.prototype, name, { ...property, enumerable: false });
}
