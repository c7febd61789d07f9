/**
 * @file Every kernel with its indices in whole numbers, as for arrays above 2²⁴ elements, on small
 * arrays in headless Chromium: both compilers take the texts, and the values are right.
 */
import { registerDevice, unregisterDevice } from "@isograd/tensor/engine";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GpuDevice } from "../../src/devices/gpu/device.js";
import type { Mode } from "../../src/devices/gpu/gpujs/backend.js";
import { loadGpuJs } from "../../src/devices/gpu/gpujs/library.js";
import { startWebGl } from "../../src/devices/gpu/gpujs/webgl.js";
import { startWebGpu } from "../../src/devices/gpu/gpujs/webgpu.js";
import { different } from "../gpu/cases.js";
import { difference } from "../gpu/compare.js";

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  let device: GpuDevice;
  beforeAll(async () => {
    const lib = await loadGpuJs();
    const backend = mode === "webgl2" ? startWebGl(lib) : await startWebGpu(lib);
    device = new GpuDevice(backend, 0);
    registerDevice(device);
  });
  afterAll(async () => {
    unregisterDevice("gpu");
    await device.stop();
  });

  test.each(different.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    // drivers round functions otherwise than the host
    expect(await difference({ ...c, atol: 1e-3, rtol: 1e-3 })).toBeNull();
    warn.mockRestore();
  });
});
