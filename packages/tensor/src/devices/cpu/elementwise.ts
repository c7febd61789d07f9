/**
 * @file Elementwise ops on the CPU: which kernel serves which op and dtype, and how operands
 * broadcast.
 */
import { bytesOf, type DType } from "../../base/dtype.js";
import type { Shape } from "../../base/shape.js";
import type { Operand, Spec } from "../../core/contract.js";

import type { CastAttrs } from "../../ops/elementwise/cast.js";
import type { ClipAttrs } from "../../ops/elementwise/compare.js";
import { type CpuKernel, FALLBACK } from "./kernel.js";
import {
  type CoreMap,
  type CoreZip,
  type MathMap,
  type MathZip,
  ROW_KERNELS,
  type RowKernel,
} from "./kernels.js";
import { allocate, type Runtime } from "./runtime.js";
import { mergeOperands, padWalk, writeWalk } from "./walk.js";

const CORE_MAPS: readonly CoreMap[] = [
  "neg",
  "abs",
  "sign",
  "square",
  "reciprocal",
  "sqrt",
  "rsqrt",
  "relu",
  "floor",
  "ceil",
  "round",
  "trunc",
];
const MATH_MAPS: readonly MathMap[] = [
  "exp",
  "expm1",
  "log",
  "log1p",
  "log2",
  "sin",
  "cos",
  "tan",
  "sinh",
  "cosh",
  "tanh",
  "sigmoid",
  "silu",
  "softplus",
  "erf",
  "gelu",
  "geluTanh",
];
const CORE_ZIPS: readonly CoreZip[] = ["reluGrad"];
const MATH_ZIPS: readonly MathZip[] = [
  "geluGrad",
  "geluTanhGrad",
  "siluGrad",
  "tanhGrad",
  "sigmoidGrad",
];

const SUFFIX = { float32: "", float64: "F64", int32: "I32", bool: "Bool" } as const;
const NUMBERS = new Map<string, number>(ROW_KERNELS.map((name, i) => [name, i]));
/** Ops of two operands; their kernels walk strides. */
const BROADCASTING: readonly string[] = [
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
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "logicalAnd",
  "logicalOr",
  "logicalXor",
];

function mapped(name: CoreMap): CpuKernel {
  return (rt, [x]) => {
    const { size, dtype, storage } = x as Operand;
    if (dtype !== "float32") return FALLBACK;
    const out = rt.heap.alloc(size * 4);
    rt.core[name](size, storage.ptr, out);
    return out;
  };
}

function mappedMath(name: MathMap): CpuKernel {
  return (rt, [x]) => {
    const { size, dtype, storage } = x as Operand;
    if (dtype !== "float32") return FALLBACK;
    const out = rt.heap.alloc(size * 4);
    rt.math[name](size, storage.ptr, out);
    return out;
  };
}

function zipped(
  name: CoreZip | MathZip,
  kernels: (rt: Runtime) => Runtime["core"] | Runtime["math"],
): CpuKernel {
  return (rt, inputs) => {
    const [x, g] = inputs as [Operand, Operand];
    if (x.dtype !== "float32" || g.dtype !== "float32") return FALLBACK;
    const out = rt.heap.alloc(x.size * 4);
    (kernels(rt) as Runtime["core"] & Runtime["math"])[name](
      x.size,
      x.storage.ptr,
      g.storage.ptr,
      out,
    );
    return out;
  };
}

/** A kernel of rows, run once where both operands need no walk, else over their merged axes. */
function broadcasting(name: string): CpuKernel {
  const numbers = {} as Record<DType, number>;
  for (const dtype of ["float32", "float64", "int32", "bool"] as const) {
    numbers[dtype] = NUMBERS.get(name + SUFFIX[dtype]) ?? -1;
  }
  return (rt, inputs, _, spec) => {
    const [a, b] = inputs as [Operand, Operand];
    const which = numbers[a.dtype];
    if (which < 0 || a.dtype !== b.dtype) return FALLBACK;
    let size = 1;
    for (let i = 0; i < spec.shape.length; i++) size *= spec.shape[i] as number;
    const out = allocate(rt, spec.dtype, size);
    const step = bytesOf(a.dtype);
    const sa = flatStride(a, size, step);
    const sb = flatStride(b, size, step);
    if (sa >= 0 && sb >= 0) {
      const row = rt.rows[which] as RowKernel;
      row(size, a.storage.ptr, sa, b.storage.ptr, sb, out);
    } else if (sa > 0 && endsLike(b, spec.shape))
      repeated(rt, which, a, b, size, step, out, false, spec);
    else if (sb > 0 && endsLike(a, spec.shape))
      repeated(rt, which, b, a, size, step, out, true, spec);
    else walked(rt, which, a, b, step, out, spec);
    return out;
  };
}

/**
 * The one stride that walks a whole operand: its element size, 0 for one repeated element; −1 when
 * there is none.
 */
function flatStride(x: Operand, size: number, step: number): number {
  if (x.size === 1) return 0;
  const { strides } = x;
  if (strides === null) return x.size === size ? step : -1;
  for (let d = 0; d < strides.length; d++) if (strides[d] !== 0 && x.shape[d] !== 1) return -1;
  return 0;
}

/** Whether x is the last axes of `shape`, whole: a bias under a batch. */
function endsLike(x: Operand, shape: Shape): boolean {
  if (x.strides !== null) return false;
  const own = x.shape;
  let left = x.size;
  for (let d = 1; left > 1; d++) {
    const n = own[own.length - d] as number;
    if (n !== shape[shape.length - d]) return false;
    left /= n;
  }
  return true;
}

/** A short operand under every row of a long one: two axes, no search for them. */
function repeated(
  rt: Runtime,
  which: number,
  long: Operand,
  short: Operand,
  size: number,
  step: number,
  out: number,
  swap: boolean,
  spec: Spec,
): void {
  const { i32 } = rt.heap;
  const at = rt.axes >>> 2;
  const row = short.size * step;
  i32[at] = size / short.size;
  i32[at + 1] = swap ? 0 : row;
  i32[at + 2] = swap ? row : 0;
  i32[at + 4] = short.size;
  i32[at + 5] = step;
  i32[at + 6] = step;
  const [a, b] = swap ? [short, long] : [long, short];
  rt.core.broadcast(which, 2, rt.axes, a.storage.ptr, b.storage.ptr, out, bytesOf(spec.dtype));
}

function walked(
  rt: Runtime,
  which: number,
  a: Operand,
  b: Operand,
  step: number,
  out: number,
  spec: Spec,
): void {
  const { rank } = mergeOperands(spec.shape, [a, b], [step, step]);
  padWalk(2);
  writeWalk(rt, 2);
  rt.core.broadcast(
    which,
    Math.max(rank, 2),
    rt.axes,
    a.storage.ptr,
    b.storage.ptr,
    out,
    bytesOf(spec.dtype),
  );
}

/**
 * Whether a kernel walks an operand as it is: along its innermost axis it advances by one element,
 * or stands still.
 */
function walks(x: Operand): boolean {
  if (x.strides === null) return true;
  const { rank, strides } = mergeOperands(x.shape, [x], [1]);
  const inner = strides[0][0] as number;
  return rank === 0 || inner === 1 || inner === 0;
}

const where: CpuKernel = (rt, inputs, _, spec) => {
  const [condition, a, b] = inputs as [Operand, Operand, Operand];
  if (bytesOf(a.dtype) !== 4 || a.dtype !== b.dtype) return FALLBACK;
  const { rank } = mergeOperands(spec.shape, [condition, a, b], [1, 4, 4]);
  padWalk(1);
  writeWalk(rt, 3);
  const size = spec.shape.reduce((n, m) => n * m, 1);
  const out = rt.heap.alloc(size * 4);
  const [c, x, y] = [condition.storage.ptr, a.storage.ptr, b.storage.ptr];
  rt.core.where(Math.max(rank, 1), rt.axes, c, x, y, out);
  return out;
};

const clip: CpuKernel = (rt, [x], attrs) => {
  const { size, dtype, storage } = x as Operand;
  if (dtype !== "float32") return FALLBACK;
  const { min, max } = attrs as ClipAttrs;
  const out = rt.heap.alloc(size * 4);
  rt.core.clip(size, storage.ptr, min, max, out);
  return out;
};

const CASTS: Readonly<Record<string, CoreMap>> = {
  "float32 int32": "castF32I32",
  "int32 float32": "castI32F32",
  "bool float32": "castBoolF32",
  "float32 bool": "castF32Bool",
};

const cast: CpuKernel = (rt, [x], attrs) => {
  const { size, dtype, storage } = x as Operand;
  const to = (attrs as CastAttrs).dtype;
  const name = CASTS[`${dtype} ${to}`];
  if (name === undefined) return FALLBACK;
  const out = allocate(rt, to, size);
  rt.core[name](size, storage.ptr, out);
  return out;
};

export const elementwise: Readonly<Record<string, CpuKernel>> = {
  ...Object.fromEntries(CORE_MAPS.map((name) => [name, mapped(name)])),
  ...Object.fromEntries(MATH_MAPS.map((name) => [name, mappedMath(name)])),
  ...Object.fromEntries(CORE_ZIPS.map((name) => [name, zipped(name, (rt) => rt.core)])),
  ...Object.fromEntries(MATH_ZIPS.map((name) => [name, zipped(name, (rt) => rt.math)])),
  ...Object.fromEntries(BROADCASTING.map((name) => [name, broadcasting(name)])),
  where,
  clip,
  cast,
};

/** Whether the kernel of an op takes operand `i` with its strides. */
export type Accepts = (operands: readonly Operand[], i: number) => boolean;

/** The ops here whose kernels walk strides: those of two operands, and where. */
export const accepting: Readonly<Record<string, Accepts>> = {
  ...Object.fromEntries(
    BROADCASTING.map((name): [string, Accepts] => [
      name,
      (operands, i) => {
        const [a, b] = operands as [Operand, Operand];
        const served = a.dtype === b.dtype && NUMBERS.has(name + SUFFIX[a.dtype]);
        return served && walks(operands[i] as Operand);
      },
    ]),
  ),
  where(operands, i) {
    const [, a, b] = operands as [Operand, Operand, Operand];
    return bytesOf(a.dtype) === 4 && a.dtype === b.dtype && walks(operands[i] as Operand);
  },
};
