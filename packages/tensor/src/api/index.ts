/**
 * @file Tensors, and the functions that compute with them, on the CPU (WebAssembly) and on GPUs.
 * Names and results are those of the array API standard where it has them. Each function of a
 * tensor is a method too: `tanh(x)` is `x.tanh()`. Derivatives are in `@isograd/autograd`, models in
 * `@isograd/nn`.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * matmul(x, x.mT).sum({ axis: 0 }).toArray(); // [16, 36]
 * x.sub(x.mean({ axis: 1, keepdims: true })).toArray(); // [[-0.5, 0.5], [-0.5, 0.5]]
 *
 * @see [Tensors](/guide/tensors)
 * @see [Ops, one by one](/guide/ops)
 * @see [Memory](/guide/memory)
 * @see [On a GPU](/guide/gpu)
 */

import "./devices.js";
import "./methods.js";

// Tensors: the class itself, how it prints, and the trees that functions take.

export { formatTensor, type Nested } from "../base/print/format.js";
export type { PrintOptions } from "../base/print/numbers.js";
export { broadcastShapes, type Shape } from "../base/shape.js";
export type { TensorOptions } from "../core/creation.js";
export { Tensor, type TensorLike } from "../core/tensor.js";
export { treeChildren } from "../core/tree.js";

// Dtypes: which there are, and what mixing them gives.

export { type DType, dtypes, promoteTypes, type TypedArray } from "../base/dtype.js";

// Devices and memory: where tensors live, how long, and how much they take.

export { defaultDevice, devices, setDefaultDevice } from "../core/registry.js";
export { dispose, keep, scope } from "../core/scope.js";
export type { InitResult } from "../devices/cpu/options.js";
export { type InitOptions, init } from "./init.js";
export { type MemoryInfo, memory } from "./memory.js";

// Random numbers: generators that are passed on, with the same numbers everywhere.

export { Rng, rng } from "../random/rng.js";

// Errors: what is thrown, each with a line that helps.

export {
  DeviceError,
  DTypeError,
  FormatError,
  GradientError,
  IsogradError,
  ShapeError,
  UsageError,
} from "../base/errors.js";

// Names of src/ops: written by `npm run generate`. Do not edit below.

// Creation: new tensors from numbers, ranges and shapes.

export { geomspace, logspace, type SpacedOptions } from "../ops/creation/spaced.js";
export { blackman, hamming, hann, type TaperOptions } from "../ops/creation/tapers.js";
export {
  arange,
  type EyeOptions,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type TensorValues,
  tensor,
  zeros,
  zerosLike,
} from "../ops/creation.js";

// Arithmetic: two tensors, element by element, broadcast.

export {
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
export { divmod, fmod } from "../ops/elementwise/quotients.js";
export { nextafter } from "../ops/special/nextafter.js";

// Elementwise functions: each element by itself.

export { cast } from "../ops/elementwise/cast.js";
export { type NanToNumOptions, nanToNum } from "../ops/elementwise/finite.js";
export { cbrt, exp2 } from "../ops/elementwise/powers.js";
export {
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

// Special functions: gamma, inverse error and other functions.

export { erfinv } from "../ops/special/erfinv.js";
export { digamma, lgamma, polygamma } from "../ops/special/gammas.js";
export { sinc } from "../ops/special/sinc.js";
export { xlogy } from "../ops/special/xlogy.js";

// Comparison and logic: results are bool; `where` chooses.

export {
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
  where,
} from "../ops/elementwise/compare.js";
export { allClose, arrayEqual, type CloseOptions, isClose } from "../ops/elementwise/compareAll.js";

// Bits: integers, bit by bit.

export {
  bitwiseAnd,
  bitwiseInvert,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "../ops/elementwise/bits.js";

// Reductions: along axes, or over everything.

export type { ReduceOptions, SumOptions } from "../ops/define/reduction.js";
export { std } from "../ops/deviation.js";
export {
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
export {
  nanMax,
  nanMean,
  nanMin,
  nanStd,
  nanSum,
  nanVariance,
} from "../ops/statistics/skipping.js";

// Statistics: quantiles, counts, covariances, areas.

export {
  argwhere,
  bincount,
  digitize,
  type Histogram,
  type HistogramOptions,
  histogram,
  ravelMultiIndex,
  unravelIndex,
} from "../ops/statistics/counts.js";
export {
  type CorrelationOptions,
  type CovarianceOptions,
  corrcoef,
  cov,
  trapezoid,
} from "../ops/statistics/covariance.js";
export {
  median,
  nanMedian,
  nanQuantile,
  percentile,
  type QuantileMethod,
  type QuantileOptions,
  quantile,
} from "../ops/statistics/quantile.js";

// Running values and differences: along one axis.

export { diff } from "../ops/difference.js";
export {
  cumulativeLogSumExp,
  cumulativeMax,
  cumulativeMin,
  cumulativeProd,
} from "../ops/index/running.js";

// Shapes and axes: the same elements in other places.

export { expandDims, matrixTranspose, moveAxis, squeeze, swapAxes } from "../ops/shape/axes.js";
export { columnStack, dstack, hstack, vstack } from "../ops/shape/columns.js";
export { diag } from "../ops/shape/diag.js";
export { broadcastTo, flip, permuteDims, positive, reshape } from "../ops/shape/movement.js";
export { broadcastArrays, meshgrid, repeat, roll, tile } from "../ops/shape/rearrange.js";
export { type Rot90Options, rot90 } from "../ops/shape/rot90.js";
export { pad, type SliceRange, slice } from "../ops/shape/slicing.js";
export { concat, split, stack, unstack } from "../ops/shape/stack.js";
export { tril, triu } from "../ops/shape/triangles.js";

// Indexing: elements at places given by tensors.

export { addAlongAxis, indexAdd, segmentSum } from "../ops/index/add.js";
export { type AtIndex, at, type Indexed } from "../ops/index/at.js";
export { segmentMax, segmentMean, segmentMin } from "../ops/index/segment.js";
export { oneHot, take, takeAlongAxis } from "../ops/index/take.js";
export { indexPut, type PutMode, type PutOptions, putAlongAxis } from "../ops/index/write.js";

// Order and counts: sorting, searching, sets.

export {
  countNonzero,
  nonzero,
  type Unique,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from "../ops/index/count.js";
export { isin } from "../ops/index/isin.js";
export { argsort, type SortOptions, searchsorted, sort, topK } from "../ops/index/order.js";

// Products: of vectors and matrices, and sums over indices.

export { matmul } from "../ops/matmul.js";
export { cdist } from "../ops/product/distances.js";
export { dot, inner, kron } from "../ops/product/dots.js";
export { einsum } from "../ops/product/einsum.js";
export { multiDot } from "../ops/product/multiDot.js";
export { vectorNorm } from "../ops/product/norms.js";
export {
  cross,
  diagonal,
  outer,
  type TensordotAxes,
  tensordot,
  trace,
  vecdot,
} from "../ops/product/products.js";

// Linear algebra: of a matrix, or of each in a batch.

export { cholesky } from "../ops/linalg/cholesky.js";
export { cond } from "../ops/linalg/condition.js";
export { det, slogdet } from "../ops/linalg/determinants.js";
export { expm } from "../ops/linalg/expm.js";
export { eigh, type QrOptions, qr, svd, svdvals } from "../ops/linalg/factors.js";
export {
  eigvalsh,
  inv,
  lstsq,
  matrixNorm,
  matrixPower,
  matrixRank,
  pinv,
  type RankOptions,
} from "../ops/linalg/matrixFunctions.js";
export { solve, solveTriangular, type TriangularOptions } from "../ops/linalg/systems.js";

// Fourier transforms: pairs of real and imaginary parts.

export {
  type FrequencyOptions,
  fftfreq,
  fftshift,
  ifftshift,
  rfftfreq,
  type ShiftOptions,
} from "../ops/fft/frequencies.js";
export type {
  Complex,
  ComplexLike,
  FourierAxesOptions,
  FourierNorm,
  FourierOptions,
} from "../ops/fft/pairs.js";
export {
  fft,
  fft2,
  fftn,
  hfft,
  ifft,
  ifft2,
  ifftn,
  ihfft,
  irfft,
  irfft2,
  irfftn,
  rfft,
  rfft2,
  rfftn,
} from "../ops/fft/transforms.js";

// Networks: softmax, norms, attention.

export { layerNorm, rmsNorm, standardize } from "../nets/standardize.js";
export { type AttentionOptions, scaledDotProductAttention } from "../ops/attention.js";
export { logSoftmax, logSumExp, softmax } from "../ops/normalize/softmax.js";

// Convolution and pooling: windows over signals and images.

export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "../nets/window/conv.js";
export {
  type ConvolveMode,
  type ConvolveOptions,
  convolve,
  correlate,
} from "../nets/window/convolve.js";
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type PoolOptions,
} from "../nets/window/pool.js";
export type { Padding, PerAxis } from "../nets/window/windows.js";
export {
  type InterpolateOptions,
  type InterpolationMode,
  interp,
  interpolate,
} from "../ops/window/resize.js";

// Dtypes of results: what dtypes can hold and become.

export {
  canCast,
  type DTypeKind,
  type FloatInfo,
  finfo,
  type IntegerInfo,
  iinfo,
  isDType,
  resultType,
} from "../ops/dtypeInfo.js";
