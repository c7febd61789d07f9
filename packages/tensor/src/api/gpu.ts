/**
 * @file Starts and stops the device "gpu", on WebGPU or WebGL2. After that tensors move to it and
 * back, and everything else stays as it is.
 *
 * @see [On a GPU](/guide/gpu)
 */
import "./devices.js";
import "./methods.js";

export type { GpuDevice } from "../devices/gpu/device.js";
export type { Mode, Scatter } from "../devices/gpu/gpujs/backend.js";
export type { Counts } from "../devices/gpu/gpujs/launcher.js";
export { type GpuOptions, startGpu, stopGpu } from "../devices/gpu/start.js";
