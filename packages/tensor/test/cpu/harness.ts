/**
 * @file Kernels of both builds over one heap, and comparisons of what they write with float64
 * arithmetic.
 */
import { createHeap } from "../../src/devices/cpu/heap.js";
import { createMemory, hasRelaxedSimd, startCore, startMath } from "../../src/devices/cpu/wasm.js";

const memory = createMemory(1024, false);
export const core = startCore(memory).kernels;
core.setScratch(65536);
export const heap = createHeap(memory, 20 * 65536);
export const WORK = 2 * 65536;

/** The plain build, and the fused one where this engine has it. */
export const builds = (hasRelaxedSimd() ? [true, false] : [true]).map((deterministic) => ({
  name: deterministic ? "plain" : "fused",
  math: startMath(memory, deterministic).kernels,
}));

/** Copies values into a new block; the bytes around it are marked so that stray writes show. */
export function put(values: Float32Array | Int32Array | Uint8Array | Float64Array): number {
  const ptr = heap.alloc(values.byteLength);
  heap.u8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), ptr);
  return ptr;
}

const MARK = 0x7b;

/** A block for `bytes` of output, with a marked border behind. */
export function output(bytes: number): number {
  const ptr = heap.alloc(bytes + 64);
  heap.u8.fill(MARK, ptr, ptr + bytes + 64);
  return ptr;
}

/** Whether the 64 bytes behind an output are as they were. */
export function untouched(ptr: number, bytes: number): boolean {
  return heap.u8.subarray(ptr + bytes, ptr + bytes + 64).every((b) => b === MARK);
}

export function floats(ptr: number, n: number): Float32Array {
  return heap.f32.slice(ptr >>> 2, (ptr >>> 2) + n);
}

/** The float32 numbers between two, spread evenly, with `from` and `to` among them. */
export function spread(from: number, to: number, n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
}

/** Deterministic values in [−scale, scale). */
export function noise(n: number, scale = 1, seed = 1): Float32Array {
  let x = seed * 2654435761 || 1;
  return Float32Array.from({ length: n }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return ((x >>> 0) / 2 ** 31 - 1) * scale;
  });
}

/** The largest of |got − want| / max(|want|, floor), and where. */
export function worst(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  floor = 1e-37,
): { error: number; at: number } {
  let error = 0;
  let at = -1;
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [got[i] as number, want[i] as number];
    const same = Object.is(g, Math.fround(w)) || (Number.isNaN(g) && Number.isNaN(w));
    const e = same ? 0 : Math.abs(g - w) / Math.max(Math.abs(w), floor);
    if (!(e <= error)) {
      error = Number.isNaN(e) ? Number.POSITIVE_INFINITY : e;
      at = i;
    }
  }
  return { error, at };
}
