/**
 * @file Reading and adding at indices on the CPU. Indices are checked first, so that a refusal
 * changes nothing.
 */

import { bytesOf, isFloat } from "../../../base/dtype.js";
import type { Operand } from "../../../core/contract.js";
import type { commonFamilies } from "../../../ops/families.js";
import { indexError, leastIndex } from "../../../ops/index/places.js";
import { FALLBACK, type KernelsFor, over } from "../opKernel.js";
import type { Runtime } from "../runtime.js";

/** Additions per sum from which sums are kept in float64: of single numbers, and of others. */
const [MANY, MANY_ROWS] = [8, 256];

function check(rt: Runtime, op: string, indices: Operand, n: number, fromEnd?: boolean): void {
  const { storage } = indices;
  const { bound } = storage;
  if (bound > 0 ? bound <= n : bound < 0 && -bound <= n && fromEnd !== false) return;
  const low = leastIndex(n, fromEnd);
  const bad = rt.core.checkIndices(indices.size, n, low, storage.ptr);
  if (bad < 0) storage.bound = low === 0 ? n : low;
  else throw indexError(op, rt.heap.i32[(storage.ptr >>> 2) + bad] as number, bad, n, low);
}

function product(shape: readonly number[], from: number, to: number): number {
  let size = 1;
  for (let d = from; d < to; d++) size *= shape[d] as number;
  return size;
}

export const indexing: KernelsFor<typeof commonFamilies.indexing> = {
  take(rt, [x, indices], { axis, fromEnd }) {
    const n = x.shape[axis] as number;
    check(rt, "take", indices, n, fromEnd);
    const outer = product(x.shape, 0, axis);
    const inner = product(x.shape, axis + 1, x.shape.length);
    const bytes = bytesOf(x.dtype);
    const out = rt.heap.alloc(outer * indices.size * inner * bytes);
    rt.core.take(outer, n, inner, indices.size, indices.storage.ptr, x.storage.ptr, out, bytes);
    return out;
  },

  segmentSum(rt, [values, ids], { axis, segments, fromEnd }, spec) {
    if (!isFloat(values.dtype)) return FALLBACK;
    check(rt, "segmentSum", ids, segments, fromEnd);
    const outer = product(spec.shape, 0, axis);
    const inner = product(spec.shape, axis + 1, spec.shape.length);
    const size = outer * segments * inner;
    const bytes = size * bytesOf(values.dtype);
    const out = rt.heap.alloc(bytes);
    const many = (inner === 1 ? MANY : MANY_ROWS) * segments;
    if (values.dtype === "float32" && outer === 1 && ids.size >= many) {
      // Many numbers for each sum: float32 would lose digits with every addition.
      const sums = rt.heap.alloc(size * 8);
      const [at, from] = [ids.storage.ptr, values.storage.ptr];
      rt.core.addAtExact(segments, inner, ids.size, at, from, sums, out);
      rt.heap.free(sums, size * 8);
      return out;
    }
    rt.core.clear(out, bytes);
    const addAt = values.dtype === "float32" ? rt.core.addAt : rt.core.addAtF64;
    addAt(outer, segments, inner, ids.size, ids.storage.ptr, values.storage.ptr, out);
    return out;
  },

  indexAdd(rt, [x, indices, updates], { axis, fromEnd }, _, donated) {
    if (!isFloat(x.dtype)) return FALLBACK;
    const n = x.shape[axis] as number;
    if (x.dtype === "float32" && indices.size >= MANY_ROWS * n) return FALLBACK; // sums in float64
    check(rt, "indexAdd", indices, n, fromEnd);
    const outer = product(x.shape, 0, axis);
    const inner = product(x.shape, axis + 1, x.shape.length);
    const bytes = x.size * bytesOf(x.dtype);
    const inPlace = donated?.[0] === true;
    const out = inPlace ? x.storage.ptr : rt.heap.alloc(bytes);
    if (!inPlace) rt.core.move(out, x.storage.ptr, bytes);
    const addAt = x.dtype === "float32" ? rt.core.addAt : rt.core.addAtF64;
    addAt(outer, n, inner, indices.size, indices.storage.ptr, updates.storage.ptr, out);
    return inPlace ? over(0) : out;
  },

  takeAlongAxis(rt, [x, indices], { axis, fromEnd }) {
    if (bytesOf(x.dtype) !== 4) return FALLBACK;
    const n = x.shape[axis] as number;
    check(rt, "takeAlongAxis", indices, n, fromEnd);
    const outer = product(x.shape, 0, axis);
    const inner = product(x.shape, axis + 1, x.shape.length);
    const out = rt.heap.alloc(indices.size * 4);
    const count = indices.shape[axis] as number;
    rt.core.takeAlong(outer, n, inner, count, indices.storage.ptr, x.storage.ptr, out);
    return out;
  },

  addAlongAxis(rt, [values, indices], { axis, fromEnd }, spec) {
    if (values.dtype !== "float32") return FALLBACK;
    const n = spec.shape[axis] as number;
    const count = indices.shape[axis] as number;
    if (count >= MANY_ROWS * n) return FALLBACK; // sums in float64
    check(rt, "addAlongAxis", indices, n, fromEnd);
    const outer = product(spec.shape, 0, axis);
    const inner = product(spec.shape, axis + 1, spec.shape.length);
    const out = rt.heap.alloc(outer * n * inner * 4);
    rt.core.fillF32(outer * n * inner, 0, out);
    rt.core.addAlong(outer, n, inner, count, indices.storage.ptr, values.storage.ptr, out);
    return out;
  },

  oneHot(rt, [indices], { depth }, spec) {
    if (spec.dtype !== "float32") return FALLBACK;
    check(rt, "oneHot", indices, depth, false);
    const out = rt.heap.alloc(indices.size * depth * 4);
    rt.core.oneHot(indices.size, depth, indices.storage.ptr, out);
    return out;
  },
};
