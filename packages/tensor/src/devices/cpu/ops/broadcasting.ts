/**
 * @file Ops of two operands, and where: how operands broadcast, and which strides their kernels
 * walk.
 */
import { bytesOf, dtypes } from "../../../base/dtype.js";
import { type Shape, sizeOf } from "../../../base/shape.js";
import type { Operand, Spec } from "../../../core/contract.js";
import type { Tensor } from "../../../core/tensor.js";
import type { commonFamilies } from "../../../ops/families.js";
import { ARITHMETIC, COMPARISONS, each, LOGIC, ROW_KERNELS, type RowKernel } from "../exports.js";
import { FALLBACK, type KernelsFor, type OpKernel } from "../opKernel.js";
import { allocate, type Runtime } from "../runtime.js";
import { mergeOperands, padWalk, writeWalk } from "../strides.js";

type Binary = KernelsFor<typeof commonFamilies.binary>;
type Compare = KernelsFor<typeof commonFamilies.compare>;
type Pair = readonly [Tensor, Tensor];

const NUMBERS = new Map<string, number>(ROW_KERNELS.map((name, i) => [name, i]));
/** How the names of row kernels end, by dtype. */
const ENDINGS = { float32: "", float64: "F64", int32: "I32", bool: "Bool" } as const;

/** A kernel of rows, run once where both operands need no walk, else over their merged axes. */
function broadcasting(name: keyof Binary | keyof Compare): OpKernel<Pair, undefined> {
  const numbers = each(dtypes, (dtype) => NUMBERS.get(name + ENDINGS[dtype]) ?? -1);
  return {
    one(rt, [a, b], _, spec) {
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
    },
    accepts: ([a, b], i) => a.dtype === b.dtype && numbers[a.dtype] >= 0 && walks(i === 0 ? a : b),
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

export const binary: Binary = each(ARITHMETIC satisfies readonly (keyof Binary)[], broadcasting);

export const compare: Compare = {
  ...each([...COMPARISONS, ...LOGIC] satisfies (keyof Compare)[], broadcasting),

  where: {
    one(rt, [condition, a, b], _, spec) {
      if (bytesOf(a.dtype) !== 4 || a.dtype !== b.dtype) return FALLBACK;
      const { rank } = mergeOperands(spec.shape, [condition, a, b], [1, 4, 4]);
      padWalk(1);
      writeWalk(rt, 3);
      const out = rt.heap.alloc(sizeOf(spec.shape) * 4);
      const [c, x, y] = [condition.storage.ptr, a.storage.ptr, b.storage.ptr];
      rt.core.where(Math.max(rank, 1), rt.axes, c, x, y, out);
      return out;
    },
    accepts(operands, i) {
      const [, a, b] = operands;
      const x = operands[i];
      return bytesOf(a.dtype) === 4 && a.dtype === b.dtype && x !== undefined && walks(x);
    },
  },

  clip(rt, [{ size, dtype, storage }], { min, max }) {
    if (dtype !== "float32") return FALLBACK;
    const out = rt.heap.alloc(size * 4);
    rt.core.clip(size, storage.ptr, min, max, out);
    return out;
  },
};
