/** @file Public names of @isograd/tensor/gpu: starting and stopping the GPU device. */
import { DeviceError } from "../../errors.js";
import type { Device } from "../device.js";
import { registerDevice, unregisterDevice } from "../registry.js";
import type { Backend } from "./backend.js";
import { GpuDevice } from "./device.js";
import { type GpuJs, loadGpuJs, type Mode } from "./gpujs.js";
import { startWebGl } from "./webgl.js";
import { startWebGpu } from "./webgpu.js";

export type { GpuDevice } from "./device.js";
export type { Mode } from "./gpujs.js";
export type { Counts } from "./launcher.js";

const state = {
  running: null as GpuDevice | null,
  starting: null as Promise<GpuDevice> | null,
};

/** Which mode of GPU.js to run, and how. What is said of WebGPU has no effect on WebGL2. */
export interface GpuOptions {
  /** WebGPU where there is an adapter, else WebGL2, unless said. */
  readonly mode?: Mode;
  /**
   * Whether WebGPU's matrix products go through memory that a workgroup shares. They do unless the adapter is a software
   * renderer, where waiting for each other costs more than it saves.
   */
  readonly sharedMemory?: boolean;
}

/**
 * Starts the device "gpu" on GPU.js and registers it: then `await x.to("gpu")`, or
 * `setDefaultDevice("gpu")`. Ops are enqueued at once; only reading waits, and on WebGPU only
 * `await x.data()` can read. Everything is stored as float32: int32 is exact up to 2²⁴, float64
 * stays on the CPU. Started already: gives that device.
 *
 * @throws DeviceError when neither mode (or not the one asked for) is to be had, saying what was
 * tried.
 */
export async function startGpu(options: GpuOptions = {}): Promise<GpuDevice> {
  const { mode } = options;
  while (state.starting !== null) await state.starting.catch(() => undefined);
  if (state.running?.lost) await stopGpu();
  if (state.running !== null) {
    if (mode === undefined || mode === state.running.mode) return state.running;
    throw new DeviceError(
      "startGpu",
      `the device runs in ${state.running.mode} mode already`,
      "stop it first: await stopGpu()",
    );
  }
  state.starting = start(mode === undefined ? ["webgpu", "webgl2"] : [mode], options);
  try {
    return await state.starting;
  } finally {
    state.starting = null;
  }
}

async function start(modes: readonly Mode[], options: GpuOptions): Promise<GpuDevice> {
  const device = new GpuDevice(await choose(await loadGpuJs(), modes, options));
  registerDevice(device satisfies Device);
  state.running = device;
  return device;
}

async function choose(lib: GpuJs, modes: readonly Mode[], options: GpuOptions): Promise<Backend> {
  const tried: string[] = [];
  for (const mode of modes) {
    try {
      return mode === "webgpu" ? await startWebGpu(lib, options) : startWebGl(lib);
    } catch (error) {
      tried.push(`${mode}: ${error instanceof DeviceError ? error.problem : String(error)}`);
    }
  }
  throw new DeviceError(
    "startGpu",
    `no GPU mode can be started (${tried.join("; ")})`,
    "use a browser with WebGPU or WebGL2 switched on; in Node give navigator.gpu, as by the package webgpu; the device cpu runs everywhere",
  );
}

/** Frees every kernel and buffer and takes the device out; tensors on it are lost. */
export async function stopGpu(): Promise<void> {
  const device = state.running;
  if (device === null) return;
  state.running = null;
  unregisterDevice(device.name);
  await device.stop();
}
