/** @file The inner tile of matmul: a block of C held in registers while a strip of A and a strip of B stream past. */
import { madd, storeTail } from "../lib/simd";

/** Columns of the tile. */
export const NR: i32 = 8;

/**
 * Rows of the tile, MR. V8 keeps 15 vectors in registers: 6×8 is 12 sums, 2 of B, 1 of A where multiply-add is fused; without
 * it the product needs one more. (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴ in one rounding, 0 in two. Larger tiles, or an unrolled k
 * loop, spill.
 */
export function tileRows(): i32 {
  const x = f32x4.splat(1.000244140625);
  return f32x4.extract_lane(madd(x, x, f32x4.splat(-1.00048828125)), 0) ? 6 : 5;
}

// @ts-ignore: decorator
@inline function put(W: i32, c: usize, v0: v128, v1: v128): void {
  v128.store(c, v0);
  if (W == 2) v128.store(c, v1, 16);
}

// @ts-ignore: decorator
@inline function putSum(W: i32, c: usize, d: usize, v0: v128, v1: v128): void {
  v128.store(c, f32x4.add(v0, v128.load(d)));
  if (W == 2) v128.store(c, f32x4.add(v1, v128.load(d, 16)), 16);
}

/**
 * Copies an m×n corner of a tile (rows 32 bytes apart) to C, adding D. Tiles themselves are always written whole: any
 * further branch or call behind the k loop makes V8 spill the sums inside it, at half the speed.
 */
export function flushEdge(m: i32, n: i32, tile: usize, c: usize, ldc: usize, d: usize, ldd: usize): void {
  for (; m > 0; m--) {
    let v0 = v128.load(tile), v1 = v128.load(tile, 16);
    if (d) {
      v0 = f32x4.add(v0, v128.load(d));
      v1 = f32x4.add(v1, v128.load(d, 16));
      d += ldd;
    }
    if (n >= 4) {
      v128.store(c, v0);
      if (n == NR) v128.store(c, v1, 16);
      else storeTail(c + 16, v1, n - 4);
    } else storeTail(c, v0, n);
    tile += 32;
    c += ldc;
  }
}

// @ts-ignore: decorator
@inline function splat(p: usize): v128 {
  return v128.load32_splat(p);
}

/** C[R, NR] = A·B + D over panels packed by pack.ts, R floats of A and NR of B per step of k; R (a constant) is 5 or 6. */
// @ts-ignore: decorator
@inline function tilePacked(R: i32, k: i32, a: usize, b: usize, c: usize, ldc: usize, d: usize, ldd: usize): void {
  const z = f32x4.splat(0);
  let c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z;
  let c30 = z, c31 = z, c40 = z, c41 = z, c50 = z, c51 = z;
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00), c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, b0, c10), c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, b0, c20), c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, b0, c30), c31 = madd(s, b1, c31);
    s = v128.load32_splat(a, 16);
    c40 = madd(s, b0, c40), c41 = madd(s, b1, c41);
    if (R == 6) {
      s = v128.load32_splat(a, 20);
      c50 = madd(s, b0, c50), c51 = madd(s, b1, c51);
    }
    a += R << 2;
    b += 32;
  }
  if (d) {
    putSum(2, c, d, c00, c01);
    c += ldc, d += ldd;
    putSum(2, c, d, c10, c11);
    c += ldc, d += ldd;
    putSum(2, c, d, c20, c21);
    c += ldc, d += ldd;
    putSum(2, c, d, c30, c31);
    c += ldc, d += ldd;
    putSum(2, c, d, c40, c41);
    if (R == 6) { c += ldc, d += ldd; putSum(2, c, d, c50, c51); }
  } else {
    put(2, c, c00, c01);
    c += ldc;
    put(2, c, c10, c11);
    c += ldc;
    put(2, c, c20, c21);
    c += ldc;
    put(2, c, c30, c31);
    c += ldc;
    put(2, c, c40, c41);
    if (R == 6) { c += ldc; put(2, c, c50, c51); }
  }
}

export function tilePacked5(k: i32, a: usize, b: usize, c: usize, ldc: usize, d: usize, ldd: usize): void {
  tilePacked(5, k, a, b, c, ldc, d, ldd);
}

export function tilePacked6(k: i32, a: usize, b: usize, c: usize, ldc: usize, d: usize, ldd: usize): void {
  tilePacked(6, k, a, b, c, ldc, d, ldd);
}

/**
 * The same for R rows (a constant) and operands where they lie: a row of B every `sb` bytes, elements of A every
 * `csa` bytes in rows `rsa` apart. W (a constant) is 2 for 8 columns, 1 for 4.
 */
// @ts-ignore: decorator
@inline export function tileDirect(R: i32, W: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, sb: usize,
                                   c: usize, ldc: usize, d: usize, ldd: usize): void {
  const z = f32x4.splat(0);
  let c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z;
  let c30 = z, c31 = z, c40 = z, c41 = z, c50 = z, c51 = z;
  const r2 = rsa + rsa;
  let a2 = a + r2, a4 = a2 + r2;
  for (; k > 0; k--) {
    const b0 = v128.load(b), b1 = W == 2 ? v128.load(b, 16) : z;
    let s = splat(a);
    c00 = madd(s, b0, c00);
    if (W == 2) c01 = madd(s, b1, c01);
    if (R > 1) {
      s = splat(a + rsa);
      c10 = madd(s, b0, c10);
      if (W == 2) c11 = madd(s, b1, c11);
    }
    if (R > 2) {
      s = splat(a2);
      c20 = madd(s, b0, c20);
      if (W == 2) c21 = madd(s, b1, c21);
    }
    if (R > 3) {
      s = splat(a2 + rsa);
      c30 = madd(s, b0, c30);
      if (W == 2) c31 = madd(s, b1, c31);
    }
    if (R > 4) {
      s = splat(a4);
      c40 = madd(s, b0, c40);
      if (W == 2) c41 = madd(s, b1, c41);
    }
    if (R > 5) {
      s = splat(a4 + rsa);
      c50 = madd(s, b0, c50);
      if (W == 2) c51 = madd(s, b1, c51);
    }
    a += csa;
    if (R > 2) a2 += csa;
    if (R > 4) a4 += csa;
    b += sb;
  }
  if (d) {
    putSum(W, c, d, c00, c01);
    if (R > 1) { c += ldc, d += ldd; putSum(W, c, d, c10, c11); }
    if (R > 2) { c += ldc, d += ldd; putSum(W, c, d, c20, c21); }
    if (R > 3) { c += ldc, d += ldd; putSum(W, c, d, c30, c31); }
    if (R > 4) { c += ldc, d += ldd; putSum(W, c, d, c40, c41); }
    if (R > 5) { c += ldc, d += ldd; putSum(W, c, d, c50, c51); }
  } else {
    put(W, c, c00, c01);
    if (R > 1) { c += ldc; put(W, c, c10, c11); }
    if (R > 2) { c += ldc; put(W, c, c20, c21); }
    if (R > 3) { c += ldc; put(W, c, c30, c31); }
    if (R > 4) { c += ldc; put(W, c, c40, c41); }
    if (R > 5) { c += ldc; put(W, c, c50, c51); }
  }
}
