/** @file Sums of float64, int32 and bool tensors seen as [outer, n, inner], one element at a time. */

/** o = Σ x, elements of type T added up in type S. */
// @ts-ignore: decorator
@inline function add<T, S>(n: i32, x: usize, step: usize): S {
  let s: S = 0;
  for (; n > 0; n--) {
    s += <S>load<T>(x);
    x += step;
  }
  return s;
}

// @ts-ignore: decorator
@inline function fold<T, S>(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  const step = <usize>inner * sizeof<T>();
  for (; outer > 0; outer--) {
    for (let j = 0; j < inner; j++) {
      store<S>(o, add<T, S>(n, x + <usize>j * sizeof<T>(), step));
      o += sizeof<S>();
    }
    x += <usize>n * step;
  }
}

export function sumF64(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<f64, f64>(outer, n, inner, x, o);
}
export function sumI32(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<i32, i32>(outer, n, inner, x, o);
}
export function sumBool(outer: i32, n: i32, inner: i32, x: usize, o: usize): void {
  fold<u8, i32>(outer, n, inner, x, o);
}
