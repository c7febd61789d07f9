/** @file Public names of @isograd/autograd. */
export { detectAnomaly } from "./check/anomaly.js";
export { type CheckOptions, gradcheck, gradgradcheck } from "./check/gradcheck.js";
export { checkpoint } from "./checkpoint/checkpoint.js";
export { backward } from "./tape/backward.js";
export { type Called, customJvp, customVjp, type PerArgument } from "./transforms/custom.js";
export {
  defineKernelOp,
  type KernelFunction,
  type KernelOpDefinition,
  type KernelThis,
} from "./transforms/defineKernelOp.js";
export { type CustomOp, defineOp, type OpDefinition, type Seen } from "./transforms/defineOp.js";
export { type GradOptions, grad, valueAndGrad } from "./transforms/grad.js";
export {
  type HessianOf,
  hessian,
  hvp,
  type JacobianOptions,
  jacobian,
} from "./transforms/jacobian.js";
export { jvp, linearize, type Pushforward } from "./transforms/linearize.js";
export { isTracked, noGrad, requiresGrad, stopGradient } from "./transforms/recording.js";
export { type Pullback, vjp } from "./transforms/vjp.js";
export { type VmapOptions, vmap } from "./transforms/vmap.js";
export { type Box, type GradOf, type HasParameters, parameterBoxes } from "./tree.js";
export { type PictureOptions, toDot, toMermaid, traceDot } from "./viz/graph.js";
export { summary } from "./viz/summary.js";
