/**
 * @file The names of the Python array API standard 2025.12: our name for each, or why there is
 * none.
 */

/** Names for which ours is not simply the same in camelCase. */
const renamed: Readonly<Record<string, string>> = {
  asarray: "tensor",
  astype: "cast",
  isdtype: "isDType",
  isfinite: "isFinite",
  isinf: "isInf",
  isnan: "isNaN",
  moveaxis: "moveAxis",
  multiply: "mul",
  divide: "div",
  subtract: "sub",
  negative: "neg",
  remainder: "mod",
  var: "variance",
  "linalg.matrix_norm": "matrixNorm",
  "linalg.vector_norm": "vectorNorm",
};

/** Notes beside the name. */
export const remarks: Readonly<Record<string, string>> = {
  var: "`var` is a reserved word",
  floor_divide:
    "with ±∞ as Python and NumPy: ∞ by a number is NaN, a number by an ∞ of the other sign −1",
  nextafter: "reads its operands",
  nonzero: "reads its operand",
  unique_all: "reads its operand; so do its relatives",
  repeat: "reads its counts when they are a tensor",
  round: "halves to even",
  sign: "keeps the sign of zero",
  searchsorted: "takes its sorter among the options",
  minimum: "0 is larger than −0",
  broadcast_shapes: "two shapes, after the name that errors shall tell",
  signbit: "JavaScript does not keep the sign of NaN",
  vecdot: "real, so nothing is conjugated",
  ...Object.fromEntries(
    "fft ifft fftn ifftn rfft rfftn ihfft"
      .split(" ")
      .map((name) => [`fft.${name}`, "the result is a pair `{ re, im }` of real tensors"]),
  ),
  ...Object.fromEntries(
    "irfft irfftn hfft"
      .split(" ")
      .map((name) => [`fft.${name}`, "takes a pair `{ re, im }` of real tensors"]),
  ),
  maximum: "0 is larger than −0",
};

const noComplex = "there are no complex numbers";

/** Names for which we have no function, and why. */
export const missing: Readonly<Record<string, string>> = {
  empty: "memory always arrives as zeros: `zeros`",
  empty_like: "memory always arrives as zeros: `zerosLike`",
  from_dlpack: "DLPack has no form in JavaScript; `tensor` takes typed arrays",
  __array_namespace_info__: "`devices()`, `dtypes`, `defaultDevice()` tell the same",
  conj: noComplex,
  imag: noComplex,
  real: noComplex,
  "linalg.eig":
    "eigenvalues are complex, and there are no complex numbers; `eigh` for symmetric matrices",
  "linalg.eigvals":
    "eigenvalues are complex, and there are no complex numbers; `eigvalsh` for symmetric matrices",
};

/** Every name of the standard, by chapter. */
export const standard: Readonly<Record<string, string>> = {
  "Creation functions": `arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones
    ones_like tril triu zeros zeros_like`,
  "Data type functions": "astype can_cast finfo iinfo isdtype result_type",
  "Elementwise functions": `abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift
    bitwise_invert bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1
    floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10
    logaddexp logical_and logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal
    positive pow real reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc`,
  "Indexing functions": "take take_along_axis",
  Inspection: "__array_namespace_info__",
  "Linear algebra functions": `matmul matrix_transpose tensordot vecdot linalg.cholesky linalg.cross linalg.det
    linalg.diagonal linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.inv linalg.matrix_norm linalg.matrix_power linalg.matrix_rank
    linalg.outer linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd linalg.svdvals linalg.trace
    linalg.vector_norm`,
  "Manipulation functions": `broadcast_arrays broadcast_shapes broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape
    roll squeeze stack tile unstack`,
  "Searching functions": "argmax argmin count_nonzero nonzero searchsorted where",
  "Set functions": "isin unique_all unique_counts unique_inverse unique_values",
  "Sorting functions": "argsort sort",
  "Statistical functions": "cumulative_prod cumulative_sum max mean min prod std sum var",
  "Utility functions": "all any diff",
  "Fourier transforms": `fft.fft fft.ifft fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfftn fft.irfftn fft.hfft fft.ihfft
    fft.fftfreq fft.rfftfreq fft.fftshift fft.ifftshift`,
};

/** Our name for a name of the standard. */
export function ourName(name: string): string {
  const own = renamed[name];
  const last = name.split(".").at(-1) as string;
  return own ?? last.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
