/** @file Group numbers of GPart's "feistel-v1": a keyed bijection by cycle walking, sixteen entries at a time. */
import { scratch } from "../lib/scratch";

/** Entries that walk together; their blocks and places lie in the scratch. */
const CHUNK: i32 = 2048;
const ROUNDS: usize = 8;

/** The top bits of mix32(x + key), which the last step of mix32 leaves as they are. */
// @ts-ignore: decorator
@inline function mixed(x: v128, key: v128, shift: i32): v128 {
  let h = i32x4.add(x, key);
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return i32x4.shr_u(h, shift);
}

/** Sends `count` blocks, rounded up to sixteen, through the network. */
function turn(blocks: usize, count: i32, half: i32, keys: usize): void {
  const mask = i32x4.splat((1 << half) - 1), shift = 32 - half;
  for (const end = blocks + (<usize>count << 2); blocks < end; blocks += 64) {
    const a = v128.load(blocks), b = v128.load(blocks, 16);
    const c = v128.load(blocks, 32), d = v128.load(blocks, 48);
    let la = i32x4.shr_u(a, half), lb = i32x4.shr_u(b, half);
    let lc = i32x4.shr_u(c, half), ld = i32x4.shr_u(d, half);
    let ra = v128.and(a, mask), rb = v128.and(b, mask);
    let rc = v128.and(c, mask), rd = v128.and(d, mask);
    for (let key = keys; key < keys + 4 * ROUNDS; key += 8) {
      const even = v128.load32_splat(key), odd = v128.load32_splat(key, 4);
      la = v128.xor(la, mixed(ra, even, shift));
      lb = v128.xor(lb, mixed(rb, even, shift));
      lc = v128.xor(lc, mixed(rc, even, shift));
      ld = v128.xor(ld, mixed(rd, even, shift));
      ra = v128.xor(ra, mixed(la, odd, shift));
      rb = v128.xor(rb, mixed(lb, odd, shift));
      rc = v128.xor(rc, mixed(lc, odd, shift));
      rd = v128.xor(rd, mixed(ld, odd, shift));
    }
    v128.store(blocks, v128.or(i32x4.shl(la, half), ra));
    v128.store(blocks, v128.or(i32x4.shl(lb, half), rb), 16);
    v128.store(blocks, v128.or(i32x4.shl(lc, half), rc), 32);
    v128.store(blocks, v128.or(i32x4.shl(ld, half), rd), 48);
  }
}

/** o[k] = π(from + k), k < count ≤ CHUNK. What is still outside of [0, n) walks on, packed tight. */
function walk(count: i32, from: i32, n: u32, half: i32, keys: usize, o: usize): void {
  const blocks = scratch(), places = blocks + (<usize>CHUNK << 2);
  for (let k = 0; k < count; k++) {
    store<i32>(blocks + (<usize>k << 2), from + k);
    store<u16>(places + (<usize>k << 1), k);
  }
  for (let left = count; left > 0; ) {
    turn(blocks, left, half, keys);
    let outside = 0;
    for (let k = 0; k < left; k++) {
      const block = load<u32>(blocks + (<usize>k << 2)), place = load<u16>(places + (<usize>k << 1));
      store<u32>(o + (<usize>place << 2), block);
      store<u32>(blocks + (<usize>outside << 2), block);
      store<u16>(places + (<usize>outside << 1), place);
      outside += <i32>(block >= n);
    }
    left = outside;
  }
}

/** o[k] = π(from + k) mod d, with the eight keys of π at `keys`, for n < 2³¹. */
export function feistel(count: i32, from: i32, n: u32, half: i32, d: u32, keys: usize, o: usize): void {
  // x / d for x < 2³¹ by a product: with 2^(l−1) < d ≤ 2^l, ⌊x·(⌊2^(31+l)/d⌋ + 1) / 2^(31+l)⌋ (Granlund & Montgomery 1994)
  const shift = <u64>(63 - clz<u32>(d - 1)), factor = (<u64>1 << shift) / d + 1;
  for (; count > 0; count -= CHUNK) {
    const some = min(count, CHUNK);
    walk(some, from, n, half, keys, o);
    for (const end = o + (<usize>some << 2); o < end; o += 4) {
      const x = load<u32>(o);
      store<u32>(o, x - <u32>((<u64>x * factor) >> shift) * d);
    }
    from += CHUNK;
  }
}
