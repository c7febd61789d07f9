/**
 * @file Checks of derivatives alone: the same functions as in `@isograd/autograd`, for tests that
 * import nothing else.
 *
 * @example
 * gradcheck((x) => x.sin(), [tensor([0.5, 2], { dtype: "float64" })]) < 1e-8; // true
 *
 * @see [Ops of your own](/guide/custom-ops)
 */

// Checks: derivatives against differences, and the first op that makes a NaN.

export { detectAnomaly } from "./anomaly.js";
export { type CheckOptions, gradcheck, gradgradcheck } from "./gradcheck.js";
