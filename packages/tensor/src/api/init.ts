/**
 * @file Starting devices: the CPU's choice of kernels and threads, and the GPU, whose code is
 * loaded only here.
 */
import { UsageError } from "../base/errors.js";
import { given, noMore, shown } from "../base/options.js";
import { context, isDevelopment } from "../core/context.js";
import type { CpuOptions, InitResult } from "../devices/cpu/options.js";
import { initCpu } from "../devices/cpu/runtime.js";
import type { GpuDevice } from "../devices/gpu/device.js";
import type { GpuOptions } from "../devices/gpu/start.js";

/** Options of {@link init}. */
export interface InitOptions extends CpuOptions {
  /**
   * Whether every op looks if the list `x.shape` of an operand was written to, which types forbid;
   * the op then throws instead of reading beyond the tensor's memory. Default: on, unless
   * `process.env.NODE_ENV` is "production".
   */
  readonly checks?: boolean | undefined;
}

/**
 * Starts the CPU device now rather than when the first tensor is made, and chooses its kernels and
 * threads. Calling it is optional; calling it again switches.
 *
 * `init("gpu", { mode })` starts the device "gpu" instead: `startGpu` of `@isograd/tensor/gpu`,
 * which is loaded, with GPU.js, when this is called and not before.
 *
 * @throws UsageError when `threads` is not a whole number from 1 to 32; DeviceError when there is
 * no GPU to be had, saying what was tried.
 *
 * @example
 * const { threads } = await init({ deterministic: true, threads: 1 });
 * threads; // 1
 */
export async function init(options?: InitOptions): Promise<InitResult>;
export async function init(device: "gpu", options?: GpuOptions): Promise<GpuDevice>;
export async function init(
  first?: InitOptions | "gpu",
  options?: GpuOptions,
  ...surplus: []
): Promise<InitResult | GpuDevice> {
  noMore("init", surplus);
  if (first === "gpu") {
    const chosen = given("init", options, "mode sharedMemory? scatter");
    const { startGpu } = await import("./gpu.js");
    return startGpu(chosen);
  }
  if (typeof first === "string") {
    const problem = `${shown(first)} is not a device to start`;
    throw new UsageError("init", problem, 'write init("gpu") or init()');
  }
  const { checks, ...cpu } = given("init", first, "threads# deterministic? checks?");
  if (options !== undefined) {
    throw new UsageError("init", "two arguments are for a GPU", 'write init("gpu", options)');
  }
  const started = await initCpu(cpu);
  context.checks = checks ?? isDevelopment();
  return started;
}
