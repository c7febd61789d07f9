/**
 * @file What WebGPU tells late (kernels, launches and buffers that are not valid, missing memory):
 * each read of what such work was to make throws and names the op, and no other read does.
 */
import {
  add,
  cumulativeSum,
  DeviceError,
  matmul,
  mul,
  ones,
  softmax,
  sqrt,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

beforeAll(async () => void (await startGpu({ mode: "webgpu" })));
afterAll(stopGpu);

/** Nothing may end in the console alone. */
beforeEach(() => void vi.spyOn(console, "error"));
afterEach(() => {
  expect(console.error).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const on = (...values: number[]) => tensor(values, { device: "gpu" });
const read = async (x: Tensor) => [...(await x.data())];

/** Two reads at once, then a third one. */
async function refused(x: Tensor, message: RegExp): Promise<void> {
  const reads = await Promise.allSettled([x.data(), x.data()]);
  reads.push(...(await Promise.allSettled([x.data()])));
  for (const result of reads) {
    expect(result.status).toBe("rejected");
    if (result.status !== "rejected") continue;
    expect(result.reason).toBeInstanceOf(DeviceError);
    expect(result.reason.message).toMatch(message);
  }
}

/** Makes buffers of `count` floats too large, which WebGPU refuses late. */
function refuseBuffers(count: number) {
  const { createBuffer } = GPUDevice.prototype;
  return vi.spyOn(GPUDevice.prototype, "createBuffer").mockImplementation(function (
    this: GPUDevice,
    what,
  ) {
    const size = what.size === 4 * count ? 2 ** 50 : what.size;
    return createBuffer.call(this, { ...what, size });
  });
}

test("a kernel that is not valid, and what is made of its result", async () => {
  const x = on(1, 2);
  const before = mul(x, 3);
  await null; // the end of a task: work is sent
  const { createShaderModule } = GPUDevice.prototype;
  vi.spyOn(GPUDevice.prototype, "createShaderModule").mockImplementationOnce(function (
    this: GPUDevice,
  ) {
    return createShaderModule.call(this, { code: "no WGSL" });
  });
  const bad = cumulativeSum(x, { axis: 0 });
  const [product, after] = [matmul(bad, x), add(x, 1)];
  expect(await read(after)).toEqual([2, 3]);
  await refused(product, /^cumulativeSum: its WebGPU kernel is not valid: /);
  await refused(bad, /^cumulativeSum: /);
  await refused(sqrt(bad), /^cumulativeSum: /);
  expect([await read(before), await read(x)]).toEqual([
    [3, 6],
    [1, 2],
  ]);
});

test("a launch that is not valid", async () => {
  const x = on(1, 2, 3);
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mockImplementationOnce(function (
    this: GPUComputePassEncoder,
  ) {
    return dispatchWorkgroups.call(this, 70_000);
  });
  const bad = sqrt(sqrt(mul(x, x)));
  await refused(bad, /^mul[^:]*: its WebGPU kernel is not valid: .*70000/);
  expect(await read(mul(x, 2))).toEqual([2, 4, 6]);
});

test("a buffer that is not made, of a result and of an upload; the next one is", async () => {
  const n = 12_345;
  const x = on(1);
  const row = ones([n, 1], { device: "gpu" });
  await row.data();
  const spy = refuseBuffers(n);
  const bad = mul(row, x);
  await refused(bad, new RegExp(`^mul: its WebGPU ${4 * n} bytes is not valid: `));
  bad.dispose();
  const values = new Float32Array(n).fill(2);
  const sent = tensor(values, { device: "gpu" });
  await refused(sent, /^gpu: its WebGPU 49380 bytes/);
  await refused(add(sent, 1), /^gpu: /);
  sent.dispose();
  spy.mockRestore();
  expect((await mul(row, x).data())[n - 1]).toBe(1);
  expect((await tensor(values, { device: "gpu" }).data())[n - 1]).toBe(2);
});

test("no memory", async () => {
  const n = 23_456;
  const { createBuffer, pushErrorScope, popErrorScope } = GPUDevice.prototype;
  const scopes: { filter: string; full: boolean }[] = [];
  vi.spyOn(GPUDevice.prototype, "pushErrorScope").mockImplementation(function (
    this: GPUDevice,
    filter,
  ) {
    scopes.push({ filter, full: false });
    return pushErrorScope.call(this, filter);
  });
  vi.spyOn(GPUDevice.prototype, "popErrorScope").mockImplementation(async function (
    this: GPUDevice,
  ) {
    const full = scopes.pop()?.full;
    const error = await popErrorScope.call(this);
    return full ? new GPUOutOfMemoryError("no room") : error;
  });
  vi.spyOn(GPUDevice.prototype, "createBuffer").mockImplementation(function (
    this: GPUDevice,
    what,
  ) {
    const scope = scopes.findLast(({ filter }) => filter === "out-of-memory");
    if (scope !== undefined && what.size === 4 * n) scope.full = true;
    return createBuffer.call(this, what);
  });
  const a = ones([n, 1], { device: "gpu" });
  const bad = add(a, on(1));
  await refused(bad, /^.*: no memory for its 93824 bytes: no room\n {2}help: dispose tensors/);
  vi.mocked(GPUDevice.prototype.createBuffer).mockRestore();
  expect(await read(add(on(1), 1))).toEqual([2]);
});

test("no buffer for the read itself: the tensor is there, and no device is lost", async () => {
  const x = on(...Array.from({ length: 77 }, (_, i) => i));
  const y = add(x, 1);
  await y.data();
  const spy = refuseBuffers(77);
  await expect(y.data()).rejects.toThrow(/^data: its WebGPU copy is not valid: /);
  spy.mockRestore();
  expect((await y.data())[76]).toBe(77);
});

test("a new kernel between known ones: each builds on the one before, and all are read", async () => {
  const x = on(1, 2, 3, 4, 5, 6);
  await cumulativeSum(x).data();
  const y = cumulativeSum(softmax(cumulativeSum(x)));
  const values = await read(y);
  expect(values.at(-1)).toBeCloseTo(1, 5);
});
