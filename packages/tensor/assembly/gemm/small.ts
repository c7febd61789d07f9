/** @file Matmul with few rows: nothing of A is packed, and B only when its rows are not contiguous. */
import { hsum, hsum4, laneMask, madd, storeTail } from "../lib/simd";
import { packB } from "./pack";
import { flushEdge, NR, tileDirect, tileRows } from "./tile";

/** Depth of one pass over k: a strip of B of this depth stays in the first-level cache. */
const KB: i32 = 256;

/** Rows of C in groups of up to six, columns eight at a time. `work` holds one packed strip of B (KB·NR floats) and a tile. */
export function gemmFewRows(m: i32, n: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
                            c: usize, ldc: usize, d: usize, ldd: usize, work: usize): void {
  const pack = csb != 4 && n > 1;
  let p = 0;
  do {
    const kb = min(KB, k - p);
    for (let j = 0; j < n; j += NR) {
      const cols = min(NR, n - j);
      let strip = b + <usize>j * csb;
      let step = rsb;
      if (pack) {
        packB(kb, cols, strip, rsb, csb, work);
        strip = work;
        step = NR << 2;
      }
      columns(m, cols, kb, a, rsa, csa, strip, step, c + (<usize>j << 2), ldc, d ? d + (<usize>j << 2) : 0, ldd,
              work + <usize>(KB * NR * 4));
    }
    a += <usize>kb * csa;
    b += <usize>kb * rsb;
    d = c, ldd = ldc; // later strips add to what is there
    p += kb;
  } while (p < k);
}

function columns(m: i32, n: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, sb: usize,
                 c: usize, ldc: usize, d: usize, ldd: usize, tile: usize): void {
  const MR = m > 5 ? tileRows() : 5;
  while (m > 0) {
    // 7 and 8 rows go as 4 + 3 and 4 + 4: two tiles of equal cost instead of a full one and a sliver
    const rows = m > 8 ? MR : m <= 5 ? m : m == 6 ? (MR == 6 ? 6 : 3) : 4;
    if (n == NR) rowsOf(2, rows, k, a, rsa, csa, b, sb, c, ldc, d, ldd);
    else if (n == 4) rowsOf(1, rows, k, a, rsa, csa, b, sb, c, ldc, d, ldd);
    else {
      if (n > 4) rowsOf(2, rows, k, a, rsa, csa, b, sb, tile, 32, 0, 0);
      else rowsOf(1, rows, k, a, rsa, csa, b, sb, tile, 32, 0, 0);
      flushEdge(rows, n, tile, c, ldc, d, ldd);
    }
    m -= rows;
    a += <usize>rows * rsa;
    c += <usize>rows * ldc;
    if (d) d += <usize>rows * ldd;
  }
}

function rowsOf(W: i32, rows: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, sb: usize,
                c: usize, ldc: usize, d: usize, ldd: usize): void {
  if (W == 2) tiles(2, rows, k, a, rsa, csa, b, sb, c, ldc, d, ldd);
  else tiles(1, rows, k, a, rsa, csa, b, sb, c, ldc, d, ldd);
}

// @ts-ignore: decorator
@inline function tiles(W: i32, rows: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, sb: usize,
                       c: usize, ldc: usize, d: usize, ldd: usize): void {
  switch (rows) {
    case 1: tileDirect(1, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd); break;
    case 2: tileDirect(2, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd); break;
    case 3: tileDirect(3, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd); break;
    case 4: tileDirect(4, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd); break;
    case 5: tileDirect(5, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd); break;
    default: tileDirect(6, W, k, a, rsa, csa, b, sb, c, ldc, d, ldd);
  }
}

/** c[j] = Σₚ a[p]·B[p, j] + d[j] with contiguous rows of B: 32 columns per pass, so that whole cache lines are used. */
export function vecMat(n: i32, k: i32, a: usize, csa: usize, b: usize, rsb: usize, c: usize, d: usize): i32 {
  let j = 0;
  for (; j + 32 <= n; j += 32) {
    const z = f32x4.splat(0);
    let s0 = z, s1 = z, s2 = z, s3 = z, s4 = z, s5 = z, s6 = z, s7 = z;
    let pa = a, pb = b + (<usize>j << 2);
    for (let p = k; p > 0; p--) {
      const x = v128.load32_splat(pa);
      s0 = madd(x, v128.load(pb), s0);
      s1 = madd(x, v128.load(pb, 16), s1);
      s2 = madd(x, v128.load(pb, 32), s2);
      s3 = madd(x, v128.load(pb, 48), s3);
      s4 = madd(x, v128.load(pb, 64), s4);
      s5 = madd(x, v128.load(pb, 80), s5);
      s6 = madd(x, v128.load(pb, 96), s6);
      s7 = madd(x, v128.load(pb, 112), s7);
      pa += csa;
      pb += rsb;
    }
    put8(c + (<usize>j << 2), d ? d + (<usize>j << 2) : 0, s0, s1, s2, s3);
    put8(c + (<usize>j << 2) + 64, d ? d + (<usize>j << 2) + 64 : 0, s4, s5, s6, s7);
  }
  return j;
}

// @ts-ignore: decorator
@inline function put8(c: usize, d: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(c, d ? f32x4.add(s0, v128.load(d)) : s0);
  v128.store(c, d ? f32x4.add(s1, v128.load(d, 16)) : s1, 16);
  v128.store(c, d ? f32x4.add(s2, v128.load(d, 32)) : s2, 32);
  v128.store(c, d ? f32x4.add(s3, v128.load(d, 48)) : s3, 48);
}

/** c[j] = a · B[:, j] + d[j] with contiguous columns of B and contiguous a: four dot products at a time. */
export function vecMatT(n: i32, k: i32, a: usize, b: usize, csb: usize, c: usize, d: usize): void {
  const z = f32x4.splat(0);
  const last = k & 3, mask = laneMask(last);
  const end = a + (<usize>(k - last) << 2);
  for (let j = 0; j < n; j += 4) {
    const b1 = csb, b2 = csb + csb, b3 = b2 + csb;
    let s0 = z, s1 = z, s2 = z, s3 = z;
    let pa = a, pb = b;
    if (n - j < 4) return dots(n - j, last, end, a, b, csb, c, d);
    for (; pa < end; pa += 16) {
      const x = v128.load(pa);
      s0 = madd(x, v128.load(pb), s0);
      s1 = madd(x, v128.load(pb + b1), s1);
      s2 = madd(x, v128.load(pb + b2), s2);
      s3 = madd(x, v128.load(pb + b3), s3);
      pb += 16;
    }
    if (last) {
      const x = v128.and(v128.load(pa), mask);
      s0 = madd(x, v128.and(v128.load(pb), mask), s0);
      s1 = madd(x, v128.and(v128.load(pb + b1), mask), s1);
      s2 = madd(x, v128.and(v128.load(pb + b2), mask), s2);
      s3 = madd(x, v128.and(v128.load(pb + b3), mask), s3);
    }
    const s = hsum4(s0, s1, s2, s3);
    v128.store(c, d ? f32x4.add(s, v128.load(d)) : s);
    c += 16;
    if (d) d += 16;
    b += 4 * csb;
  }
}

// One dot product at a time, two sums wide: the last columns.
function dots(n: i32, last: i32, end: usize, a: usize, b: usize, csb: usize, c: usize, d: usize): void {
  for (; n > 0; n--) {
    let s = f32x4.splat(0), t = s;
    let pa = a, pb = b;
    for (; pa + 32 <= end; pa += 32) {
      s = madd(v128.load(pa), v128.load(pb), s);
      t = madd(v128.load(pa, 16), v128.load(pb, 16), t);
      pb += 32;
    }
    for (; pa < end; pa += 16) {
      s = madd(v128.load(pa), v128.load(pb), s);
      pb += 16;
    }
    const mask = laneMask(last);
    if (last) t = madd(v128.and(v128.load(pa), mask), v128.and(v128.load(pb), mask), t);
    const v = hsum(f32x4.add(s, t));
    store<f32>(c, d ? v + load<f32>(d) : v);
    c += 4;
    if (d) d += 4;
    b += csb;
  }
}
