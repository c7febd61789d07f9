/**
 * @file What floats and blocks cannot hold, on the GPU device without a GPU: integers beyond ±2²⁴ and
 * what follows from them, axes too long to count, results too large for a block.
 */
import { add, argmax, argsort, broadcastTo, DeviceError, ones } from "@isograd/tensor";
import { registerDevice, unregisterDevice } from "@isograd/tensor/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GpuDevice } from "../../src/devices/gpu/device.js";
import { HostBackend } from "./hostBackend.js";
import { integerTests } from "./integerTests.js";

const backend = new HostBackend("webgpu");
const device = new GpuDevice(backend);
beforeAll(() => registerDevice(device));
afterAll(() => unregisterDevice("gpu"));

integerTests();

/** More than 2²⁴ places, none of which is in memory: one number, repeated. */
const long = (n: number) => broadcastTo(ones([1], { device: "gpu" }), [n]);

describe("what cannot work is refused at the call", () => {
  test("an axis longer than floats count", () => {
    const n = 2 ** 24 + 1;
    expect(() => argmax(long(n))).toThrow(
      "argmax: 16777217 elements of [16777217] are more than the 16777216 that GPU kernels count",
    );
    expect(() => argsort(long(n))).toThrow(/^argsort: 16777217 elements of \[16777217\]/);
  });

  test("a result larger than a block", () => {
    backend.most = 1000;
    const x = ones([40], { device: "gpu" });
    expect(() => add(x, ones([30, 1], { device: "gpu" }))).toThrow(DeviceError);
    expect(() => add(x, ones([30, 1], { device: "gpu" }))).toThrow(
      "add: [30, 40] of 1200 elements exceeds the 1000 floats of this test on this GPU\n" +
        '  help: split it along an axis, or keep it on the host: await x.to("cpu")',
    );
    expect(() => ones([1001], { device: "gpu" })).toThrow(/\[1001\] of 1001 elements exceeds/);
    backend.most = Number.POSITIVE_INFINITY;
  });
});
