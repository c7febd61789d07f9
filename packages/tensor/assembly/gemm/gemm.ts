/** @file Matrix product C = A·B + D in float32: chooses between the unpacked forms and the packed, cache-blocked one. */
import { packA, packB } from "./pack";
import { gemmFewRows, vecMat, vecMatT } from "./small";
import { flushEdge, NR, tilePacked5, tilePacked6, tileRows } from "./tile";

// A block of A (MC×KC floats, 96 kB at most) stays in the second-level cache, a strip of B (KC×NR, 8 kB) in the first.
const KC: i32 = 256;
const MOST: i32 = 96;
const NC: i32 = 1024;

/**
 * C[m, n] = A[m, k]·B[k, n] + D. Strides are in bytes: A and B take any row and column strides, so a transpose is free;
 * rows of C are contiguous and `ldc` apart. D is absent (0), a bias (ldd = 0), or C itself to accumulate.
 * `work` is scratch for one packed block of A and one of B, and a tile: (KC·NC + MOST·KC + MR·NR)·4 bytes.
 */
export function gemm(m: i32, n: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
                     c: usize, ldc: usize, d: usize, ldd: usize, work: usize): void {
  if (n == 1 && ldc == 4 && m > 1 && (d == 0 || ldd == 4)) {
    // a column times a matrix is a row times its transpose
    gemv(m, k, b, rsb, a, csa, rsa, c, d, work);
  } else if (m == 1) {
    gemv(n, k, a, csa, b, rsb, csb, c, d, work);
  } else if (m <= 12 || n <= 4 || k <= 2 || (n * k <= 4096 && (csa == 4 || m <= 256))) {
    // B is small enough to be read where it lies, again and again; A goes by in blocks that stay in the first-level cache
    const MC = MOST - (MOST % tileRows());
    for (; m > MC; m -= MC) {
      gemmFewRows(MC, n, k, a, rsa, csa, b, rsb, csb, c, ldc, d, ldd, work);
      a += <usize>MC * rsa;
      c += <usize>MC * ldc;
      if (d) d += <usize>MC * ldd;
    }
    gemmFewRows(m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, d, ldd, work);
  } else gemmPacked(m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, d, ldd, work);
}

/** `count` products whose operands lie `sa`, `sb`, `sc` and `sd` bytes apart. */
export function gemmBatch(count: i32, sa: usize, sb: usize, sc: usize, sd: usize, m: i32, n: i32, k: i32,
                          a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
                          c: usize, ldc: usize, d: usize, ldd: usize, work: usize): void {
  for (; count > 0; count--) {
    gemm(m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, d, ldd, work);
    a += sa;
    b += sb;
    c += sc;
    if (d) d += sd;
  }
}

function gemv(n: i32, k: i32, a: usize, csa: usize, b: usize, rsb: usize, csb: usize, c: usize, d: usize, work: usize): void {
  if (csb == 4) {
    const j = n >= 32 ? vecMat(n, k, a, csa, b, rsb, c, d) : 0;
    const at = <usize>j << 2;
    if (j < n) gemmFewRows(1, n - j, k, a, 0, csa, b + at, rsb, 4, c + at, 0, d ? d + at : 0, 0, work);
  } else if (rsb == 4 && csa == 4) vecMatT(n, k, a, b, csb, c, d);
  else gemmFewRows(1, n, k, a, 0, csa, b, rsb, csb, c, 0, d, 0, work);
}

// @ts-ignore: decorator
@inline function tile(MR: i32, k: i32, a: usize, b: usize, c: usize, ldc: usize, d: usize, ldd: usize): void {
  if (MR == 6) tilePacked6(k, a, b, c, ldc, d, ldd);
  else tilePacked5(k, a, b, c, ldc, d, ldd);
}

function gemmPacked(m: i32, n: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
                    c: usize, ldc: usize, d0: usize, ldd0: usize, work: usize): void {
  const blockA = work + <usize>(KC * NC * 4);
  const edge = blockA + <usize>(MOST * KC * 4);
  const MR = tileRows(), MC = MOST - (MOST % MR);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      const d = pc > 0 ? c : d0, ldd = pc > 0 ? ldc : ldd0;
      packB(kc, nc, b + <usize>pc * rsb + <usize>jc * csb, rsb, csb, work);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        packA(MR, mc, kc, a + <usize>ic * rsa + <usize>pc * csa, rsa, csa, blockA);
        for (let jr = 0; jr < nc; jr += NR) {
          const nr = min(NR, nc - jr);
          const strip = work + <usize>(jr * kc * 4);
          for (let ir = 0; ir < mc; ir += MR) {
            const row = <usize>(ic + ir), col = <usize>(jc + jr) << 2;
            const mr = min(MR, mc - ir), panel = blockA + <usize>(ir * kc * 4);
            const cp = c + row * ldc + col, dp = d ? d + row * ldd + col : 0;
            if (nr == NR && mr == MR) tile(MR, kc, panel, strip, cp, ldc, dp, ldd);
            else {
              tile(MR, kc, panel, strip, edge, NR * 4, 0, 0);
              flushEdge(mr, nr, edge, cp, ldc, dp, ldd);
            }
          }
        }
      }
    }
  }
}
