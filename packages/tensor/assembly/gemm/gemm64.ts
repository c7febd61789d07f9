/** @file Matrix product in float64: two columns per vector, four rows at a time, any strides. For gradient checks and science. */

// @ts-ignore: decorator
@inline function pair(b: usize, csb: usize, wide: bool): v128 {
  const v = v128.load64_splat(b);
  return wide ? f64x2.replace_lane(v, 1, load<f64>(b + csb)) : v;
}

// @ts-ignore: decorator
@inline function put(c: usize, v: v128, wide: bool): void {
  if (wide) v128.store(c, v);
  else v128.store64_lane(c, v, 0);
}

/** C[m, n] = A·B; all strides in bytes, rows of C contiguous and `ldc` apart. */
export function gemmF64(m: i32, n: i32, k: i32, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
                        c: usize, ldc: usize): void {
  for (; m > 0; m -= 4) {
    // missing rows repeat the first: computed and thrown away
    const r1 = m > 1 ? rsa : <usize>0, r2 = m > 2 ? 2 * rsa : <usize>0, r3 = m > 3 ? 3 * rsa : <usize>0;
    for (let j = 0; j < n; j += 2) {
      const wide = j + 1 < n;
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let p = a, q = b + <usize>j * csb;
      for (let i = 0; i < k; i++) {
        const y = pair(q, csb, wide);
        s0 = f64x2.add(s0, f64x2.mul(v128.load64_splat(p), y));
        s1 = f64x2.add(s1, f64x2.mul(v128.load64_splat(p + r1), y));
        s2 = f64x2.add(s2, f64x2.mul(v128.load64_splat(p + r2), y));
        s3 = f64x2.add(s3, f64x2.mul(v128.load64_splat(p + r3), y));
        p += csa;
        q += rsb;
      }
      const o = c + (<usize>j << 3);
      put(o, s0, wide);
      if (m > 1) put(o + ldc, s1, wide);
      if (m > 2) put(o + 2 * ldc, s2, wide);
      if (m > 3) put(o + 3 * ldc, s3, wide);
    }
    a += 4 * rsa;
    c += 4 * ldc;
  }
}
