/** @file Adding float32 values at places given by int32 indices, which are checked before: segmentSum, indexAdd, addAlongAxis. */
import { storeTail } from "../lib/simd";
import { place } from "./place";

/** o[a, indices[i], :] += x[a, i, :] for o of [outer, n, inner] and x of [outer, count, inner]. */
export function addAt(outer: i32, n: i32, inner: i32, count: i32, indices: usize, x: usize, o: usize): void {
  const row = <usize>inner << 2, whole = row & ~15, rest = inner & 3;
  for (; outer > 0; outer--) {
    let p = indices;
    const end = p + (<usize>count << 2);
    if (inner == 1) {
      for (; p < end; p += 4) {
        const q = o + (place(p, n) << 2);
        store<f32>(q, load<f32>(q) + load<f32>(x));
        x += 4;
      }
    } else {
      for (; p < end; p += 4) {
        let q = o + place(p, n) * row;
        for (const stop = q + whole; q < stop; q += 16) {
          v128.store(q, f32x4.add(v128.load(q), v128.load(x)));
          x += 16;
        }
        if (rest) {
          storeTail(q, f32x4.add(v128.load(q), v128.load(x)), rest);
          x += <usize>rest << 2;
        }
      }
    }
    o += <usize>n * row;
  }
}

/** o[a, indices[a, i, j], j] += x[a, i, j] for o of [outer, n, inner]. */
export function addAlong(outer: i32, n: i32, inner: i32, count: i32, indices: usize, x: usize, o: usize): void {
  const row = <usize>inner << 2;
  for (; outer > 0; outer--) {
    for (let i = 0; i < count; i++) {
      for (let j: usize = 0; j < row; j += 4) {
        const q = o + place(indices, n) * row + j;
        store<f32>(q, load<f32>(q) + load<f32>(x));
        indices += 4;
        x += 4;
      }
    }
    o += <usize>n * row;
  }
}

/** addAt in float64. */
export function addAtF64(outer: i32, n: i32, inner: i32, count: i32, indices: usize, x: usize, o: usize): void {
  const row = <usize>inner << 3;
  for (; outer > 0; outer--) {
    let p = indices;
    for (const end = p + (<usize>count << 2); p < end; p += 4) {
      let q = o + place(p, n) * row;
      for (const stop = q + row; q < stop; q += 8) {
        store<f64>(q, load<f64>(q) + load<f64>(x));
        x += 8;
      }
    }
    o += <usize>n * row;
  }
}

/** o[indices[i], :] += x[i, :] from zero, summed in float64 (at sums, n·inner numbers) and rounded once at the end. */
export function addAtExact(n: i32, inner: i32, count: i32, indices: usize, x: usize, sums: usize, o: usize): void {
  const size = <usize>n * <usize>inner, row = <usize>inner << 3;
  memory.fill(sums, 0, size << 3);
  for (const end = indices + (<usize>count << 2); indices < end; indices += 4) {
    let q = sums + place(indices, n) * row;
    for (const stop = q + row; q < stop; q += 8) {
      store<f64>(q, load<f64>(q) + <f64>load<f32>(x));
      x += 4;
    }
  }
  for (const end = sums + (size << 3); sums < end; sums += 8) {
    store<f32>(o, <f32>load<f64>(sums));
    o += 4;
  }
}
