/**
 * @file The WebAssembly kernels as TypeScript sees them: names and signatures. Pointers and strides
 * are in bytes.
 */

/** (n, x, out) */
export type MapKernel = (n: number, x: number, out: number) => void;
/** (n, a, b, out): two contiguous operands of one shape. */
export type ZipKernel = (n: number, a: number, b: number, out: number) => void;
/** (n, a, stride of a, b, stride of b, out) */
export type RowKernel = (
  n: number,
  a: number,
  sa: number,
  b: number,
  sb: number,
  out: number,
) => void;
/** (outer, n, inner, x, out) */
export type FoldKernel = (outer: number, n: number, inner: number, x: number, out: number) => void;
/** (rows, n, x, out) */
export type RowsKernel = (rows: number, n: number, x: number, out: number) => void;
type RowsZip = (rows: number, n: number, a: number, b: number, out: number) => void;
type SumKernel = (
  outer: number,
  n: number,
  inner: number,
  x: number,
  out: number,
  divisor: number,
) => void;
type CopyKernel = (rank: number, axes: number, from: number, to: number) => void;
/**
 * (planes, kernel height, kernel width, rows, columns, plane, place steps, window steps, x, out)
 */
type WindowKernel = (
  planes: number,
  kh: number,
  kw: number,
  rows: number,
  columns: number,
  plane: number,
  ki: number,
  kj: number,
  sr: number,
  sc: number,
  x: number,
  out: number,
) => void;
type FillKernel = (n: number, value: number, out: number) => void;
type AlongKernel = (
  outer: number,
  n: number,
  inner: number,
  count: number,
  indices: number,
  x: number,
  out: number,
) => void;
/** (count, groups, table, base or 0, out) */
type SpreadKernel = (
  count: number,
  groups: number,
  table: number,
  base: number,
  out: number,
) => void;
/** (count, groups, x, sums) */
type CollectKernel = (count: number, groups: number, x: number, sums: number) => void;

export type CoreMap =
  | "neg"
  | "abs"
  | "sign"
  | "square"
  | "reciprocal"
  | "sqrt"
  | "rsqrt"
  | "relu"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "castF32I32"
  | "castI32F32"
  | "castBoolF32"
  | "castF32Bool";
export type CoreZip = "reluGrad";
export type CoreFold =
  | "foldMax"
  | "foldMin"
  | "foldProd"
  | "argmax"
  | "argmin"
  | "cumulativeSum"
  | "sumI32"
  | "sumF64"
  | "sumBool";

type Named<N extends string, F> = { readonly [K in N]: F };

/** Kernels that are the same in both builds. */
export interface Core
  extends Named<CoreMap, MapKernel>,
    Named<CoreZip, ZipKernel>,
    Named<CoreFold, FoldKernel> {
  setScratch(at: number): void;
  clear(ptr: number, bytes: number): void;
  move(to: number, from: number, bytes: number): void;
  clip(n: number, x: number, low: number, high: number, out: number): void;
  broadcast(
    which: number,
    rank: number,
    axes: number,
    a: number,
    b: number,
    out: number,
    size: number,
  ): void;
  where(rank: number, axes: number, condition: number, a: number, b: number, out: number): void;
  readonly sum: SumKernel;
  readonly variance: SumKernel;
  readonly copy1: CopyKernel;
  readonly copy4: CopyKernel;
  readonly copy8: CopyKernel;
  readonly fillF32: FillKernel;
  readonly fillF64: FillKernel;
  readonly fillI32: FillKernel;
  readonly fillBool: FillKernel;
  readonly foldF32: WindowKernel;
  readonly foldF64: WindowKernel;
  checkIndices(count: number, n: number, indices: number): number;
  take(
    outer: number,
    n: number,
    inner: number,
    count: number,
    indices: number,
    x: number,
    out: number,
    size: number,
  ): void;
  readonly takeAlong: AlongKernel;
  readonly addAlong: AlongKernel;
  readonly addAt: AlongKernel;
  readonly addAtF64: AlongKernel;
  readonly addAtExact: (
    n: number,
    count: number,
    indices: number,
    x: number,
    sums: number,
    o: number,
  ) => void;
  oneHot(count: number, depth: number, indices: number, out: number): void;
  readonly spreadNarrow: SpreadKernel;
  readonly spreadWide: SpreadKernel;
  readonly collectNarrow: CollectKernel;
  readonly collectWide: CollectKernel;
  roundF64(n: number, x: number, out: number): void;
  feistel(
    count: number,
    from: number,
    n: number,
    half: number,
    d: number,
    keys: number,
    out: number,
  ): void;
  adam(
    n: number,
    p: number,
    g: number,
    m: number,
    v: number,
    po: number,
    mo: number,
    vo: number,
    beta1: number,
    beta2: number,
    rate: number,
    unbias: number,
    eps: number,
    keep: number,
  ): void;
  momentum(
    n: number,
    p: number,
    g: number,
    m: number,
    po: number,
    mo: number,
    lr: number,
    mu: number,
    pull: number,
    nesterov: number,
  ): void;
  lerp(n: number, weight: number, a: number, b: number, out: number): void;
  gemmF64(
    m: number,
    n: number,
    k: number,
    a: number,
    rsa: number,
    csa: number,
    b: number,
    rsb: number,
    csb: number,
    c: number,
    ldc: number,
  ): void;
}

export type MathMap =
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "sin"
  | "cos"
  | "tan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "silu"
  | "softplus"
  | "erf"
  | "gelu"
  | "geluTanh";
export type MathZip = "geluGrad" | "geluTanhGrad" | "siluGrad" | "tanhGrad" | "sigmoidGrad";

/** Kernels that multiply and add: there are two builds of them. */
export interface MathKernels
  extends Named<MathMap, MapKernel>,
    Named<MathZip, ZipKernel>,
    Named<"softmax" | "logSoftmax" | "logSumExp", RowsKernel>,
    Named<"softmaxGrad" | "logSoftmaxGrad", RowsZip> {
  standardize(rows: number, n: number, x: number, eps: number, centred: number, out: number): void;
  standardizeGrad(
    rows: number,
    n: number,
    x: number,
    g: number,
    eps: number,
    centred: number,
    out: number,
  ): void;
  layerNorm(
    rows: number,
    n: number,
    x: number,
    weight: number,
    bias: number,
    eps: number,
    out: number,
  ): void;
  gemmBatch(
    count: number,
    sa: number,
    sb: number,
    sc: number,
    sd: number,
    m: number,
    n: number,
    k: number,
    a: number,
    rsa: number,
    csa: number,
    b: number,
    rsb: number,
    csb: number,
    c: number,
    ldc: number,
    d: number,
    ldd: number,
    work: number,
  ): void;
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    rsa: number,
    csa: number,
    b: number,
    rsb: number,
    csb: number,
    c: number,
    ldc: number,
    d: number,
    ldd: number,
    work: number,
  ): void;
}

/**
 * Row kernels in the order of `ROWS` in assembly/elementwise/broadcast.ts: the number of each is
 * its place here.
 */
export const ROW_KERNELS = [
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "pow",
  "atan2",
  "mod",
  "hypot",
  "addF64",
  "subF64",
  "mulF64",
  "divF64",
  "maximumF64",
  "minimumF64",
  "addI32",
  "subI32",
  "mulI32",
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "equalI32",
  "notEqualI32",
  "lessI32",
  "lessEqualI32",
  "greaterI32",
  "greaterEqualI32",
  "logicalAndBool",
  "logicalOrBool",
  "logicalXorBool",
] as const;

/** The row kernels by name: exported by the core module too, for operands that need no walk. */
export type RowKernels = { readonly [K in (typeof ROW_KERNELS)[number]]: RowKernel };
