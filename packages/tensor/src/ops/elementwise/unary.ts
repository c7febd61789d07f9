/**
 * @file Elementwise functions of one tensor: name, scalar formula, domain. Knows no memory, device
 * or gradient.
 */
import { unary } from "../define/elementwise.js";
import {
  erfScalar,
  geluScalar,
  geluTanhScalar,
  roundHalfEven,
  sigmoidScalar,
  siluScalar,
  softplusScalar,
} from "../special/scalars.js";

const positive = { from: 0.2, to: 3 } as const;
const inside = { from: -0.9, to: 0.9 } as const;

/** `−x`, elementwise. */
export const neg = unary("neg", { scalar: (x) => -x, gpu: "return -x;", on: "same" });
/** `|x|`, elementwise. */
export const abs = unary("abs", { scalar: Math.abs, gpu: "return Math.abs(x);", on: "same" });
/** −1, 0 or 1; keeps the sign of zero and NaN. */
export const sign = unary("sign", {
  scalar: Math.sign,
  gpu: "return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : x);",
  on: "same",
});
/** `x²`, elementwise; integers wrap. */
export const square = unary("square", {
  scalar: (x) => x * x,
  whole: (x) => Math.imul(x, x),
  gpu: "return x * x;",
  on: "same",
});
/** `1/x`, elementwise. */
export const reciprocal = unary("reciprocal", {
  scalar: (x) => 1 / x,
  gpu: "return 1.0 / x;",
  samples: positive,
});
/** `√x`, elementwise; NaN below 0. */
export const sqrt = unary("sqrt", {
  scalar: Math.sqrt,
  gpu: "return Math.sqrt(x);",
  samples: positive,
});
/** `1/√x`, elementwise. */
export const rsqrt = unary("rsqrt", {
  scalar: (x) => 1 / Math.sqrt(x),
  gpu: "return 1.0 / Math.sqrt(x);",
  samples: positive,
});
/** `eˣ`, elementwise. */
export const exp = unary("exp", { scalar: Math.exp });
/** `eˣ − 1` without cancellation near 0. */
export const expm1 = unary("expm1", { scalar: Math.expm1 });
/** Natural logarithm, elementwise; −∞ at 0, NaN below. */
export const log = unary("log", {
  scalar: Math.log,
  samples: positive,
});
/** `log(1 + x)` without cancellation near 0. */
export const log1p = unary("log1p", {
  scalar: Math.log1p,
  samples: { from: -0.7, to: 3 },
});
/** Logarithm to base 2. */
export const log2 = unary("log2", { scalar: Math.log2, samples: positive });
/** Logarithm to base 10. */
export const log10 = unary("log10", { scalar: Math.log10, samples: positive });
/** Sine of x in radians. */
export const sin = unary("sin", { scalar: Math.sin });
/** Cosine of x in radians. */
export const cos = unary("cos", { scalar: Math.cos });
/** Tangent of x in radians. */
export const tan = unary("tan", {
  scalar: Math.tan,

  samples: { from: -1, to: 1 },
});
/** Inverse sine, in radians; NaN outside [−1, 1]. */
export const asin = unary("asin", { scalar: Math.asin, samples: inside });
/** Inverse cosine, in radians; NaN outside [−1, 1]. */
export const acos = unary("acos", { scalar: Math.acos, samples: inside });
/** Inverse tangent, in radians. */
export const atan = unary("atan", { scalar: Math.atan });
/** Hyperbolic sine. */
export const sinh = unary("sinh", { scalar: Math.sinh });
/** Hyperbolic cosine. */
export const cosh = unary("cosh", { scalar: Math.cosh });
/**
 * Hyperbolic tangent, elementwise.
 *
 * `tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)`; NaN stays NaN, ±∞ give ±1, the sign of zero is kept.
 *
 * @example
 * tanh(tensor([0, 1])).toString(); // Tensor(float32, [2]) [0, 0.7616]
 */
export const tanh = unary("tanh", {
  scalar: Math.tanh,
});
/** Inverse hyperbolic sine. */
export const asinh = unary("asinh", { scalar: Math.asinh });
/** Inverse hyperbolic cosine; NaN below 1. */
export const acosh = unary("acosh", {
  scalar: Math.acosh,
  samples: { from: 1.2, to: 3 },
});
/** Inverse hyperbolic tangent. */
export const atanh = unary("atanh", { scalar: Math.atanh, samples: inside });
/** Error function, `2/√π ∫₀ˣ e^(−t²) dt`. Source: Abramowitz and Stegun 7.1.6 and 7.1.14. */
export const erf = unary("erf", { scalar: erfScalar });
/** Logistic function, `1/(1 + e^(−x))`. */
export const sigmoid = unary("sigmoid", { scalar: sigmoidScalar });
/** `max(x, 0)`; the derivative at 0 is 0. */
export const relu = unary("relu", {
  scalar: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  gpu: "return x > 0.0 ? x : (x <= 0.0 ? 0.0 : x);",
  on: "same",
});
/** Gaussian error linear unit, `x Φ(x)`, exact. Source: arXiv 1606.08415. */
export const gelu = unary("gelu", { scalar: geluScalar });
/** GELU by its tanh approximation, `x/2 (1 + tanh(√(2/π)(x + 0.044715 x³)))`. */
export const geluTanh = unary("geluTanh", { scalar: geluTanhScalar });
/** `x · sigmoid(x)`, also called swish. */
export const silu = unary("silu", { scalar: siluScalar });
/** `log(1 + eˣ)` without overflow. */
export const softplus = unary("softplus", { scalar: softplusScalar });
/** Largest whole number not above x. No gradient. */
export const floor = unary("floor", {
  scalar: Math.floor,
  gpu: "return Math.floor(x);",
  on: "same",
});
/** Smallest whole number not below x. No gradient. */
export const ceil = unary("ceil", { scalar: Math.ceil, gpu: "return Math.ceil(x);", on: "same" });
/** Nearest whole number, halves to even. No gradient. */
export const round = unary("round", { scalar: roundHalfEven, on: "same" });
/** Towards zero. No gradient. */
export const trunc = unary("trunc", {
  scalar: Math.trunc,
  gpu: "return x < 0.0 ? Math.ceil(x) : Math.floor(x);",
  on: "same",
});
