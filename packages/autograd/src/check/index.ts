/** @file Public names of @isograd/autograd/check. */
export { detectAnomaly } from "./anomaly.js";
export { type CheckOptions, gradcheck, gradgradcheck } from "./gradcheck.js";
