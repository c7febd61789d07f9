/** @file Transposing a matrix of 4-byte elements in 4×4 tiles, 32×32 at a time so that both sides use whole cache lines. */

const BLOCK: i32 = 32;

/** dst[i, j] = src[j, i] for m×n: rows of src are `ss` bytes apart (one per j), rows of dst `ds` (one per i). */
export function transpose(m: i32, n: i32, src: usize, ss: i32, dst: usize, ds: i32): void {
  for (let j = 0; j < n; j += BLOCK) {
    for (let i = 0; i < m; i += BLOCK) {
      block(min(BLOCK, m - i), min(BLOCK, n - j), src + j * ss + (i << 2), ss, dst + i * ds + (j << 2), ds);
    }
  }
}

function block(m: i32, n: i32, src: usize, ss: i32, dst: usize, ds: i32): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let p = src + (i << 2), q = dst + i * ds, j = 0;
    for (; j + 4 <= n; j += 4) {
      const r0 = v128.load(p), r1 = v128.load(p + ss), r2 = v128.load(p + 2 * ss), r3 = v128.load(p + 3 * ss);
      const t0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const t2 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<i32>(t0, t1, 0, 1, 4, 5));
      v128.store(q + ds, v128.shuffle<i32>(t0, t1, 2, 3, 6, 7));
      v128.store(q + 2 * ds, v128.shuffle<i32>(t2, t3, 0, 1, 4, 5));
      v128.store(q + 3 * ds, v128.shuffle<i32>(t2, t3, 2, 3, 6, 7));
      p += 4 * ss;
      q += 16;
    }
    for (; j < n; j++) {
      for (let k = 0; k < 4; k++) store<u32>(q + k * ds, load<u32>(p + (k << 2)));
      p += ss;
      q += 4;
    }
  }
  for (; i < m; i++) {
    let p = src + (i << 2), q = dst + i * ds;
    for (let j = 0; j < n; j++) {
      store<u32>(q, load<u32>(p));
      p += ss;
      q += 4;
    }
  }
}
