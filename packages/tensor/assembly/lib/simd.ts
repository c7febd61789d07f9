/** @file Small vector helpers shared by every kernel: fused multiply-add, partial loads and stores, horizontal folds. */

/** A type parameter stands for a family of inlined functions; `op<Add>().of(a, b)` is resolved and inlined at compile time. */
// @ts-ignore: decorator
@inline export function op<T>(): T {
  return changetype<T>(0);
}

/** a·b + c: one rounding where it is fused, two in the plain (deterministic) kernels; see scripts/plain.mjs. */
// @ts-ignore: decorator
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

// @ts-ignore: decorator
@inline export function f32c(x: f32): v128 {
  return f32x4.splat(x);
}

/** Eight words, four set and four clear: a window of it masks the lanes of a tail. */
// @ts-ignore: decorator
@lazy const MASKS = memory.data<u32>([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0], 16);

/** A mask with the first `n` (0..4) lanes set. */
// @ts-ignore: decorator
@inline export function laneMask(n: i32): v128 {
  return v128.load(MASKS + (<usize>(4 - n) << 2));
}

/** Loads `n` (1..3) lanes and fills the others; it reads 16 bytes, which the heap keeps readable behind every block. */
// @ts-ignore: decorator
@inline export function loadTail(p: usize, n: i32, fill: v128): v128 {
  return v128.bitselect(v128.load(p), fill, laneMask(n));
}

/** Stores the first `n` (1..3) lanes and nothing else, so a tail never touches its neighbour. */
export function storeTail(p: usize, v: v128, n: i32): void {
  if (n & 2) {
    v128.store64_lane(p, v, 0);
    p += 8;
    v = v128.shuffle<i64>(v, v, 1, 1);
  }
  if (n & 1) v128.store32_lane(p, v, 0);
}

// @ts-ignore: decorator
@inline export function hsum(v: v128): f32 {
  const w = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(w, 0) + f32x4.extract_lane(w, 1);
}

/** Largest lane; a NaN lane wins (wasm max propagates it). */
// @ts-ignore: decorator
@inline export function hmax(v: v128): f32 {
  const w = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(w, v128.shuffle<f32>(w, w, 1, 0, 3, 2)), 0);
}

/** The four lane sums of four vectors, as one vector: a 4×4 transpose folded into adds. */
// @ts-ignore: decorator
@inline export function hsum4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
