/**
 * @file Steps that are captured once and replayed as one program, with the same bits in less time.
 * Use it for a training step or a model that runs many times with the same shapes: small networks
 * gain most, because they spend their time between the ops.
 *
 * @example
 * const f = compile((x: Tensor) => x.mul(2).tanh().sum());
 * f(tensor([0, 1])).item().toFixed(3); // 0.964
 * f(tensor([1, 1])).item().toFixed(3); // 1.928
 *
 * @see [Compiled steps](/guide/compile)
 */

// Compiling: a function in, a function out, which says what its programs do.

export {
  type Compiled,
  type CompileOptions,
  compile,
  type GraphOptions,
  type PrintOptions,
} from "./compile.js";
export type { CompileStats, PassStats, ProgramStats } from "./stats.js";
