/**
 * @file What the WebAssembly modules export: names, arguments, and how a call is cut for threads.
 * Pointers and strides are in bytes. This is the only list of them.
 */
import {
  addAlong,
  adding,
  type Cut,
  type FoldArgs,
  flat,
  folding,
  gemm,
  gemmBatch,
  gemmF64,
  HEAVY,
  LIGHT,
  planes,
  row,
  rowwise,
  spread,
  take,
  takeAlong,
  walking,
} from "./threads/cuts.js";

/** A table with an entry for each name. */
export function each<N extends string, V>(
  names: readonly N[],
  make: (name: N) => V,
): Readonly<Record<N, V>> {
  // fromEntries forgets which names there are
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<N, V>;
}

/** The names with an ending. */
function ending<N extends string, S extends string>(names: readonly N[], end: S): `${N}${S}`[] {
  return names.map((name) => `${name}${end}` as const);
}

type MapArgs = [n: number, x: number, out: number];
export type MapKernel = (...args: MapArgs) => void;

/** Kernels of the core module over the elements of one operand; named after their ops. */
export const LIGHT_MAPS = [
  ...(["neg", "abs", "sign", "square", "reciprocal", "sqrt", "rsqrt", "relu"] as const),
  ...(["floor", "ceil", "round", "trunc"] as const),
] as const;
/** The same in the math module. */
export const HEAVY_MAPS = [
  ...(["exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tan", "sinh", "cosh"] as const),
  ...(["tanh", "sigmoid", "silu", "softplus", "erf", "gelu", "geluTanh"] as const),
] as const;

/** Two contiguous operands of one shape. */
type ZipArgs = [n: number, a: number, b: number, out: number];
export type ZipKernel = (...args: ZipArgs) => void;

/** Kernels of the math module that multiply by a derivative; named after their ops. */
export const HEAVY_SLOPES = [
  ...(["geluGrad", "geluTanhGrad", "siluGrad", "tanhGrad", "sigmoidGrad"] as const),
] as const;

const RING = ["add", "sub", "mul"] as const;
const FIELD = [...RING, "div", "maximum", "minimum"] as const;
/** Ops of two operands with kernels of rows: arithmetic, comparisons, logic. */
export const ARITHMETIC = [...FIELD, "pow", "atan2", "mod", "hypot"] as const;
export const COMPARISONS = [
  ...(["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"] as const),
] as const;
export const LOGIC = ["logicalAnd", "logicalOr", "logicalXor"] as const;

const wide = ending(FIELD, "F64");
const whole = ending(RING, "I32");
const wholeComparisons = ending(COMPARISONS, "I32");
const bools = ending(LOGIC, "Bool");

/**
 * Row kernels in the order of `ROWS` in assembly/elementwise/broadcast.ts: the number of each is
 * its place here.
 */
export const ROW_KERNELS = [
  ...ARITHMETIC,
  ...wide,
  ...whole,
  ...COMPARISONS,
  ...wholeComparisons,
  ...bools,
];

type SumArgs = [...FoldArgs, divisor: number];
type CopyArgs = [rank: number, axes: number, from: number, to: number];
type BroadcastArgs = [
  ...[which: number, rank: number, axes: number],
  ...[a: number, b: number, out: number, bytes: number],
];
type WhereArgs = [
  ...[rank: number, axes: number],
  ...[condition: number, a: number, b: number, out: number],
];
type AdamArgs = [
  ...[n: number, p: number, g: number, m: number, v: number, po: number, mo: number, vo: number],
  ...[beta1: number, beta2: number, rate: number, unbias: number, eps: number, keep: number],
];
type MomentumArgs = [
  ...[n: number, p: number, g: number, m: number, po: number, mo: number],
  ...[lr: number, mu: number, pull: number, nesterov: number],
];
type FeistelArgs = [
  ...[count: number, from: number, n: number, half: number, d: number],
  ...[keys: number, out: number],
];

/** Kernels of the core module that threads share: the same in all builds. */
const core = {
  ...each([...LIGHT_MAPS, "castF32I32", "castI32F32"], () => flat<MapArgs>(LIGHT, 1, 4, 2, 4)),
  castBoolF32: flat<MapArgs>(LIGHT, 1, 1, 2, 4),
  castF32Bool: flat<MapArgs>(LIGHT, 1, 4, 2, 1),
  reluGrad: flat<ZipArgs>(LIGHT, 1, 4, 2, 4, 3, 4),
  fillF32: flat<[n: number, value: number, out: number]>(LIGHT, 2, 4),
  clip: flat<[n: number, x: number, low: number, high: number, out: number]>(LIGHT, 1, 4, 4, 4),
  ...each([...ARITHMETIC, ...whole], () => row(4)),
  ...each(wide, () => row(8)),
  ...each([...COMPARISONS, ...wholeComparisons, ...bools], () => row(1)),
  broadcast: walking<BroadcastArgs>(1, 2, [3, 4], {
    result: { at: 5, bytes: (args) => args[6] as number },
  }),
  where: walking<WhereArgs>(0, 3, [2, 3, 4], { result: { at: 5, bytes: () => 4 } }),
  copy1: walking<CopyArgs>(0, 2, [2, 3], { bytes: 1 }),
  copy4: walking<CopyArgs>(0, 2, [2, 3], { bytes: 4 }),
  copy8: walking<CopyArgs>(0, 2, [2, 3], { bytes: 8 }),
  ...each(["foldMax", "foldMin", "foldProd", "argmax", "argmin", "sumI32"], () =>
    folding<FoldArgs>(4, 4),
  ),
  ...each(["sum", "variance"], () => folding<SumArgs>(4, 4)),
  sumF64: folding<FoldArgs>(8, 8),
  sumBool: folding<FoldArgs>(1, 4),
  cumulativeSum: folding<FoldArgs>(4, 4, true),
  take,
  takeAlong,
  addAlong,
  addAt: adding(4),
  addAtF64: adding(8),
  foldF32: planes(4),
  foldF64: planes(8),
  adam: flat<AdamArgs>(LIGHT, 1, 4, 2, 4, 3, 4, 4, 4, 5, 4, 6, 4, 7, 4),
  momentum: flat<MomentumArgs>(LIGHT, 1, 4, 2, 4, 3, 4, 4, 4, 5, 4),
  lerp: flat<[n: number, weight: number, a: number, b: number, out: number]>(
    ...[LIGHT, 2, 4, 3, 4, 4, 4],
  ),
  spreadNarrow: spread(2),
  spreadWide: spread(4),
  feistel: flat<FeistelArgs>(8192, 1, 1, 6, 4),
  gemmF64,
};

type RowsArgs = [rows: number, n: number, x: number, out: number];
type RowsZipArgs = [rows: number, n: number, a: number, b: number, out: number];
type StandardizeArgs = [...RowsHead, eps: number, centred: number, out: number];
type RowsHead = [rows: number, n: number, x: number];
type StandardizeGradArgs = [...RowsHead, g: number, eps: number, centred: number, out: number];
type LayerNormArgs = [...RowsHead, weight: number, bias: number, eps: number, out: number];

/** Kernels of the math module: they multiply and add, and there are two builds of them. */
const math = {
  ...each(HEAVY_MAPS, () => flat<MapArgs>(HEAVY, 1, 4, 2, 4)),
  ...each(HEAVY_SLOPES, () => flat<ZipArgs>(HEAVY, 1, 4, 2, 4, 3, 4)),
  ...each(["softmax", "logSoftmax"], () => rowwise<RowsArgs>([2, 3])),
  ...each(["softmaxGrad", "logSoftmaxGrad"], () => rowwise<RowsZipArgs>([2, 3, 4])),
  logSumExp: rowwise<RowsArgs>([2], [3]),
  standardize: rowwise<StandardizeArgs>([2, 5]),
  standardizeGrad: rowwise<StandardizeGradArgs>([2, 3, 6]),
  layerNorm: rowwise<LayerNormArgs>([2, 6]),
  gemm,
  gemmBatch,
};

/** How a call of each kernel is cut. Kernels without a cut run whole. */
export const CUTS = { ...core, ...math } satisfies Readonly<Record<string, Cut>>;

/** Kernels that are never cut. */
interface Whole {
  setScratch(at: number): void;
  clear(ptr: number, bytes: number): void;
  move(to: number, from: number, bytes: number): void;
  fillF64(n: number, value: number, out: number): void;
  fillI32(n: number, value: number, out: number): void;
  fillBool(n: number, value: number, out: number): void;
  /** The place of the first index outside of [0, n); −1 when there is none. */
  checkIndices(count: number, n: number, low: number, indices: number): number;
  addAtExact(
    n: number,
    inner: number,
    count: number,
    ids: number,
    x: number,
    sums: number,
    out: number,
  ): void;
  oneHot(count: number, depth: number, indices: number, out: number): void;
  collectNarrow(count: number, groups: number, x: number, sums: number): void;
  collectWide(count: number, groups: number, x: number, sums: number): void;
  roundF64(n: number, x: number, out: number): void;
}

type Called<T> = {
  readonly [K in keyof T]: T[K] extends Cut<infer A> ? (...args: A) => void : never;
};

export type Core = Whole & Called<typeof core>;
export type MathKernels = Called<typeof math>;
export type RowKernel = Core["add"];
