/**
 * @file What a kernel of the CPU device is: a function from inputs in WASM memory to the address of
 * its result.
 */
import type { Tensor } from "../../tensor.js";
import type { Spec } from "../device.js";
import type { Runtime } from "./runtime.js";

/** Says that a kernel does not serve these dtypes: the op's plain TypeScript runs instead. */
export const FALLBACK = -1;

/**
 * Computes one op. Returns the address of a new block for the result, the address of the first
 * input when it worked in place, or FALLBACK. Never called with empty tensors.
 */
export type CpuKernel = (
  rt: Runtime,
  inputs: readonly Tensor[],
  attrs: unknown,
  spec: Spec,
) => number;

/** Computes an op of several results: the address of each, or null to fall back. */
export type CpuKernelMany = (
  rt: Runtime,
  inputs: readonly Tensor[],
  attrs: unknown,
  specs: readonly Spec[],
) => readonly number[] | null;
