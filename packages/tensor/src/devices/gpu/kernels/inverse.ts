/**
 * @file Inverse circular functions as text for GPU.js kernels: the polynomials of Cephes' asinf and
 * atanf, because the drivers' functions have errors of 10⁻⁴. Pure text.
 */

/** Returns NaN, computed at run time, outside [−1, 1]. */
const OUTSIDE = "if (x > 1.0 || x < -1.0) { return (x - x) / (x - x); }";

/** `let s = asin(t)/t − 1` for z = t² up to ¼, a step of asin and acos. */
const series = `let s = z * (0.16666752422 + z * (0.074953002686 + z * (0.045470025998
      + z * (0.024181311049 + z * 0.042163199048))));`;

/** `let t` and `let u`, where asin |x| = u ± t: beyond ½ it is π/2 − 2 asin √((1 − |x|)/2). */
const arc = `
    const a = Math.abs(x);
    let z = a * a;
    let t = a;
    if (a > 0.5) {
      z = 0.5 * (1.0 - a);
      t = Math.sqrt(z);
    }
    ${series}
    t = t + t * s;`;

/** `let r = atan(v)` for v ≥ 0, up to ∞. */
const tangent = `
    let b = v;
    let r = 0.0;
    if (v > 2.414213562) { b = -1.0 / v; r = 1.5707963268; }
    else if (v > 0.4142135624) { b = (v - 1.0) / (v + 1.0); r = 0.7853981634; }
    const w = b * b;
    r = r + (b + b * w * (-0.333329491539 + w * (0.199777106478 + w * (-0.138776856032
      + w * 0.0805374449538))));`;

/** Bodies over x (and y). */
export const inverse = {
  asin: `${OUTSIDE}
    ${arc}
    if (a > 0.5) { t = 1.5707963268 - 2.0 * t; }
    return x < 0.0 ? -t : (x > 0.0 ? t : x);`,
  acos: `${OUTSIDE}
    ${arc}
    if (a > 0.5) { return x > 0.0 ? 2.0 * t : 3.1415926536 - 2.0 * t; }
    return x < 0.0 ? 1.5707963268 + t : (x >= 0.0 ? 1.5707963268 - t : x);`,
  atan: `
    if (!(x > 0.0 || x < 0.0)) { return x; }
    const v = Math.abs(x);
    ${tangent}
    return x < 0.0 ? -r : r;`,
  // drivers ignore the sign of a zero; for two infinities the angle is 45°
  atan2: `
    if (!(x >= 0.0 || x < 0.0)) { return x; }
    if (!(y >= 0.0 || y < 0.0)) { return y; }
    const below = y < 0.0 || (y === 0.0 && 1.0 / y < 0.0);
    if (x === 0.0) {
      if (below) { return 1.0 / x < 0.0 ? -3.1415927 : 3.1415927; }
      return x;
    }
    const p = Math.abs(x);
    const q = Math.abs(y);
    let v = 1.0;
    if (p < 3.4e38 || q < 3.4e38) { v = q === 0.0 ? 3.0e38 : p / q; }
    ${tangent}
    if (below) { r = 3.1415926536 - r; }
    return x < 0.0 ? -r : r;`,
} as const;
