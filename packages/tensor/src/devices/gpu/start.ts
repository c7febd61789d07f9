/** @file Starts and stops the GPU device: chooses the mode of GPU.js, registers the device. */
import { DeviceError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import { registerDevice, unregisterDevice } from "../../core/registry.js";
import { GpuDevice } from "./device.js";
import type { Backend, Mode, Scatter } from "./gpujs/backend.js";
import { type GpuJs, loadGpuJs } from "./gpujs/library.js";
import { startWebGl } from "./gpujs/webgl.js";
import { startWebGpu } from "./gpujs/webgpu.js";

const state = {
  running: null as GpuDevice | null,
  starting: null as Promise<GpuDevice> | null,
};

/** Which mode of GPU.js to run, and how. */
export interface GpuOptions {
  /** Default: WebGPU where there is an adapter, else WebGL2. */
  readonly mode?: Mode | undefined;
  /**
   * Whether matrix products on WebGPU use memory shared by a workgroup. Default: true, but false on
   * a software renderer, where the threads wait for each other longer than they save. WebGL2 has no
   * such memory.
   */
  readonly sharedMemory?: boolean | undefined;
  /**
   * How `segmentSum`, `indexAdd` and the gradients of `take` and `takeAlongAxis` sum at places.
   *
   * - `"sorted"` (default): by a table of sorted indices that the host makes, with the same bits in
   *   every run. Where the GPU computed the indices, each place looks at all of them.
   * - `"atomic"`: by atomic additions, as PyTorch's scatter_add on CUDA. Nothing is sorted, but the
   *   order of the terms, and so the last bits, differ from run to run. An error on WebGL2, which
   *   has no atomics.
   */
  readonly scatter?: Scatter | undefined;
}

/**
 * Starts the device "gpu" on GPU.js and registers it; if it runs already, returns it. Then write
 * `await x.to("gpu")` or `setDefaultDevice("gpu")`. Ops return at once; only a read waits, and on
 * WebGPU only `await x.data()` reads. All values are stored as float32: int32 is exact up to ±2²⁴,
 * beyond which a read throws; float64 stays on the CPU.
 *
 * @throws DeviceError when no mode, or not the given one, can start: it says what was tried; also
 * when the device already runs with other options. UsageError when an option has a wrong value.
 */
export async function startGpu(options?: GpuOptions): Promise<GpuDevice> {
  const chosen = given("startGpu", options, "mode sharedMemory? scatter");
  const { mode } = chosen;
  checkOption("mode", mode, ["webgpu", "webgl2"]);
  checkOption("scatter", chosen.scatter, ["sorted", "atomic"]);
  while (state.starting !== null) await state.starting.catch(() => undefined);
  if (state.running?.lost) await stopGpu();
  if (state.running !== null) {
    refuseChange(state.running, chosen);
    return state.running;
  }
  state.starting = start(mode === undefined ? ["webgpu", "webgl2"] : [mode], chosen);
  try {
    return await state.starting;
  } finally {
    state.starting = null;
  }
}

function checkOption(name: string, value: unknown, known: readonly unknown[]): void {
  if (value === undefined || known.includes(value)) return;
  const values = known.map((text) => `"${text}"`).join(" or ");
  throw new UsageError("startGpu", `${name} is ${shown(value)}`, `give ${values}`);
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
    "use a browser with WebGPU or WebGL2 switched on; in Node give navigator.gpu, as by the " +
      "package webgpu; the device cpu runs everywhere",
  );
}

/** Removes the device and frees all its kernels and buffers; its tensors are lost. */
export async function stopGpu(): Promise<void> {
  const device = state.running;
  if (device === null) return;
  state.running = null;
  unregisterDevice(device.name);
  await device.stop();
}
