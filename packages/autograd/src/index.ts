/**
 * @file Derivatives of functions of tensors: gradients, Jacobians, Hessians, products with both,
 * and `vmap`, as functions of functions that can be nested. `loss.backward()` is there too. Use it
 * with any tree of tensors, a model of `@isograd/nn` among them.
 *
 * @example
 * const f = (x: Tensor) => x.pow(3).sum();
 * grad(f)(tensor([1, 2])).toArray(); // [3, 12]
 * grad((x: Tensor) => grad(f)(x).sum())(tensor([1, 2])).toArray(); // [6, 12]
 *
 * @see [Gradients](/guide/autograd)
 * @see [Ops of your own](/guide/custom-ops)
 */

// Gradients: derivatives of functions whose result is one number.

export { backward } from "./tape/backward.js";
export { type GradOptions, grad, valueAndGrad } from "./transforms/grad.js";
export { type Box, type GradOf, type HasParameters, parameterBoxes } from "./tree.js";

// Products and matrices: derivatives of functions with many results, forward and backward.

export {
  type HessianOf,
  hessian,
  hvp,
  type JacobianOptions,
  jacobian,
} from "./transforms/jacobian.js";
export { jvp, linearize, type Pushforward } from "./transforms/linearize.js";
export { type Pullback, vjp } from "./transforms/vjp.js";

// Batches: one function for one example, run on all of them.

export { type VmapOptions, vmap } from "./transforms/vmap.js";

// Recording: what is recorded for derivatives, and what is not.

export { checkpoint } from "./checkpoint/checkpoint.js";
export { isTracked, noGrad, requiresGrad, stopGradient } from "./transforms/recording.js";

// Ops of your own: derivatives given by hand, new ops, and ops from kernels written as functions.

export { type Called, customJvp, customVjp, type PerArgument } from "./transforms/custom.js";
export {
  defineKernelOp,
  type KernelFunction,
  type KernelOpDefinition,
  type KernelThis,
} from "./transforms/defineKernelOp.js";
export { type CustomOp, defineOp, type OpDefinition, type Seen } from "./transforms/defineOp.js";

// Checks and pictures: derivatives against differences, the first NaN, and the graph of a function.

export { detectAnomaly } from "./check/anomaly.js";
export { type CheckOptions, gradcheck, gradgradcheck } from "./check/gradcheck.js";
export { type PictureOptions, toDot, toMermaid, traceDot } from "./viz/graph.js";
export { summary } from "./viz/summary.js";
