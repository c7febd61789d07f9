/**
 * @file Logarithm and exponential by + − × ÷ and integer arithmetic only: the same bits on every
 * platform, where `Math.log` and `Math.exp` may differ in the last bit. Knows no tensor.
 */

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
const TOP = new Uint8Array(new Int32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Natural logarithm of a positive normal number, within 1 ulp: the algorithm of fdlibm's `e_log.c`
 * (Sun Microsystems 1993). `Math.log` may differ between engines in the last bit.
 */
export function log(x: number): number {
  // x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2.
  double[0] = x;
  const top = halves[TOP] as number;
  const shift = ((top & 0xfffff) + 0x95f64) & 0x100000;
  halves[TOP] = (top & 0xfffff) | (shift ^ 0x3ff00000);
  const k = (top >> 20) - 1023 + (shift >> 20);
  const f = double[0] - 1;
  // log(1 + f) = 2s + s·R(s²) with s = f / (2 + f), R a minimax polynomial.
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  // ln 2 in two parts, so that k times the first is exact.
  return (
    k * 0.6931471803691238 - (half - (s * (half + even + odd) + k * 1.9082149292705877e-10) - f)
  );
}

/**
 * eˣ within 1 ulp, 0 below −745.2 and ∞ above 709.8: the algorithm of fdlibm's `e_exp.c` (Sun
 * Microsystems 1993). `Math.exp` may differ between engines in the last bit.
 */
export function exp(x: number): number {
  if (!(x > -746)) return Number.isNaN(x) ? x : 0;
  if (x > 710) return Infinity;
  // x = k ln 2 + r with |r| ≤ ½ ln 2, in two parts: r = high − low.
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * 0.6931471803691238;
  const low = k * 1.9082149292705877e-10;
  const r = high - low;
  // eʳ = 1 + 2r / (R(r²) − r); R(z) = 2 + z/6 − …, a minimax polynomial.
  const z = r * r;
  const tail =
    -0.0027777777777015593 +
    z * (6.613756321437934e-5 + z * (-1.6533902205465252e-6 + z * 4.1381367970572385e-8));
  const c = r - z * (0.16666666666666602 + z * tail);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  const half = k >> 1; // 2ᵏ alone may overflow, or lose the bits of a subnormal number
  return y * power(half) * power(k - half);
}

/** 2ᵏ for a normal number. */
function power(k: number): number {
  halves[TOP] = (k + 1023) << 20;
  halves[1 - TOP] = 0;
  return double[0] as number;
}

/** log(1 + x) for x ≥ −1, accurate near 0: Kahan's correction of what rounding did to 1 + x. */
export function log1p(x: number): number {
  const y = 1 + x;
  if (y === 0) return -Infinity;
  return y === 1 ? x : log(y) * (x / (y - 1));
}

const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880];

/** log k! of a whole number: by Stirling's series from 10 on. */
export function logFactorial(k: number): number {
  const small = factorials[k];
  if (small !== undefined) return log(small);
  const n = k + 1;
  const z = 1 / (n * n);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680)))) / n;
  return (n - 0.5) * log(n) - n + 0.9189385332046728 + series;
}
