/** @file Adding windows up where they came from: the transpose of copying them side by side. */

/**
 * Adds planes of windows [kernel height, kernel width, rows, columns], one after another at x, to planes of `plane`
 * bytes at o. Steps in bytes inside a plane: `ki`, `kj` from place to place of a window, `sr`, `sc` from window to
 * window. All places must lie inside of the plane.
 */
// @ts-ignore: decorator
@inline function fold<T>(
  planes: i32, kh: i32, kw: i32, rows: i32, columns: i32,
  plane: i32, ki: i32, kj: i32, sr: i32, sc: i32, x: usize, o: usize,
): void {
  for (; planes > 0; planes--) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        let to = o + i * ki + j * kj;
        for (let r = 0; r < rows; r++) {
          line<T>(columns, x, to, sc);
          x += <usize>columns * sizeof<T>();
          to += sr;
        }
      }
    }
    o += plane;
  }
}

// @ts-ignore: decorator
@inline function line<T>(n: i32, x: usize, o: usize, step: i32): void {
  const end = x + <usize>n * sizeof<T>();
  if (step == sizeof<T>()) {
    for (; x + 16 <= end; x += 16) {
      if (sizeof<T>() == 4) v128.store(o, f32x4.add(v128.load(o), v128.load(x)));
      else v128.store(o, f64x2.add(v128.load(o), v128.load(x)));
      o += 16;
    }
  }
  for (; x < end; x += sizeof<T>()) {
    store<T>(o, load<T>(o) + load<T>(x));
    o += step;
  }
}

export function foldF32(
  planes: i32, kh: i32, kw: i32, rows: i32, columns: i32,
  plane: i32, ki: i32, kj: i32, sr: i32, sc: i32, x: usize, o: usize,
): void {
  fold<f32>(planes, kh, kw, rows, columns, plane, ki, kj, sr, sc, x, o);
}
export function foldF64(
  planes: i32, kh: i32, kw: i32, rows: i32, columns: i32,
  plane: i32, ki: i32, kj: i32, sr: i32, sc: i32, x: usize, o: usize,
): void {
  fold<f64>(planes, kh, kw, rows, columns, plane, ki, kj, sr, sc, x, o);
}
