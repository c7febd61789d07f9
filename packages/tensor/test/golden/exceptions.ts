/** @file Where we differ from NumPy and SciPy at special values: ours, and why. */

/** One difference. */
export interface Exception {
  readonly fn: string;
  /** The inputs of an element; for functions over rows, values that are all in the row. */
  readonly at: readonly number[];
  /** What is given beside the tensors, where it is not anything. */
  readonly args?: unknown;
  readonly ours: number;
  /** How far from `ours` it may be; not at all, sign of zero included, unless said. */
  readonly atol?: number;
  /** Device and dtype, where it is not all of them. */
  readonly only?: readonly string[];
  readonly why: string;
}

const cpu32 = ["cpu float32"];
const all64 = ["cpu float64", "reference float64"];
const larger = "0 is larger than −0, as in IEEE 754-2019; NumPy takes one of two equal ones";
const noSubnormal = "e^−|x| is 0 below 2⁻¹²⁶ in the kernels of the sigmoid's family, for speed";

export const EXCEPTIONS: readonly Exception[] = [
  { fn: "sign", at: [-0], ours: -0, why: "keeps the sign of zero, as Math.sign; NumPy drops it" },
  { fn: "maximum", at: [0, -0], ours: 0, why: larger },
  { fn: "minimum", at: [-0, 0], ours: -0, why: larger },
  { fn: "clip", at: [-0], args: { max: 0 }, ours: -0, why: larger },
  { fn: "max", at: [0, -0], ours: 0, why: larger },
  { fn: "min", at: [0, -0], ours: -0, why: larger },
  {
    fn: "logSoftmax",
    at: [Infinity],
    ours: NaN,
    why: "∞ − ∞ for the whole row, as softmax and PyTorch; SciPy gives the finite ones −∞",
  },
  {
    fn: "lgamma",
    at: [-Infinity],
    ours: Infinity,
    why: "the limit beside the poles, as in C and PyTorch; SciPy gives −∞",
  },
  ...[5e-324, -5e-324].map((x) => ({
    fn: "lgamma",
    at: [x],
    ours: 744.4400719213812,
    only: all64,
    why: "−log |x|; SciPy's overflows to ∞",
  })),
  { fn: "erfinv", at: [-0], ours: -0, why: "the function is odd; SciPy drops the sign" },
  {
    fn: "sigmoid",
    at: [-745],
    ours: 2 ** -1074,
    only: all64,
    why: "e^−745 to the last bit; SciPy's overflows to 0",
  },
  {
    fn: "silu",
    at: [-745],
    ours: -745 * 2 ** -1074,
    only: all64,
    why: "e^−745 to the last bit; SciPy's overflows to 0",
  },
  { fn: "sigmoid", at: [-100], ours: 0, only: cpu32, why: noSubnormal },
  { fn: "silu", at: [-100], ours: -0, only: cpu32, why: noSubnormal },
  { fn: "softplus", at: [-100], ours: 0, only: cpu32, why: noSubnormal },
  {
    fn: "gelu",
    at: [-10],
    ours: -7.62e-23,
    atol: 1e-25,
    only: cpu32,
    why: "the tail of Φ in float32 has three digits there",
  },
  {
    fn: "geluTanh",
    at: [-10],
    ours: -1.20409e-37,
    atol: 1e-41,
    only: cpu32,
    why: "e^(−82) in float32 is good to five digits",
  },
];
