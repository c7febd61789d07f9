/**
 * @file Functions of one and two numbers as text for GPU.js kernels, in float32. Drivers lose
 * digits in log, expm1 and tanh, and have no test for NaN, no literal for infinity and no power of
 * a negative number, so the texts do without. Pure text.
 */

import type { families } from "../../../nets/registry.js";
import type { OpNames } from "../../../ops/families.js";
import { inverse } from "./inverse.js";
import { log1pOf, nan, polynomial } from "./pieces.js";
import { special } from "./special.js";

/** `const <out> = tanh(v)`: (1 − e^(−2|v|)) / (1 + e^(−2|v|)), and a series near 0. */
function tanhOf(v: string, out: string): string {
  return `
    const ${out}S = ${v} * ${v};
    const ${out}N = ${v} * ${polynomial(`${out}S`, TANH)};
    const ${out}E = Math.exp(-2.0 * Math.abs(${v}));
    const ${out}Q = (1.0 - ${out}E) / (1.0 + ${out}E);
    const ${out} = Math.abs(${v}) < 0.25 ? ${out}N
      : (${v} < 0.0 ? -${out}Q : (${v} >= 0.0 ? ${out}Q : ${v}));`;
}
const TANH = [1.0, -0.33333333, 0.13333333, -0.053968254, 0.021869489];

/** `e^v − 1` by its series near 0. */
export const expm1Of = (v: string): string => `(Math.abs(${v}) < 0.35
      ? ${v} * (1.0 + ${v} * (0.5 + ${v} * (0.16666667 + ${v} * (0.041666667 + ${v} *
        (0.0083333333 + ${v} * (0.0013888889 + ${v} * 0.0001984127))))))
      : Math.exp(${v}) - 1.0)`;

/**
 * `const <out>A = |v|` and `const <out>C = erfc |v|`: t P(t) e^(−v²) for t = 1/(1 + 0.43 |v|), as
 * Abramowitz and Stegun 7.1.26, but with P fitted to a relative error of 10⁻⁷ up to |v| = 10.
 */
function erfcOf(v: string, out: string): string {
  return `
    const ${out}A = Math.abs(${v});
    const ${out}T = 1.0 / (1.0 + 0.43 * ${out}A);
    const ${out}C = ${out}T * ${polynomial(`${out}T`, ERFC)} * Math.exp(-${out}A * ${out}A);`;
}
const ERFC = [
  0.242519819, 0.244293783, 0.205472782, 0.245079719, -0.0823024479, 0.379885216, -0.308094398,
  0.0731455146,
];
/** `erf(v)/v` in v², fitted up to 1. */
const ERF = [
  1.12837917, -0.376126258, 0.112835852, -0.0268538123, 0.00518832812, -0.000801019571,
  7.85386353e-5,
];

/** `const p = Φ(x)`, the distribution function of the standard normal. */
const phi = `
    const v = x * 0.7071067811865476;
    ${erfcOf("v", "f")}
    const p = x >= 0.0 ? 1.0 - 0.5 * fC : 0.5 * fC;`;

/** `const s = 1/(1 + e^(−x))` without overflow. */
const logistic = `
    const e = Math.exp(-Math.abs(x));
    const s = (x >= 0.0 ? 1.0 : e) / (1.0 + e);`;

/**
 * `const s = σ(2u)` for geluTanh, u = √(2/π)(x + 0.044715x³): unlike 1 + tanh u, the sigmoid keeps
 * its digits for negative u.
 */
const cubic = `
    const v = 1.5957691216057308 * (x + 0.044715 * x * x * x);
    const e = Math.exp(-Math.abs(v));
    const s = (v >= 0.0 ? 1.0 : e) / (1.0 + e);`;

/**
 * `let s` and `let c`, sine and cosine of x: x minus a multiple of π/2 in three parts, then the
 * polynomials of Cephes' sinf and cosf. The drivers' own functions may be wrong by 2⁻¹¹. Beyond 10⁵
 * the subtraction leaves no digits, and the drivers' functions are used.
 */
const circular = `
    const q = Math.floor(x * 0.6366197723675814 + 0.5);
    const r = ((x - q * 1.5703125) - q * 0.0004837512969970703) - q * 7.549789948768648e-8;
    const z = r * r;
    const u = r + r * z * (-0.16666654611 + z * (0.0083321608736 - z * 0.00019515295891));
    const v = 1.0 - 0.5 * z + z * z *
      (0.04166664568298827 + z * (-0.001388731625493765 + z * 0.00002443315711809948));
    const h = q - 4.0 * Math.floor(q * 0.25);
    let s = u;
    let c = v;
    if (h === 1.0) { s = v; c = -u; }
    if (h === 2.0) { s = -u; c = -v; }
    if (h === 3.0) { s = -v; c = u; }
    if (Math.abs(x) > 3.0e38) { s = ${nan("x")}; c = s; }
    else if (Math.abs(x) > 100000.0) { s = Math.sin(x); c = Math.cos(x); }`;

type Unary = typeof families.unary;
type Binary = typeof families.binary;
type Slopes = typeof families.slopes;
type Special = typeof families.special;
type Names = OpNames<Unary> | OpNames<Binary> | OpNames<Slopes> | OpNames<Special>;
type Texts = { readonly [K in Names]?: string };

const texts = {
  ...inverse,
  ...special,
  // drivers give ∞ for the exponential of NaN
  exp: "return x < 3.4e38 ? Math.exp(x) : x;",
  sin: `${circular}
    return s;`,
  cos: `${circular}
    return c;`,
  tan: `${circular}
    return s / c;`,
  tanh: `${tanhOf("x", "t")}
    return t;`,
  log1p: `${log1pOf("x", "l")}
    return l;`,
  log: `
    if (x > 0.6 && x < 1.6) {
      const v = x - 1.0;
      ${log1pOf("v", "l")}
      return l;
    }
    if (x === 0.0) { return -1.0 / Math.abs(x); }
    if (x < 0.0) { return ${nan("x")}; }
    return x < 3.4e38 ? Math.log(x) : x;`,
  log2: `
    if (x === 0.0) { return -1.0 / Math.abs(x); }
    if (x < 0.0) { return ${nan("x")}; }
    return x < 3.4e38 ? Math.log2(x) : x;`,
  log10: `
    if (x === 0.0) { return -1.0 / Math.abs(x); }
    if (x < 0.0) { return ${nan("x")}; }
    return x < 3.4e38 ? Math.log2(x) * 0.30102999566398120 : x;`,
  expm1: `return x < 3.4e38 ? ${expm1Of("x")} : x;`,
  sinh: `
    const s = x * x;
    if (s < 0.25) {
      return x * (1.0 + s * (0.16666667 + s * (0.0083333333 + s * 0.0001984127)));
    }
    if (s < 1.0e38) {
      const e = Math.exp(x);
      return 0.5 * e - 0.5 / e;
    }
    return x;`,
  cosh: `
    const a = Math.abs(x);
    const e = Math.exp(a);
    return a < 1.0e38 ? 0.5 * e + 0.5 / e : a;`,
  asinh: `
    const a = Math.abs(x);
    if (a > 1.0e9) { return (x < 0.0 ? -1.0 : 1.0) * (Math.log(a) + 0.69314718); }
    const v = a + a * a / (1.0 + Math.sqrt(1.0 + a * a));
    ${log1pOf("v", "l")}
    return x < 0.0 ? -l : l;`,
  acosh: `
    if (x < 1.0) { return (x - x) / (x - x); }
    const d = x - 1.0;
    const v = d + Math.sqrt(d * (x + 1.0));
    ${log1pOf("v", "l")}
    return l;`,
  atanh: `
    const v = 2.0 * x / (1.0 - x);
    ${log1pOf("v", "l")}
    return 0.5 * l;`,
  erf: `${erfcOf("x", "f")}
    const z = x * x;
    return fA < 1.0 ? x * ${polynomial("z", ERF)} : (x < 0.0 ? fC - 1.0 : 1.0 - fC);`,
  sigmoid: `${logistic}
    return s;`,
  silu: `${logistic}
    return x < -100.0 ? 0.0 : x * s;`,
  sigmoidGrad: `
    const e = Math.exp(-Math.abs(x));
    return y * (e / ((1.0 + e) * (1.0 + e)));`,
  tanhGrad: `
    const e = Math.exp(-2.0 * Math.abs(x));
    return y * (4.0 * e / ((1.0 + e) * (1.0 + e)));`,
  siluGrad: `${logistic}
    if (Math.abs(x) > 100.0) { return x > 0.0 ? y : 0.0; }
    return y * (s + x * (e / ((1.0 + e) * (1.0 + e))));`,
  softplus: `
    const e = Math.exp(-Math.abs(x));
    ${log1pOf("e", "l")}
    return x > 0.0 ? x + l : (x <= 0.0 ? l : x);`,
  gelu: `${phi}
    return x < -14.0 ? 0.0 : x * p;`,
  geluGrad: `${phi}
    if (Math.abs(x) > 14.0) { return x > 0.0 ? y : 0.0; }
    return y * (p + x * 0.3989422804014327 * Math.exp(-0.5 * x * x));`,
  geluTanh: `${cubic}
    return x < -12.0 ? 0.0 : x * s;`,
  geluTanhGrad: `${cubic}
    if (Math.abs(x) > 12.0) { return x > 0.0 ? y : 0.0; }
    const slope = 1.5957691216057308 * (1.0 + 0.134145 * x * x);
    return y * (s + x * slope * (e / ((1.0 + e) * (1.0 + e))));`,
  round: `
    const f = Math.floor(x);
    const d = x - f;
    if (d > 0.5) { return f + 1.0; }
    if (d < 0.5) { return f; }
    return Math.floor(f * 0.5) * 2.0 === f ? f : f + 1.0;`,
  // whole powers by repeated squaring: exact where products are exact, and with the right sign
  pow: `
    const a = Math.abs(x);
    const n = Math.abs(y);
    if (x === 1.0 || y === 0.0) { return 1.0; }
    if (!(y >= 0.0 || y < 0.0)) { return y; }
    if (!(x >= 0.0 || x < 0.0)) { return x; }
    if (a === 1.0 && n > 3.4e38) { return 1.0; }
    if (Math.floor(n) === n && n < 64.0) {
      let r = 1.0;
      let b = x;
      let q = n;
      for (let i = 0; i < 6; i++) {
        const h = Math.floor(q * 0.5);
        if (q - 2.0 * h > 0.5) { r = r * b; }
        b = b * b;
        q = h;
      }
      return y < 0.0 ? 1.0 / r : r;
    }
    if (x === 0.0) { return y > 0.0 ? a : 1.0 / a; }
    if (x < 0.0 && Math.floor(n) !== n) { return ${nan("x")}; }
    const p = Math.pow(a, y);
    return x < 0.0 && n - 2.0 * Math.floor(n * 0.5) > 0.5 ? -p : p;`,
  hypot: `
    const a = Math.max(Math.abs(x), Math.abs(y));
    const b = Math.min(Math.abs(x), Math.abs(y));
    if (Math.abs(x) > 3.4e38) { return Math.abs(x); }
    if (Math.abs(y) > 3.4e38) { return Math.abs(y); }
    if (!(x >= 0.0 || x < 0.0)) { return x; }
    if (!(y >= 0.0 || y < 0.0)) { return y; }
    if (a > 0.0) {
      const q = b / a;
      return a * Math.sqrt(1.0 + q * q);
    }
    return x + y;`,
  logaddexp: `
    if (x === y) { return x + 0.6931471805599453; }
    const e = Math.exp(-Math.abs(x - y));
    ${log1pOf("e", "l")}
    return x > y ? x + l : (y > x ? y + l : x + y);`,
  // with ±∞ as NumPy: NaN for ∞ by a number, 0 or −1 for a number by ∞
  floorDivide: `
    if (Math.abs(x) > 3.4e38 && y !== 0.0) { return ${nan("x")}; }
    if (Math.abs(y) > 3.4e38 && x !== 0.0) {
      const p = x * y;
      return p < 0.0 ? -1.0 : (p > 0.0 ? 0.0 : p);
    }
    if (x === 0.0 && (y > 0.0 || y < 0.0)) { return y < 0.0 ? -x : x; }
    let q = Math.floor(x / y);
    const r = x - q * y;
    if (y > 0.0) {
      if (r < 0.0) { q = q - 1.0; }
      if (r >= y) { q = q + 1.0; }
    }
    if (y < 0.0) {
      if (r > 0.0) { q = q - 1.0; }
      if (r <= y) { q = q + 1.0; }
    }
    return q;`,
  // a division may be wrong by an ulp or two, so the quotient may be wrong by one
  mod: `
    if (Math.abs(y) > 3.4e38 && Math.abs(x) <= 3.4e38 && x !== 0.0) {
      return x < 0.0 === y < 0.0 ? x : y;
    }
    let r = x - Math.floor(x / y) * y;
    if (x === 0.0 && (y > 0.0 || y < 0.0)) { r = 0.0; }
    if (y > 0.0) {
      if (r < 0.0) { r = r + y; }
      else if (r >= y) { r = r - y; }
    } else {
      if (r > 0.0) { r = r + y; }
      else if (r <= y) { r = r - y; }
    }
    if (r === 0.0) { return y < 0.0 ? -Math.abs(r) : Math.abs(r); }
    return r;`,
  // where no comparison holds, one operand is NaN, and so is the sum
  maximum: "return x >= y ? x : (y > x ? y : x + y);",
  minimum: "return x <= y ? x : (y < x ? y : x + y);",
} satisfies Texts;

/** Bodies over x (and y) that return the function's value, by the name of the op. */
export const formulas: Readonly<Record<string, string>> = texts;
