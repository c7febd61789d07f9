/** @file Packing for matmul: blocks of A and B copied into the order in which the tile reads them, padded with zeros. */
import { NR } from "./tile";

// Four rows of four elements, turned over: one column of the source per 16 bytes, `step` bytes apart at dst.
// @ts-ignore: decorator
@inline function turn4(src: usize, stride: usize, dst: usize, step: usize): void {
  const r0 = v128.load(src), r1 = v128.load(src + stride);
  const r2 = v128.load(src + 2 * stride), r3 = v128.load(src + 3 * stride);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(dst + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
  v128.store(dst + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
  v128.store(dst + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
}

// One step of k for `n` of `width` rows, the rest zero.
// @ts-ignore: decorator
@inline function edge(n: i32, width: i32, src: usize, stride: usize, dst: usize): void {
  for (let r = 0; r < n; r++) store<f32>(dst + (<usize>r << 2), load<f32>(src + <usize>r * stride));
  for (let r = n; r < width; r++) store<f32>(dst + (<usize>r << 2), 0);
}

/** m×k of A into panels of MR rows, 5 or 6. `rs` and `cs` are its row and column strides in bytes; any pair will do. */
export function packA(MR: i32, m: i32, k: i32, a: usize, rs: usize, cs: usize, dst: usize): void {
  for (let i = 0; i < m; i += MR) {
    const rows = min(MR, m - i);
    let q = a + <usize>i * rs;
    let p = 0;
    if (rows == MR && cs == 4) {
      for (; p + 4 <= k; p += 4) {
        turn4(q, rs, dst, MR << 2);
        for (let u: usize = 0; u < 4; u++) {
          store<f32>(dst + u * (MR << 2), load<f32>(q + 4 * rs + (u << 2)), 16);
          if (MR == 6) store<f32>(dst + u * (MR << 2), load<f32>(q + 5 * rs + (u << 2)), 20);
        }
        q += 16;
        dst += MR << 4;
      }
    } else if (rows == MR && rs == 4) {
      for (; p < k; p++) {
        v128.store(dst, v128.load(q));
        store<f32>(dst, load<f32>(q, 16), 16);
        if (MR == 6) store<f32>(dst, load<f32>(q, 20), 20);
        q += cs;
        dst += MR << 2;
      }
    }
    for (; p < k; p++) {
      edge(rows, MR, q, rs, dst);
      q += cs;
      dst += MR << 2;
    }
  }
}

/** k×n of B into panels of NR columns. */
export function packB(k: i32, n: i32, b: usize, rs: usize, cs: usize, dst: usize): void {
  for (let j = 0; j < n; j += NR) {
    const cols = min(NR, n - j);
    let q = b + <usize>j * cs;
    let p = 0;
    if (cols == NR && cs == 4) {
      for (; p < k; p++) {
        v128.store(dst, v128.load(q));
        v128.store(dst, v128.load(q, 16), 16);
        q += rs;
        dst += NR << 2;
      }
    } else if (cols == NR && rs == 4) {
      for (; p + 4 <= k; p += 4) {
        turn4(q, cs, dst, NR << 2);
        turn4(q + 4 * cs, cs, dst + 16, NR << 2);
        q += 16;
        dst += NR << 4;
      }
    }
    for (; p < k; p++) {
      edge(cols, NR, q, cs, dst);
      q += rs;
      dst += NR << 2;
    }
  }
}
