/**
 * @file The inside of the device "cpu", for those who compile programs for it: its memory, its
 * kernels, and which op runs which. It may change with every version.
 */
import "./devices.js";

export { kernelsByOp, LARGE } from "../devices/cpu/device.js";
export { type Core, CUTS, type MathKernels, ROW_KERNELS } from "../devices/cpu/exports.js";
export { moduleHeads } from "../devices/cpu/heads.js";
export type { Heap } from "../devices/cpu/heap.js";
export type { CpuKernelMany, OpKernel } from "../devices/cpu/opKernel.js";
export { materialize } from "../devices/cpu/ops/strideCopy.js";
export { crewRuntime, type Runtime, runtime } from "../devices/cpu/runtime.js";
export { type Along, type Cut, HEAVY } from "../devices/cpu/threads/cuts.js";
export { indexError } from "../ops/index/places.js";
