/** @file Public names of @isograd/autograd/check. */
export { type CheckOptions, gradcheck, gradgradcheck } from "./gradcheck.js";
