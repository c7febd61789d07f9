/** @file where(condition, a, b) for 4-byte elements, broadcasting all three; and the casts that are worth a kernel. */

// One row: condition bytes `sc` apart (0 or 1), elements `sa` and `sb` apart (0 or 4).
function row(n: i32, c: usize, sc: i32, a: usize, sa: i32, b: usize, sb: i32, o: usize): void {
  if (sc == 1) {
    for (; n >= 4; n -= 4) {
      const byte = v128.load32_zero(c);
      const mask = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(byte)), i32x4.splat(0));
      const x = sa ? v128.load(a) : v128.load32_splat(a), y = sb ? v128.load(b) : v128.load32_splat(b);
      v128.store(o, v128.bitselect(x, y, mask));
      c += 4, o += 16;
      a += sa << 2, b += sb << 2;
    }
  }
  for (; n > 0; n--) {
    store<u32>(o, load<u8>(c) ? load<u32>(a) : load<u32>(b));
    c += sc, o += 4;
    a += sa, b += sb;
  }
}

/** `axes`: outermost first, five words an axis: its length, the byte strides of condition, a and b, a counter. */
export function where(rank: i32, axes: usize, c: usize, a: usize, b: usize, o: usize): void {
  const last = axes + <usize>((rank - 1) * 20);
  for (let p = axes; p < last; p += 20) store<i32>(p, 0, 16);
  const n = load<i32>(last);
  while (true) {
    row(n, c, load<i32>(last, 4), a, load<i32>(last, 8), b, load<i32>(last, 12), o);
    o += <usize>n << 2;
    let p = last;
    while (true) {
      if (p == axes) return;
      p -= 20;
      const at = load<i32>(p, 16) + 1;
      c += load<i32>(p, 4);
      a += load<i32>(p, 8);
      b += load<i32>(p, 12);
      if (at < load<i32>(p)) {
        store<i32>(p, at, 16);
        break;
      }
      store<i32>(p, 0, 16);
      c -= at * load<i32>(p, 4);
      a -= at * load<i32>(p, 8);
      b -= at * load<i32>(p, 12);
    }
  }
}

/** Truncates towards zero; NaN gives 0, and what does not fit the nearest int32. */
export function castF32I32(n: i32, x: usize, o: usize): void {
  for (; n > 0; n--) {
    store<i32>(o, i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load32_zero(x)), 0));
    x += 4, o += 4;
  }
}
export function castI32F32(n: i32, x: usize, o: usize): void {
  for (; n > 0; n--) {
    store<f32>(o, <f32>load<i32>(x));
    x += 4, o += 4;
  }
}
export function castBoolF32(n: i32, x: usize, o: usize): void {
  for (; n > 0; n--) {
    store<f32>(o, <f32>load<u8>(x));
    x += 1, o += 4;
  }
}
export function castF32Bool(n: i32, x: usize, o: usize): void {
  for (; n > 0; n--) {
    store<u8>(o, <u8>(load<f32>(x) != 0));
    x += 4, o += 1;
  }
}
