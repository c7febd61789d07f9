/**
 * @file Transforms of real numbers at half the cost: n of them are n/2 complex ones when n is even.
 *
 * @internal
 */
import { remembered, roots, type Transform, transformOf } from "./plan.js";

/** Xₖ = Σⱼ xⱼ e^(−2πi jk/n) for k = 0 … ⌊n/2⌋. */
export type RealTransform = (x: Float64Array, re: Float64Array, im: Float64Array) => void;
/** xⱼ = Re Σₖ Gₖ e^(2πi jk/n) over k = 0 … ⌊n/2⌋: the transpose of the former. */
export type RealTransposed = (re: Float64Array, im: Float64Array, x: Float64Array) => void;

/** The transform of n real numbers. */
export const realTransform: (n: number) => RealTransform = remembered((n) => {
  const bins = Math.floor(n / 2) + 1;
  if (n % 2 === 1) {
    const run = transformOf(n);
    const imaginary = new Float64Array(n);
    const real = new Float64Array(n);
    return (x, re, im) => {
      real.set(x);
      imaginary.fill(0);
      run(real, imaginary);
      re.set(real.subarray(0, bins));
      im.set(imaginary.subarray(0, bins));
    };
  }
  const h = n / 2;
  const run = transformOf(h);
  const { cos, sin } = roots(n);
  const zr = new Float64Array(h);
  const zi = new Float64Array(h);
  return (x, re, im) => {
    for (let j = 0; j < h; j++) {
      zr[j] = x[2 * j] as number;
      zi[j] = x[2 * j + 1] as number;
    }
    run(zr, zi);
    for (let k = 0; k <= h; k++) {
      const [i, j] = [k % h, (h - k) % h];
      // of the even numbers, and of the odd ones
      const er = ((zr[i] as number) + (zr[j] as number)) / 2;
      const ei = ((zi[i] as number) - (zi[j] as number)) / 2;
      const or = ((zi[i] as number) + (zi[j] as number)) / 2;
      const oi = ((zr[j] as number) - (zr[i] as number)) / 2;
      const [c, s] = [cos[k] as number, sin[k] as number];
      re[k] = er + or * c - oi * s;
      im[k] = ei + or * s + oi * c;
    }
  };
});

/** The transpose of the transform of n real numbers. */
export const realTransposed: (n: number) => RealTransposed = remembered((n) =>
  n % 2 === 1 ? oddTransposed(n, transformOf(n)) : evenTransposed(n, transformOf(n / 2)),
);

function oddTransposed(n: number, run: Transform): RealTransposed {
  const a = new Float64Array(n);
  const b = new Float64Array(n);
  return (re, im, x) => {
    a.fill(0);
    b.fill(0);
    a.set(re);
    b.set(im);
    run(b, a);
    x.set(a);
  };
}

/**
 * The Hermitian spectrum Y of x has Y₀ = Re G₀, Y_(n/2) = Re G_(n/2), and between them Yₖ = Gₖ/2.
 */
function evenTransposed(n: number, run: Transform): RealTransposed {
  const h = n / 2;
  const { cos, sin } = roots(n);
  const zr = new Float64Array(h);
  const zi = new Float64Array(h);
  return (re, im, x) => {
    for (let k = 0; k < h; k++) {
      const j = h - k; // Y_(k+h) is the conjugate of Y_(h−k)
      const half = k === 0 ? 1 : 0.5;
      const yr = (re[k] as number) * half;
      const yi = k === 0 ? 0 : (im[k] as number) / 2;
      const vr = (re[j] as number) * half;
      const vi = k === 0 ? 0 : -(im[j] as number) / 2;
      const [dr, di] = [yr - vr, yi - vi];
      const [c, s] = [cos[k] as number, -(sin[k] as number)];
      zr[k] = yr + vr - (dr * s + di * c);
      zi[k] = yi + vi + (dr * c - di * s);
    }
    run(zi, zr);
    for (let j = 0; j < h; j++) {
      x[2 * j] = zr[j] as number;
      x[2 * j + 1] = zi[j] as number;
    }
  };
}
