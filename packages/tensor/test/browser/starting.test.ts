/**
 * @file Starting the GPU in a browser: which mode is chosen, the error where there is none, and
 * what remains after a stop.
 */
import { add, DeviceError, devices, init, setDefaultDevice, tanh, tensor } from "@isograd/tensor";
import { type Mode, stopGpu } from "@isograd/tensor/gpu";
import { afterEach, describe, expect, test, vi } from "vitest";

/** A browser that has WebGPU but no adapter. */
const noAdapter = () => vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue(null);
/** A browser where WebGL2 is switched off. */
const noWebGl = () => vi.spyOn(OffscreenCanvas.prototype, "getContext").mockReturnValue(null);

afterEach(async () => {
  vi.restoreAllMocks();
  await stopGpu();
});

describe("init", () => {
  test("takes WebGPU where there is an adapter, else WebGL2, or what was asked for", async () => {
    expect((await init("gpu")).mode).toBe("webgpu");
    await stopGpu();
    noAdapter();
    expect((await init("gpu")).mode).toBe("webgl2");
    await stopGpu();
    await expect(init("gpu", { mode: "webgpu" })).rejects.toThrow(
      /no GPU mode can be started \(webgpu: there is no WebGPU adapter: .*\)\n {2}help: /,
    );
    vi.restoreAllMocks();
    expect((await init("gpu", { mode: "webgl2" })).mode).toBe("webgl2");
  });

  test("says what was tried where there is neither, and works once there is one", async () => {
    noAdapter();
    noWebGl();
    const refused = init("gpu");
    await expect(refused).rejects.toThrow(DeviceError);
    await expect(refused).rejects.toThrow(
      /\(webgpu: there is no WebGPU adapter: .*; webgl2: there is no WebGL2 here\)\n {2}help: use a/,
    );
    expect(devices()).not.toContain("gpu");
    vi.restoreAllMocks();
    expect((await init("gpu")).mode).toBe("webgpu");
  });

  test("twice gives the same device; nothing goes there before", async () => {
    const x = tensor([1, 2]);
    await expect(x.to("gpu")).rejects.toThrow(/no device "gpu"\n {2}help: .*await init\("gpu"\)/);
    expect(() => setDefaultDevice("gpu")).toThrow(/await init\("gpu"\)/);
    const first = await init("gpu");
    expect(await init("gpu")).toBe(first);
    expect(await init("gpu", { mode: first.mode })).toBe(first);
    const y = await x.to("gpu");
    expect([...(await y.data())]).toEqual([1, 2]);
    for (const t of [x, y]) t.dispose();
  });
});

describe.each<Mode>(["webgl2", "webgpu"])("after %s has stopped", (mode) => {
  test("its tensors say so, and mix with none of the next device", async () => {
    await init("gpu", { mode });
    const x = tensor([1, 2], { device: "gpu" });
    const waiting = tanh(x);
    await stopGpu();
    await expect(x.data()).rejects.toThrow(/stopped/);
    await expect(waiting.data()).rejects.toThrow(DeviceError);
    expect(() => tanh(x)).toThrow(/stopped\n {2}help: start again/);
    await init("gpu", { mode: mode === "webgl2" ? "webgpu" : "webgl2" });
    const y = tensor([3, 4], { device: "gpu" });
    expect(() => add(x, y)).toThrow(DeviceError);
    expect([...(await y.data())]).toEqual([3, 4]);
    for (const t of [x, waiting, y]) t.dispose();
  });
});
