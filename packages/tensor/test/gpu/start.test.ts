/** @file Starting the GPU where there is none. */
import { DeviceError, devices, init, UsageError } from "@isograd/tensor";
import { expect, test } from "vitest";

test("where there is no GPU, the error lists what was tried, and says what to do", async () => {
  const refused = init("gpu");
  await expect(refused).rejects.toThrow(DeviceError);
  await expect(refused).rejects.toThrow(
    /no GPU mode can be started \(webgpu: there is no WebGPU here; webgl2: there is no WebGL2 here\)\n {2}help: use a browser/,
  );
  await expect(init("gpu", { mode: "webgl2" })).rejects.toThrow(
    /\(webgl2: there is no WebGL2 here\)/,
  );
  expect(devices()).not.toContain("gpu");
});

test("init starts nothing else", async () => {
  await expect(init("tpu" as "gpu")).rejects.toThrow(UsageError);
});
