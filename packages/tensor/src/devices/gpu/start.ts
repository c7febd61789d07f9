/** @file Public names of @isograd/tensor/gpu: starting and stopping the GPU device. */
import { DeviceError, UsageError } from "../../base/errors.js";
import { registerDevice, unregisterDevice } from "../../core/registry.js";

import type { Backend, Scatter } from "./backend.js";
import { GpuDevice } from "./device.js";
import { type GpuJs, loadGpuJs, type Mode } from "./gpujs.js";
import { startWebGl } from "./webgl.js";
import { startWebGpu } from "./webgpu.js";

const state = {
  running: null as GpuDevice | null,
  starting: null as Promise<GpuDevice> | null,
};

/** Which mode of GPU.js to run, and how. */
export interface GpuOptions {
  /** WebGPU where there is an adapter, else WebGL2, unless said. */
  readonly mode?: Mode;
  /**
   * Whether WebGPU's matrix products go through memory that a workgroup shares. They do unless the
   * adapter is a software renderer, where waiting for each other costs more than it saves. WebGL2
   * has no such memory.
   */
  readonly sharedMemory?: boolean;
  /**
   * How `segmentSum`, `indexAdd` and the gradients of `take` and `takeAlongAxis` sum at places.
   * `"sorted"`, unless said: by a table of sorted indices made on the host, with the same bits at
   * every run; indices made on the GPU are all looked at for each place. `"atomic"`: by atomic
   * additions, as PyTorch's scatter_add on CUDA; nothing is sorted, but the order of the terms, and
   * with it the last bits, is another at every run. WebGL2 has no atomics: there it is an error.
   */
  readonly scatter?: Scatter;
}

/**
 * Starts the device "gpu" on GPU.js and registers it: then `await x.to("gpu")`, or
 * `setDefaultDevice("gpu")`. Ops are enqueued at once; only reading waits, and on WebGPU only
 * `await x.data()` can read. Everything is stored as float32: int32 is exact up to 2²⁴, float64
 * stays on the CPU. Started already: gives that device.
 *
 * @throws DeviceError when neither mode (or not the one asked for) is to be had, saying what was
 * tried, and when the device runs already in another way than asked for; UsageError when an option
 * is not one of its values.
 */
export async function startGpu(options: GpuOptions = {}): Promise<GpuDevice> {
  const { mode } = options;
  checkOption("mode", mode, ["webgpu", "webgl2"]);
  checkOption("scatter", options.scatter, ["sorted", "atomic"]);
  while (state.starting !== null) await state.starting.catch(() => undefined);
  if (state.running?.lost) await stopGpu();
  if (state.running !== null) {
    refuseChange(state.running, options);
    return state.running;
  }
  state.starting = start(mode === undefined ? ["webgpu", "webgl2"] : [mode], options);
  try {
    return await state.starting;
  } finally {
    state.starting = null;
  }
}

function checkOption(name: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || known.includes(value as string)) return;
  const values = known.map((text) => `"${text}"`).join(" or ");
  throw new UsageError("startGpu", `${name} is ${JSON.stringify(value)}`, `give ${values}`);
}

function refuseChange(running: GpuDevice, { mode, scatter }: GpuOptions): void {
  const other =
    mode !== undefined && mode !== running.mode
      ? `in ${running.mode} mode`
      : scatter !== undefined && scatter !== running.scatter && `with scatter "${running.scatter}"`;
  if (other === false) return;
  const help = 'stop it first: await stopGpu() of "@isograd/tensor/gpu"';
  throw new DeviceError("startGpu", `the device runs ${other} already`, help);
}

async function start(modes: readonly Mode[], options: GpuOptions): Promise<GpuDevice> {
  const device = new GpuDevice(await choose(await loadGpuJs(), modes, options));
  registerDevice(device);
  state.running = device;
  return device;
}

async function choose(lib: GpuJs, modes: readonly Mode[], options: GpuOptions): Promise<Backend> {
  const tried: string[] = [];
  for (const mode of modes) {
    try {
      if (mode === "webgpu") return await startWebGpu(lib, options);
      if (options.scatter !== "atomic") return startWebGl(lib);
      tried.push('webgl2: it has no atomics, which scatter: "atomic" asks for');
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
