/** @file Public names of @isograd/tensor/gpu: starting and stopping the GPU device. */
import "./devices.js";
import "./methods.js";

export type { Scatter } from "../devices/gpu/backend.js";
export type { GpuDevice } from "../devices/gpu/device.js";
export type { Mode } from "../devices/gpu/gpujs.js";
export type { Counts } from "../devices/gpu/launcher.js";
export { type GpuOptions, startGpu, stopGpu } from "../devices/gpu/start.js";
