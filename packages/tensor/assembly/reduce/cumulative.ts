/** @file Running sums of float32 tensors seen as [outer, n, inner], over the middle axis, kept in float64. */
import { scratch } from "../lib/scratch";

const WIDTH: i32 = 2048;

export function cumulativeSum(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  const bytes = <usize>n * <usize>inner << 2;
  for (; outer > 0; outer--) {
    if (inner == 1) row(n, x, o);
    else for (let j = 0; j < inner; j += WIDTH) columns(n, min(WIDTH, inner - j), x + (<usize>j << 2), o + (<usize>j << 2), <usize>inner << 2);
    x += bytes;
    o += bytes;
  }
}

function row(n: i32, x: usize, o: usize): void {
  let s: f64 = -0.0; // −0 + x is x for every x, −0 included
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    s += load<f32>(x);
    store<f32>(o, <f32>s);
    o += 4;
  }
}

function columns(n: i32, w: i32, x: usize, o: usize, stride: usize): void {
  const totals = scratch(), bytes = <usize>w << 2;
  for (let j: usize = 0; j < bytes; j += 4) store<f64>(totals + (j << 1), -0.0);
  for (; n > 0; n--) {
    for (let j: usize = 0; j < bytes; j += 4) {
      const t = totals + (j << 1);
      const s = load<f64>(t) + load<f32>(x + j);
      store<f64>(t, s);
      store<f32>(o + j, <f32>s);
    }
    x += stride;
    o += stride;
  }
}
