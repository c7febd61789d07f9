/** @file Sums at places in headless Chromium: sorted in both modes of GPU.js, atomic on WebGPU. */
import { segmentSum, tensor, UsageError } from "@isograd/tensor";
import { type GpuOptions, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { scatterTests } from "./scatterTests.js";

const devices: [string, GpuOptions][] = [
  ["webgl2", { mode: "webgl2", scatter: "sorted" }],
  ["webgpu", { mode: "webgpu" }],
  ["webgpu by atomics", { mode: "webgpu", scatter: "atomic" }],
];

describe.each(devices)("%s", (_, options) => {
  beforeAll(async () => {
    const { scatter } = await startGpu(options);
    expect(scatter).toBe(options.scatter ?? "sorted");
  });
  afterAll(stopGpu);
  scatterTests();

  test("atomics are in the kernel where they were asked for, and nowhere else", async () => {
    const compile = vi.spyOn(GPUDevice.prototype, "createShaderModule");
    const at = tensor(Int32Array.from([1, 0, 1]), { dtype: "int32", device: "gpu" });
    const sums = segmentSum(tensor([1, 2, 4], { device: "gpu" }), at, 2);
    expect([...(await sums.data())]).toEqual([2, 5]);
    const texts = compile.mock.calls.map(([{ code }]) => code);
    compile.mockRestore();
    expect(texts.some((text) => text.includes("atomic"))).toBe(options.scatter === "atomic");
  });
});

describe("asking", () => {
  afterAll(stopGpu);

  test("a value that is none is refused", async () => {
    const wrong = startGpu({ scatter: "fast" as "atomic" });
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow(
      'startGpu: scatter is "fast"\n  help: give "sorted" or "atomic"',
    );
    await expect(startGpu({ mode: "gpu" as "webgpu" })).rejects.toThrow(
      'give "webgpu" or "webgl2"',
    );
  });

  test("WebGL2 cannot", async () => {
    await expect(startGpu({ mode: "webgl2", scatter: "atomic" })).rejects.toThrow(
      '(webgl2: it has no atomics, which scatter: "atomic" asks for)',
    );
  });

  test("a device that runs does not change", async () => {
    const device = await startGpu({ scatter: "atomic" });
    expect([device.mode, device.scatter]).toEqual(["webgpu", "atomic"]);
    expect(await startGpu()).toBe(device);
    await expect(startGpu({ scatter: "sorted" })).rejects.toThrow(
      'startGpu: the device runs with scatter "atomic" already\n  help: stop it first',
    );
  });
});
