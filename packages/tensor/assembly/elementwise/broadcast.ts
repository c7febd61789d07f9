/** @file Broadcasting: walks the axes of two operands and hands contiguous or repeated rows to a kernel of one row. */
import * as b from "./binary";
import * as c from "./compare";
import * as s from "./scalar";
import { scratch } from "../lib/scratch";

type Row = (n: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize) => void;

/** The row kernels by number. devices/cpu/exports.ts lists them in this order. */
const ROWS: StaticArray<Row> = [
  b.add, b.sub, b.mul, b.div, b.maximum, b.minimum, s.pow, s.atan2, s.mod, s.hypot,
  s.addF64, s.subF64, s.mulF64, s.divF64, s.maximumF64, s.minimumF64, s.addI32, s.subI32, s.mulI32,
  c.equal, c.notEqual, c.less, c.lessEqual, c.greater, c.greaterEqual,
  c.equalI32, c.notEqualI32, c.lessI32, c.lessEqualI32, c.greaterI32, c.greaterEqualI32,
  c.logicalAndBool, c.logicalOrBool, c.logicalXorBool,
];

// @ts-ignore: decorator
@inline function row(kernel: u32, n: i32, x: usize, sx: i32, y: usize, sy: i32, o: usize): void {
  call_indirect(kernel, n, x, sx, y, sy, o);
}

/**
 * o = f(a, b) over `rank` ≥ 2 axes. `axes` holds, outermost first, four words an axis: its length, the byte strides
 * of a and of b, and a counter. o is contiguous with elements of `size` bytes.
 */
export function broadcast(which: i32, rank: i32, axes: usize, x: usize, y: usize, o: usize, size: i32): void {
  const kernel = unchecked(ROWS[which]).index;
  const last = axes + (<usize>(rank - 1) << 4), second = last - 16;
  const plane = <usize>(load<i32>(second) * load<i32>(last) * size);
  for (let p = axes; p < second; p += 16) store<i32>(p, 0, 12);
  while (true) {
    rows(kernel, second, last, x, y, o, size);
    o += plane;
    let p = second;
    while (true) {
      if (p == axes) return;
      p -= 16;
      const at = load<i32>(p, 12) + 1;
      x += load<i32>(p, 4);
      y += load<i32>(p, 8);
      if (at < load<i32>(p)) {
        store<i32>(p, at, 12);
        break;
      }
      store<i32>(p, 0, 12);
      x -= at * load<i32>(p, 4);
      y -= at * load<i32>(p, 8);
    }
  }
}

// The two innermost axes.
function rows(kernel: u32, second: usize, last: usize, x: usize, y: usize, o: usize, size: i32): void {
  const m = load<i32>(second), rx = load<i32>(second, 4), ry = load<i32>(second, 8);
  const n = load<i32>(last), sx = load<i32>(last, 4), sy = load<i32>(last, 8);
  const step = n * size;
  // A short row repeated under a contiguous operand: written out a few times, it makes one long row of whole vectors.
  if (n < 64 && m >= 16 && sx == 4 && sy == 4) {
    if (ry == 0 && rx == n << 2) return tiled(kernel, m, n, x, y, o, step, false);
    if (rx == 0 && ry == n << 2) return tiled(kernel, m, n, y, x, o, step, true);
  }
  // A column under a narrow contiguous operand: each number written out n times makes long rows too.
  if (n < 12 && m >= 16 && size == 4) {
    if (sx == 4 && rx == n << 2 && sy == 0) return repeated(kernel, m, n, x, y, ry, o, false);
    if (sy == 4 && ry == n << 2 && sx == 0) return repeated(kernel, m, n, y, x, rx, o, true);
  }
  for (let i = 0; i < m; i++) {
    row(kernel, n, x, sx, y, sy, o);
    x += rx;
    y += ry;
    o += step;
  }
}

function tiled(kernel: u32, m: i32, n: i32, x: usize, short: usize, o: usize, step: i32, swap: bool): void {
  const times = min(m, (255 / n + 4) & ~3); // a multiple of four rows is a whole number of vectors
  const bytes = <usize>n << 2;
  const long = scratch();
  for (let t = 0; t < times; t++) memory.copy(long + <usize>t * bytes, short, bytes);
  for (; m > 0; m -= times) {
    const now = min(m, times) * n;
    if (swap) row(kernel, now, long, 4, x, 4, o);
    else row(kernel, now, x, 4, long, 4, o);
    x += <usize>now << 2;
    o += <usize>(times * step);
  }
}

function repeated(kernel: u32, m: i32, n: i32, x: usize, column: usize, step: i32, o: usize, swap: bool): void {
  const long = scratch();
  while (m > 0) {
    const now = min(m, 256);
    let p = long;
    for (let i = 0; i < now; i++) {
      const v = v128.load32_splat(column);
      for (let j = 0; j < n; j += 4) v128.store(p + (j << 2), v); // what spills over is overwritten next
      p += <usize>n << 2;
      column += step;
    }
    if (swap) row(kernel, now * n, long, 4, x, 4, o);
    else row(kernel, now * n, x, 4, long, 4, o);
    x += <usize>(now * n) << 2;
    o += <usize>(now * n) << 2;
    m -= now;
  }
}
