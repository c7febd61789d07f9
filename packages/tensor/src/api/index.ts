/**
 * @file Public names of @isograd/tensor: what users import. Engines find more in
 * @isograd/tensor/engine.
 */

import "./devices.js";
import "./methods.js";

export { type DType, dtypes, promoteTypes, type TypedArray } from "../base/dtype.js";
export {
  DeviceError,
  DTypeError,
  FormatError,
  GradientError,
  IsogradError,
  ShapeError,
  UsageError,
} from "../base/errors.js";
export { formatTensor, type Nested } from "../base/print/format.js";
export type { PrintOptions } from "../base/print/numbers.js";
export { broadcastShapes, type Shape } from "../base/shape.js";
export type { TensorOptions } from "../core/creation.js";
export { defaultDevice, devices, setDefaultDevice } from "../core/registry.js";
export { dispose, keep, scope } from "../core/scope.js";
export { Tensor, type TensorLike } from "../core/tensor.js";
export { treeChildren } from "../core/tree.js";
export type { InitResult } from "../devices/cpu/options.js";
export { Rng, rng } from "../random/rng.js";
export { type InitOptions, init } from "./init.js";
export { type MemoryInfo, memory } from "./memory.js";

// Names of src/ops: written by `npm run generate`. Do not edit below.

export { type AttentionOptions, scaledDotProductAttention } from "../ops/attention.js";
export {
  arange,
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
export type { ReduceOptions, SumOptions } from "../ops/define/reduction.js";
export { std } from "../ops/deviation.js";
export { diff } from "../ops/difference.js";
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
export {
  bitwiseAnd,
  bitwiseInvert,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "../ops/elementwise/bits.js";
export { cast } from "../ops/elementwise/cast.js";
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
export { addAlongAxis, indexAdd, segmentSum } from "../ops/index/add.js";
export {
  countNonzero,
  nonzero,
  type Unique,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from "../ops/index/count.js";
export { argsort, type SortOptions, searchsorted, sort, topK } from "../ops/index/order.js";
export { cumulativeMax, cumulativeMin, cumulativeProd } from "../ops/index/running.js";
export { segmentMax, segmentMean, segmentMin } from "../ops/index/segment.js";
export { oneHot, take, takeAlongAxis } from "../ops/index/take.js";
export { indexPut, type PutMode, type PutOptions, putAlongAxis } from "../ops/index/write.js";
export { cholesky } from "../ops/linalg/cholesky.js";
export { det, slogdet } from "../ops/linalg/determinants.js";
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
export { matmul } from "../ops/matmul.js";
export { logSoftmax, logSumExp, softmax } from "../ops/normalize/softmax.js";
export { layerNorm, rmsNorm, standardize } from "../ops/normalize/standardize.js";
export { einsum } from "../ops/product/einsum.js";
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
export { expandDims, matrixTranspose, moveAxis, squeeze, swapAxes } from "../ops/shape/axes.js";
export { broadcastTo, flip, permuteDims, positive, reshape } from "../ops/shape/movement.js";
export { broadcastArrays, meshgrid, repeat, roll, tile } from "../ops/shape/rearrange.js";
export { pad, type SliceRange, slice } from "../ops/shape/slicing.js";
export { concat, split, stack, unstack } from "../ops/shape/stack.js";
export { tril, triu } from "../ops/shape/triangles.js";
export { nextafter } from "../ops/special/nextafter.js";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "../ops/window/conv.js";
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type PoolOptions,
} from "../ops/window/pool.js";
export {
  type InterpolateOptions,
  type InterpolationMode,
  interp,
  interpolate,
} from "../ops/window/resize.js";
export type { Padding, PerAxis } from "../ops/window/windows.js";
