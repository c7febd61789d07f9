/**
 * @file What the GPU cannot hold is refused, in headless Chromium; and products with more rows or
 * matrices than one launch has along an axis.
 */
import { add, DeviceError, matmul, ones, type Tensor, tensor } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { integerTests } from "../gpu/integerTests.js";

/** Two small numbers a row, which tell the rows apart. */
const pairs = (rows: number, shape: readonly number[]): Tensor => {
  const values = Float32Array.from({ length: 2 * rows }, (_, i) => (i * 7919) % 8191);
  return tensor(values, { shape, device: "gpu" });
};

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => void (await startGpu({ mode })));
  afterAll(stopGpu);
  integerTests();

  test("a result larger than any buffer or texture is refused at the call", () => {
    const sum = (n: number) => {
      const x = ones([n, 1], { device: "gpu" });
      const y = ones([1, n], { device: "gpu" });
      return add(x, y);
    };
    expect(() => sum(40_000)).toThrow(DeviceError);
    expect(() => sum(40_000)).toThrow(
      /^add: \[40000, 40000\] of 1600000000 elements exceeds one (buffer of \d+ bytes|texture of \d+ × \d+ floats) on this GPU/,
    );
    // more than any device has
    expect(() => sum(100_000)).toThrow(
      "add: [100000, 100000] of float32 takes 37.3 GiB, more than 8.0 GiB: out of memory",
    );
  });

  test.each([
    ["rows", 530_000, [530_000, 2]],
    ["matrices", 70_000, [70_000, 1, 2]],
  ] as const)("a product of many %s", async (_, rows, shape) => {
    const b = tensor([1, 0, 2, 0, 1, 2], { shape: [2, 3], device: "gpu" });
    const values = await matmul(pairs(rows, shape), b).data();
    let wrong = -1;
    for (let i = 0; i < rows && wrong < 0; i++) {
      const [p, q] = [(2 * i * 7919) % 8191, ((2 * i + 1) * 7919) % 8191];
      const row = [values[3 * i], values[3 * i + 1], values[3 * i + 2]];
      if (row[0] !== p || row[1] !== q || row[2] !== 2 * p + 2 * q) wrong = i;
    }
    expect(wrong).toBe(-1);
  });
});
