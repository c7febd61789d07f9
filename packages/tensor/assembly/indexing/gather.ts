/** @file Reading at places given by int32 indices, which are checked before: take, takeAlongAxis, oneHot. */
import { bytes } from "../movement/copy";
import { place } from "./place";

/** The position of the first index outside of [low, n), or −1; low is 0, or −n where indices count from the end, too. */
export function checkIndices(count: i32, n: i32, low: i32, indices: usize): i32 {
  const least = i32x4.splat(low), limit = i32x4.splat(n - low);
  let i = 0;
  // as unsigned numbers, negative differences are large
  for (; i + 4 <= count; i += 4) {
    const x = i32x4.sub(v128.load(indices + (<usize>i << 2)), least);
    if (!i32x4.all_true(i32x4.lt_u(x, limit))) break;
  }
  for (; i < count; i++) if (load<u32>(indices + (<usize>i << 2)) - low >= <u32>(n - low)) return i;
  return -1;
}

// @ts-ignore: decorator
@inline function single<T>(outer: i32, n: i32, count: i32, indices: usize, x: usize, o: usize): void {
  for (; outer > 0; outer--) {
    let p = indices;
    const end = p + (<usize>count << 2);
    for (; p + 16 <= end; p += 16) {
      const a = load<T>(x + place(p, n) * sizeof<T>()), b = load<T>(x + place(p + 4, n) * sizeof<T>());
      const c = load<T>(x + place(p + 8, n) * sizeof<T>()), d = load<T>(x + place(p + 12, n) * sizeof<T>());
      store<T>(o, a);
      store<T>(o + sizeof<T>(), b);
      store<T>(o + 2 * sizeof<T>(), c);
      store<T>(o + 3 * sizeof<T>(), d);
      o += 4 * sizeof<T>();
    }
    for (; p < end; p += 4) {
      store<T>(o, load<T>(x + place(p, n) * sizeof<T>()));
      o += sizeof<T>();
    }
    x += <usize>n * sizeof<T>();
  }
}

/** o[a, i, :] = x[a, indices[i], :] for x of [outer, n, inner] elements of `size` bytes. */
export function take(outer: i32, n: i32, inner: i32, count: i32, indices: usize, x: usize, o: usize, size: i32): void {
  if (inner == 1 && size == 4) return single<u32>(outer, n, count, indices, x, o);
  if (inner == 1 && size == 8) return single<u64>(outer, n, count, indices, x, o);
  const row = <usize>(inner * size);
  for (; outer > 0; outer--) {
    let p = indices;
    for (const end = p + (<usize>count << 2); p < end; p += 4) {
      let q = x + place(p, n) * row;
      if ((row & 15) == 0 && row <= 512) {
        for (const stop = o + row; o < stop; o += 16) {
          v128.store(o, v128.load(q));
          q += 16;
        }
      } else {
        bytes(row, q, o);
        o += row;
      }
    }
    x += <usize>n * row;
  }
}

/** o[a, i, j] = x[a, indices[a, i, j], j] for indices of [outer, count, inner]; 4-byte elements. */
export function takeAlong(outer: i32, n: i32, inner: i32, count: i32, indices: usize, x: usize, o: usize): void {
  const row = <usize>inner << 2;
  for (; outer > 0; outer--) {
    for (let i = 0; i < count; i++) {
      for (let j: usize = 0; j < row; j += 4) {
        store<u32>(o, load<u32>(x + place(indices, n) * row + j));
        indices += 4;
        o += 4;
      }
    }
    x += <usize>n * row;
  }
}

/** o[i, indices[i]] = 1 for rows of `depth`, zero elsewhere. */
export function oneHot(count: i32, depth: i32, indices: usize, o: usize): void {
  const row = <usize>depth << 2;
  memory.fill(o, 0, <usize>count * row);
  for (; count > 0; count--) {
    store<f32>(o + (<usize>load<u32>(indices) << 2), 1);
    indices += 4;
    o += row;
  }
}
