/**
 * @file Public names of @isograd/tensor: what users import. Engines find more in
 * @isograd/tensor/engine.
 */
export {
  arange,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type TensorOptions,
  type TensorValues,
  tensor,
  zeros,
  zerosLike,
} from "./creation.js";
export type { InitOptions, InitResult } from "./devices/cpu/runtime.js";
export { init } from "./devices/init.js";
export { defaultDevice, devices, setDefaultDevice } from "./devices/registry.js";
export { type DType, dtypes, promoteTypes, type TypedArray } from "./dtype.js";
export {
  canCast,
  type DTypeKind,
  type FloatInfo,
  finfo,
  type IntegerInfo,
  iinfo,
  isDType,
  resultType,
} from "./dtypeInfo.js";
export {
  DeviceError,
  DTypeError,
  FormatError,
  GradientError,
  IsogradError,
  ShapeError,
  UsageError,
} from "./errors.js";
export { formatTensor, type Nested } from "./format.js";
export type { PrintOptions } from "./formatNumbers.js";
export { dispose, keep, scope } from "./memory.js";
export { type AttentionOptions, scaledDotProductAttention } from "./ops/attention.js";
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
} from "./ops/binary.js";
export {
  bitwiseAnd,
  bitwiseInvert,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from "./ops/bits.js";
export { cast } from "./ops/cast.js";
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
} from "./ops/compare.js";
export {
  expandDims,
  matrixTranspose,
  moveAxis,
  positive,
  roll,
  squeeze,
  stack,
  std,
  tile,
} from "./ops/compositions.js";
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
} from "./ops/conv.js";
export {
  countNonzero,
  cumulativeProd,
  nonzero,
  type Unique,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from "./ops/counting.js";
export { einsum } from "./ops/einsum.js";
export type {
  Complex,
  ComplexLike,
  FourierAxesOptions,
  FourierNorm,
  FourierOptions,
} from "./ops/fourier/pairs.js";
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
} from "./ops/fourierMore.js";
export {
  type FrequencyOptions,
  fftfreq,
  fftshift,
  ifftshift,
  rfftfreq,
  type ShiftOptions,
} from "./ops/frequencies.js";
export {
  addAlongAxis,
  indexAdd,
  oneHot,
  segmentSum,
  take,
  takeAlongAxis,
} from "./ops/indexing.js";
export {
  type InterpolateOptions,
  type InterpolationMode,
  interp,
  interpolate,
} from "./ops/interpolate.js";
export type { QrOptions } from "./ops/linalg/factors.js";
export type { TriangularOptions } from "./ops/linalg/systems.js";
export {
  cholesky,
  det,
  eigh,
  qr,
  slogdet,
  solve,
  solveTriangular,
  svd,
  svdvals,
} from "./ops/linalg.js";
export {
  eigvalsh,
  inv,
  lstsq,
  matrixNorm,
  matrixPower,
  matrixRank,
  pinv,
  type RankOptions,
} from "./ops/linalgMore.js";
export { matmul } from "./ops/matmul.js";
export {
  broadcastTo,
  concat,
  flip,
  pad,
  permuteDims,
  reshape,
  type SliceRange,
  slice,
  split,
} from "./ops/movement.js";
export { nextafter } from "./ops/neighbours.js";
export {
  layerNorm,
  logSoftmax,
  logSumExp,
  rmsNorm,
  softmax,
  standardize,
} from "./ops/normalize.js";
export { argsort, type SortOptions, searchsorted, sort, topK } from "./ops/ordering.js";
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type PoolOptions,
} from "./ops/pooling.js";
export {
  cross,
  diagonal,
  outer,
  type TensordotAxes,
  tensordot,
  trace,
  vecdot,
  vectorNorm,
} from "./ops/products.js";
export {
  broadcastArrays,
  diff,
  meshgrid,
  repeat,
  swapAxes,
  tril,
  triu,
  unstack,
} from "./ops/rearrange.js";
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
  type ReduceOptions,
  type SumOptions,
  sum,
  variance,
} from "./ops/reduce.js";
export {
  cumulativeMax,
  cumulativeMin,
  indexPut,
  type PutMode,
  type PutOptions,
  putAlongAxis,
  segmentMax,
  segmentMin,
} from "./ops/scatterMore.js";
export { segmentMean } from "./ops/segments.js";
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
} from "./ops/unary.js";
export type { Padding, PerAxis } from "./ops/windows.js";
export { Rng, rng } from "./random.js";
export { broadcastShapes, type Shape } from "./shape.js";
export { type MemoryInfo, memory } from "./stats.js";
export { Tensor, type TensorLike } from "./tensor.js";
export { treeChildren } from "./tree.js";
