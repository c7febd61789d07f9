/**
 * @file Axes too long for kernels, on the GPU device without a GPU: loops that floats cannot count
 * would never end, and n² steps take hours.
 */
import {
  argmax,
  argsort,
  cumulativeMax,
  cumulativeSum,
  logSumExp,
  matmul,
  ones,
  searchsorted,
  softmax,
  sort,
  type Tensor,
  tensor,
  topK,
  variance,
} from "@isograd/tensor";
import { registerDevice, unregisterDevice } from "@isograd/tensor/engine";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GpuDevice } from "../../src/devices/gpu/device.js";
import { Launcher } from "../../src/devices/gpu/gpujs/launcher.js";
import { HostBackend } from "./hostBackend.js";

beforeAll(() => {
  registerDevice(new GpuDevice(new HostBackend("webgpu")));
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterAll(() => {
  unregisterDevice("gpu");
  vi.restoreAllMocks();
});

describe("2²⁴ + 8 numbers along an axis", () => {
  const n = 2 ** 24 + 8;
  let row: Tensor;
  beforeAll(() => {
    row = ones([1, n], { device: "gpu" });
  });
  afterAll(() => row.dispose());
  const cases: Readonly<Record<string, () => Tensor>> = {
    softmax: () => softmax(row),
    logSumExp: () => logSumExp(row, { axis: 1 }),
    variance: () => variance(row, { axis: 1 }),
    matmul: () => matmul(row, row.mT),
    argmax: () => argmax(row, { axis: 1 }),
    argsort: () => argsort(row, { axis: 1 }),
  };
  test.each(Object.entries(cases))("%s is refused at the call", (_, run) => {
    expect(run).toThrow(/16777224 elements .*more than the 16777216 that GPU kernels count/);
  });
});

test("no kernel has a loop that floats cannot count", () => {
  const launcher = new Launcher(new HostBackend("webgpu"));
  const sum = (turns: number) => `
    let sum = 0.0;
    for (let e = 0; e < 2; e++) { for (let c = 1; c < ${turns}; c++) { sum = sum + 1.0; } }
    return sum;`;
  const run = (turns: number) => () =>
    launcher.launch({ op: "test", body: sum(turns), output: 1, arrays: {} });
  expect(run(2 ** 24 + 1)).toThrow("test: 16777217 elements are more than the 16777216 that GPU");
  expect(run(9)).not.toThrow();
});

describe("40,000 numbers along an axis", () => {
  const values = Float32Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 997);
  const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    argsort: (x) => argsort(x),
    sort: (x) => sort(x, { descending: true }),
    topK: (x) => topK(x, 5)[1],
    cumulativeSum: (x) => cumulativeSum(x),
    cumulativeMax: (x) => cumulativeMax(x),
    searchsorted: (x) => searchsorted(sort(x), x),
  };
  test.each(Object.entries(cases))("%s is as on the cpu, within seconds", async (_, run) => {
    const start = performance.now();
    const got = await run(tensor(values, { device: "gpu" })).data();
    expect(performance.now() - start).toBeLessThan(5000);
    expect([...got]).toEqual([...run(tensor(values)).dataSync()]);
  });
});
