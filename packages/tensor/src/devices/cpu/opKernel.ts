/**
 * @file What a kernel of the CPU device is: a function from operands in WASM memory to the address
 * of its result.
 */
import type { Donated, Inputs, Op, Operand, OperandsOf, Spec } from "../../core/contract.js";
import type { OpNames, OpOf } from "../../ops/families.js";
import type { Runtime } from "./runtime.js";

/** Says that a kernel does not serve these dtypes: the op's plain TypeScript runs instead. */
export const FALLBACK = -1;

/** Says that a kernel wrote its result over operand `i`, which was given away. */
export function over(i: number): number {
  return -2 - i;
}

/** The operand that a kernel wrote over; undefined for the address of a block of its own. */
export function overwritten(operands: readonly Operand[], result: number): Operand | undefined {
  return result < FALLBACK ? operands[-2 - result] : undefined;
}

/**
 * Computes one op. Returns the address of a new block for the result, `over(i)` when it wrote over
 * operand i, or FALLBACK. Never called with operands without elements.
 */
export type CpuKernel<A extends Inputs = Inputs, P = unknown> = {
  run(rt: Runtime, operands: OperandsOf<A>, attrs: P, spec: Spec, donated: Donated): number;
}["run"];

/** Computes an op of several results: the address of each, or null to fall back. */
export type CpuKernelMany<A extends Inputs = Inputs, P = unknown> = {
  run(
    rt: Runtime,
    operands: OperandsOf<A>,
    attrs: P,
    specs: readonly Spec[],
    donated: Donated,
  ): readonly number[] | null;
}["run"];

/** All that the device knows of one op. */
export interface OpKernel<A extends Inputs = Inputs, P = unknown> {
  readonly one?: CpuKernel<A, P>;
  /** For ops of several results, instead of `one`. */
  readonly many?: CpuKernelMany<A, P>;
  /**
   * Whether the kernel takes operand `i` with its strides; default: it takes none. True only where
   * the kernel computes, since the op's plain TypeScript ignores strides.
   */
  accepts?(operands: OperandsOf<A>, i: number): boolean;
}

/**
 * Kernels of a family by the names of its ops: another name, or a kernel of other inputs or
 * attributes, does not compile. Ops that are left out run in plain TypeScript.
 */
export type KernelsFor<M> = {
  readonly [K in OpNames<M>]?: OpOf<M, K> extends Op<infer A, infer P>
    ? CpuKernel<A, P> | OpKernel<A, P>
    : never;
};

declare module "../../core/contract.js" {
  interface OpKernels<A extends Inputs = Inputs, P = unknown> {
    /** The kernel for the CPU. */
    readonly cpu?: CpuKernel<A, P> | undefined;
    /** The same of an op of several results. */
    readonly cpuMany?: CpuKernelMany<A, P> | undefined;
  }
}
