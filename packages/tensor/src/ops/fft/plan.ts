/** @file The discrete Fourier transform of n complex numbers, for every n, in float64. @internal */

/**
 * Computes Σⱼ xⱼ e^(−2πi jk/n) in place, of real and imaginary parts. With the two exchanged it is
 * the inverse times n.
 */
export type Transform = (re: Float64Array, im: Float64Array) => void;

/** Lengths with a larger prime factor are computed by a convolution. */
const LONGEST = 31;
/** How many lengths are kept. */
const REMEMBERED = 16;

/** Calls `make` once for each length; the results of the lengths last used are kept. */
export function remembered<T>(make: (n: number) => T): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    const made = known.get(n) ?? make(n);
    known.delete(n);
    known.set(n, made);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value as number);
    return made;
  };
}

/** The transform of a length. */
export const transformOf: (n: number) => Transform = remembered((n) => {
  if (n === 1) return () => {};
  const radices = factors(n);
  return Math.max(...radices) > LONGEST ? bluestein(n) : mixed(n, radices);
});

/** Factors of n: 4 as often as it divides, then primes. */
function factors(n: number): number[] {
  const found: number[] = [];
  let rest = n;
  for (let p = 4; rest > 1; p = p === 4 ? 2 : p === 2 ? 3 : p + 2) {
    if (p * p > rest && p > 4) p = rest;
    while (rest % p === 0) {
      found.push(p);
      rest /= p;
    }
  }
  return found;
}

/**
 * Cosines and sines of −2πk/n for k < n; the angle is folded into an eighth of a turn, where they
 * are exact to the last bit.
 */
export function roots(n: number): { readonly cos: Float64Array; readonly sin: Float64Array } {
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const quarter = Math.floor((4 * k) / n);
    const rest = 4 * k - quarter * n;
    const far = 2 * rest > n;
    const angle = ((Math.PI / 2) * (far ? n - rest : rest)) / n;
    const [c, s] = far ? [Math.sin(angle), Math.cos(angle)] : [Math.cos(angle), Math.sin(angle)];
    const turned = [c, -s, -c, s];
    cos[k] = turned[quarter] as number;
    sin[k] = turned[(quarter + 1) % 4] as number;
  }
  return { cos, sin };
}

/** One pass of radix r: from (re, im) into (toRe, toIm), with n/r butterflies in m groups of s. */
interface Pass {
  readonly r: number;
  readonly m: number;
  readonly s: number;
}

type Buffers = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Stockham's transform: the passes put the numbers in order as they go. */
function mixed(n: number, radices: readonly number[]): Transform {
  const { cos, sin } = roots(n);
  const passes: Pass[] = [];
  let s = 1;
  for (const r of radices) {
    passes.push({ r, m: n / s / r, s });
    s *= r;
  }
  const own: [Float64Array, Float64Array] = [new Float64Array(n), new Float64Array(n)];
  return (re, im) => {
    let from: [Float64Array, Float64Array] = [re, im];
    let to = own;
    for (const pass of passes) {
      const run = pass.r === 4 ? radix4 : pass.r === 2 ? radix2 : anyRadix;
      run(pass, [...from, ...to], cos, sin);
      [from, to] = [to, from];
    }
    if (from === own) {
      re.set(own[0]);
      im.set(own[1]);
    }
  };
}

function radix2(
  { m, s }: Pass,
  [re, im, toRe, toIm]: Buffers,
  cos: Float64Array,
  sin: Float64Array,
) {
  for (let p = 0; p < m; p++) {
    const c = cos[p * s] as number;
    const d = sin[p * s] as number;
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      const j = i + s * m;
      const k = q + s * 2 * p;
      const ar = re[i] as number;
      const ai = im[i] as number;
      const br = re[j] as number;
      const bi = im[j] as number;
      toRe[k] = ar + br;
      toIm[k] = ai + bi;
      toRe[k + s] = (ar - br) * c - (ai - bi) * d;
      toIm[k + s] = (ar - br) * d + (ai - bi) * c;
    }
  }
}

function radix4(
  { m, s }: Pass,
  [re, im, toRe, toIm]: Buffers,
  cos: Float64Array,
  sin: Float64Array,
) {
  const step = s * m;
  for (let p = 0; p < m; p++) {
    const c1 = cos[p * s] as number;
    const d1 = sin[p * s] as number;
    const c2 = cos[2 * p * s] as number;
    const d2 = sin[2 * p * s] as number;
    const c3 = cos[3 * p * s] as number;
    const d3 = sin[3 * p * s] as number;
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      const k = q + s * 4 * p;
      const ar = re[i] as number;
      const ai = im[i] as number;
      const br = re[i + step] as number;
      const bi = im[i + step] as number;
      const cr = re[i + 2 * step] as number;
      const ci = im[i + 2 * step] as number;
      const dr = re[i + 3 * step] as number;
      const di = im[i + 3 * step] as number;
      const pr = ar + cr;
      const pi = ai + ci;
      const mr = ar - cr;
      const mi = ai - ci;
      const qr = br + dr;
      const qi = bi + di;
      const nr = bi - di; // −i(b − d)
      const ni = dr - br;
      toRe[k] = pr + qr;
      toIm[k] = pi + qi;
      toRe[k + s] = (mr + nr) * c1 - (mi + ni) * d1;
      toIm[k + s] = (mr + nr) * d1 + (mi + ni) * c1;
      toRe[k + 2 * s] = (pr - qr) * c2 - (pi - qi) * d2;
      toIm[k + 2 * s] = (pr - qr) * d2 + (pi - qi) * c2;
      toRe[k + 3 * s] = (mr - nr) * c3 - (mi - ni) * d3;
      toIm[k + 3 * s] = (mr - nr) * d3 + (mi - ni) * c3;
    }
  }
}

/** Sum by sum: b_j = w^(jp) Σ_k a_k e^(−2πi jk/r). */
function anyRadix(
  { r, m, s }: Pass,
  [re, im, toRe, toIm]: Buffers,
  cos: Float64Array,
  sin: Float64Array,
) {
  const n = cos.length;
  const turn = n / r;
  for (let p = 0; p < m; p++) {
    for (let j = 0; j < r; j++) {
      const c = cos[j * p * s] as number;
      const d = sin[j * p * s] as number;
      for (let q = 0; q < s; q++) {
        let x = 0;
        let y = 0;
        for (let k = 0, w = 0; k < r; k++, w = (w + j * turn) % n) {
          const i = q + s * (p + m * k);
          const ar = re[i] as number;
          const ai = im[i] as number;
          x += ar * (cos[w] as number) - ai * (sin[w] as number);
          y += ar * (sin[w] as number) + ai * (cos[w] as number);
        }
        const to = q + s * (r * p + j);
        toRe[to] = x * c - y * d;
        toIm[to] = x * d + y * c;
      }
    }
  }
}

/**
 * Bluestein's transform: jk = (j² + k² − (k − j)²)/2 makes it a convolution with the chirp e^(πi
 * k²/n), which a length of a power of two computes.
 */
function bluestein(n: number): Transform {
  const { cos, sin } = roots(2 * n);
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const convolve = transformOf(size);
  const at = (k: number) => (k * k) % (2 * n);
  const chirpRe = new Float64Array(size);
  const chirpIm = new Float64Array(size);
  for (let k = 0; k < n; k++) {
    const back = (size - k) % size;
    chirpRe[k] = chirpRe[back] = (cos[at(k)] as number) / size;
    chirpIm[k] = chirpIm[back] = -(sin[at(k)] as number) / size;
  }
  convolve(chirpRe, chirpIm);
  const a = new Float64Array(size);
  const b = new Float64Array(size);
  return (re, im) => {
    a.fill(0);
    b.fill(0);
    turnInto(a, b, re, im);
    convolve(a, b);
    for (let k = 0; k < size; k++) {
      const [x, y] = [a[k] as number, b[k] as number];
      a[k] = x * (chirpRe[k] as number) - y * (chirpIm[k] as number);
      b[k] = x * (chirpIm[k] as number) + y * (chirpRe[k] as number);
    }
    convolve(b, a);
    turnInto(re, im, a.subarray(0, n), b.subarray(0, n));
  };

  /** Writes x · e^(−πi k²/n). */
  function turnInto(toRe: Float64Array, toIm: Float64Array, x: Float64Array, y: Float64Array) {
    for (let k = 0; k < n; k++) {
      const c = cos[at(k)] as number;
      const d = sin[at(k)] as number;
      toRe[k] = (x[k] as number) * c - (y[k] as number) * d;
      toIm[k] = (x[k] as number) * d + (y[k] as number) * c;
    }
  }
}
