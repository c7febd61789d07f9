/**
 * @file Special functions as text for GPU.js kernels, in float32: polynomials about their zeros,
 * fitted to a relative error of 10⁻⁷, and asymptotic series. Pure text.
 */
import { log1pOf, nan, polynomial } from "./pieces.js";

/** log Γ(2 + v)/v up to ½. */
const GAMMA = [
  0.422784328, 0.322467029, -0.06735228, 0.0205807462, -0.00738617172, 0.00289156637,
  -0.00118587655, 0.000502406736, -0.000253783917, 0.000120777622,
];
/** ψ(root + v)/v up to ½. */
const DIGAMMA = [
  0.967672229, -0.44276318, 0.25850001, -0.163942844, 0.107812583, -0.0721923038, 0.0489960015,
  -0.0332882181, 0.0211723037, -0.0144608105, 0.0152380681, -0.0104104048,
];
/** sin(πv)/v in v² up to ½. */
const SINE = [3.14159274, -5.16771269, 2.55016327, -0.59925133, 0.0820464268, -0.00702208187];
/** erf⁻¹(x)/x in w − 2.5, w = −log(1 − x²), up to 5; in √w − 3 beyond. */
const ERFINV = [
  1.50140941, 0.246640742, -0.00417767931, -0.00125372934, 0.000218577843, -4.38977759e-6,
  -3.52236202e-6, 3.43086384e-7, 2.79998922e-8,
];
const ERFINV_TAIL = [
  2.83297706, 1.00167453, 0.00943348557, -0.007630968, 0.00577513594, -0.00364096416, 0.00127111073,
  6.82215905e-5, -0.000143755722,
];

/** `const sinD` and `const cosD`: sine and cosine of πd for |d| ≤ ½. */
const turn = `
    const dd = d * d;
    const sinD = d * ${polynomial("dd", SINE)};
    const e = 0.5 - Math.abs(d);
    const ee = e * e;
    const cosD = e * ${polynomial("ee", SINE)};`;

/** `const d`: v less the nearest whole number, with sine and cosine of πd. */
const turnOf = (v: string): string => `
    const m = Math.floor(${v} + 0.5);
    const d = ${v} - m;
    ${turn}`;

/** 1/0, unless v is NaN, at a whole number v. */
const pole = (v: string): string => `1.0 / Math.abs(${v} - Math.floor(${v}))`;

const lgamma = `
    const a = Math.abs(x);
    if (!(a <= 3.4e38)) { return a; }
    if (x <= 0.0 && Math.floor(x) === x) { return ${pole("x")}; }
    const y = x <= -0.5 ? 1.0 - x : x;
    let v = y - 2.0;
    let l = 0.0;
    if (y < 0.5) {
      ${log1pOf("y", "p")}
      v = y;
      l = -p - Math.log(a);
    } else if (y < 1.5) {
      const u = y - 1.0;
      ${log1pOf("u", "q")}
      v = u;
      l = -q;
    } else if (y < 8.0) {
      let product = 1.0;
      for (let i = 0; i < 6; i++) {
        if (v > 0.5) {
          v = v - 1.0;
          product = product * (v + 2.0);
        }
      }
      l = Math.log(product);
    }
    l = l + v * ${polynomial("v", GAMMA)};
    if (y >= 8.0) {
      const w = 1.0 / y;
      const w2 = w * w;
      l = (y - 0.5) * Math.log(y) - y + 0.91893853
        + w * (0.083333333 - w2 * (0.0027777778 - w2 * 0.00079365079));
    }
    if (x <= -0.5) {
      ${turnOf("x")}
      return 1.1447299 - Math.log(Math.abs(sinD)) - l;
    }
    return l;`;

const digamma = `
    if (!(x >= 0.0 || x < 0.0)) { return x; }
    if (x === 0.0) { return -1.0 / x; }
    if (x > 3.4e38) { return x; }
    if (x < 0.0 && Math.floor(x) === x) { return ${nan("x")}; }
    const y = x < 0.0 ? 1.0 - x : x;
    let r = 0.0;
    if (y < 8.0) {
      let v = y;
      if (v < 0.96) {
        r = -1.0 / v;
        v = v + 1.0;
      }
      for (let i = 0; i < 7; i++) {
        if (v > 1.96) {
          v = v - 1.0;
          r = r + 1.0 / v;
        }
      }
      const h = (v - 1.4616241455078125) - 7.9994605e-6;
      r = r + h * ${polynomial("h", DIGAMMA)};
    } else {
      const w = 1.0 / y;
      const w2 = w * w;
      r = Math.log(y) - 0.5 * w - w2 * (0.083333333 - w2 * (0.0083333333 - w2 * 0.0039682540));
    }
    if (x < 0.0) {
      ${turnOf("x")}
      return r - 3.1415927 * cosD / sinD;
    }
    return r;`;

/** Bodies over x (and y). */
export const special = {
  // a step of Newton's after the drivers' power
  cbrt: `
    const a = Math.abs(x);
    if (!(a > 0.0 && a < 3.4e38)) { return x; }
    const r = Math.pow(a, 0.33333333);
    const s = r - (r - a / (r * r)) * 0.33333333;
    return x < 0.0 ? -s : s;`,
  exp2: "return x < 3.4e38 ? Math.pow(2.0, x) : x;",
  fmod: `
    const a = Math.abs(x);
    const b = Math.abs(y);
    if (a < b) { return x; }
    let r = a - Math.floor(a / b) * b;
    if (r < 0.0) { r = r + b; }
    if (r >= b) { r = r - b; }
    return x < 0.0 ? -r : r;`,
  sinc: `
    const a = Math.abs(x);
    if (a === 0.0) { return 1.0; }
    ${turnOf("a")}
    if (d === 0.0) { return 0.0; }
    const s = m - 2.0 * Math.floor(m * 0.5) > 0.5 ? -sinD : sinD;
    return s / (3.1415927 * a);`,
  lgamma,
  digamma,
  erfinv: `
    const a = Math.abs(x);
    if (!(a < 1.0)) { return a === 1.0 ? x / (1.0 - a) : ${nan("x")}; }
    const s = (1.0 - a) * (1.0 + a);
    const u = -a * a;
    ${log1pOf("u", "l")}
    if (s < 0.5) { l = Math.log(s); }
    const w = -l;
    if (w < 5.0) {
      const v = w - 2.5;
      return x * ${polynomial("v", ERFINV)};
    }
    const t = Math.sqrt(w) - 3.0;
    return x * ${polynomial("t", ERFINV_TAIL)};`,
  xlogy: `
    if (x === 0.0 && (y >= 0.0 || y < 0.0)) { return 0.0; }
    if (y === 0.0) { return x * (-1.0 / Math.abs(y)); }
    if (y < 0.0) { return ${nan("y")}; }
    if (!(y < 3.4e38)) { return x * y; }
    const u = y - 1.0;
    ${log1pOf("u", "l")}
    if (y < 0.6 || y > 1.6) { l = Math.log(y); }
    return x * l;`,
} as const;

/** A number as a float of the shader. */
const literal = (v: number): string => Math.max(-3e38, Math.min(3e38, v)).toExponential(9);

/** Coefficients of `πⁿ⁺¹ P(c)`, the n-th derivative of π cot(πx) in c = cot(πx). */
function cotangents(n: number): number[] {
  let p = [0, 1];
  for (let k = 0; k < n; k++) {
    p = Array.from({ length: p.length + 1 }, (_, i) => {
      const [before, after] = [p[i - 1] ?? 0, p[i + 1] ?? 0];
      return -(i - 1) * before - (i + 1) * after;
    });
  }
  return p.map((a) => a * Math.PI ** (n + 1));
}

const BERNOULLI = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600];

/** ψ⁽ⁿ⁾: n! times the sum of Euler and Maclaurin from n + 6 on. */
export function polygammaText(n: number): string {
  if (n === 0) return digamma;
  const s = n + 1;
  const power = Array.from({ length: n }, (_, k) => `(u * ${k + 1}.0)`).join(" * ");
  let rising = s;
  const tail = BERNOULLI.map((b, i) => {
    const c = b * rising;
    rising *= (s + 2 * i + 1) * (s + 2 * i + 2);
    return c;
  });
  const odd = n % 2 === 1;
  const c = cotangents(n).map(literal);
  return `
    if (!(x >= 0.0 || x < 0.0)) { return x; }
    if (x < -3.4e38) { return ${nan("x")}; }
    if (x <= 0.0 && Math.floor(x) === x) { return ${odd ? "" : "-"}${pole("x")}; }
    let v = x < 0.0 ? 1.0 - x : x;
    let u = 1.0 / v;
    let z = 0.0;
    for (let i = 0; i < ${n + 6}; i++) {
      if (v < ${n + 6}.0) {
        z = z + ${power} * u;
        v = v + 1.0;
        u = 1.0 / v;
      }
    }
    const w = u * u;
    z = z + ${power} * (${literal(1 / n)} + u * 0.5 + w * ${polynomial("w", tail)});
    const r = ${odd ? "z" : "-z"};
    if (x < 0.0) {
      ${turnOf("x")}
      const c = cosD / sinD;
      return ${odd ? "-r" : "r"} - ${c.reduceRight((sum, a) => `(${a} + c * ${sum})`)};
    }
    return r;`;
}

/** The n-th derivative of sinc, as `ops/special/sinc` has it. */
export function sincSlopeText(n: number): string {
  let steps = "";
  for (let k = 1; k <= n; k++) {
    steps += `
      const r${k} = (s - ${k}.0 * im) / z;
      im = (${k}.0 * re - c) / z;
      re = r${k};`;
  }
  const part = ["re", "-im", "-re", "im"][n % 4];
  return `
    const a = Math.abs(x);
    const z = 3.1415927 * x;
    ${turnOf("a")}
    const flip = m - 2.0 * Math.floor(m * 0.5) > 0.5 ? -1.0 : 1.0;
    const s = (x < 0.0 ? -flip : flip) * sinD;
    const c = flip * cosD;
    let re = 0.0;
    let im = 0.0;
    if (Math.abs(z) > ${n + 1}.0) {
      re = s / z;
      im = (1.0 - c) / z;${steps}
    } else {
      let p = ${literal(1 / (n + 1))};
      let q = 0.0;
      let b = ${n + 2}.0;
      for (let i = 0; i < ${16 + 2 * n}; i++) {
        re = re + p;
        im = im + q;
        const t = q * z / b;
        q = -p * z / b;
        p = t;
        b = b + 1.0;
      }
      const t0 = c * re - s * im;
      im = c * im + s * re;
      re = t0;
    }
    return ${literal(Math.PI ** n)} * (${part});`;
}
