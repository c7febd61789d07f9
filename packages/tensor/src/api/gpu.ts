/** @file Public names of @isograd/tensor/gpu: starts and stops the GPU device. */
import "./devices.js";
import "./methods.js";

export type { GpuDevice } from "../devices/gpu/device.js";
export type { Mode, Scatter } from "../devices/gpu/gpujs/backend.js";
export type { Counts } from "../devices/gpu/gpujs/launcher.js";
export { type GpuOptions, startGpu, stopGpu } from "../devices/gpu/start.js";
