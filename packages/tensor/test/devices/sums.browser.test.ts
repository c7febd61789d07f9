/** @file Sums of many float32 on the GPU, in both modes: within a few roundings. */
import { afterEach, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

let stop = () => {};
afterEach(() => stop());

it.each(["webgpu", "webgl2"] as const)("a million tenths, %s", async (mode) => {
  const device = await t.init("gpu", { mode });
  stop = () => device.stop();
  const [n, tenth] = [2 ** 20, Math.fround(0.1)];
  const x = t.full(n, 0.1, { device: "gpu" });
  const off = async (y: t.Tensor, exact: number) => {
    const [found = Number.NaN] = await y.data();
    return Math.abs(found - exact) / exact;
  };
  const sum = (shape: number[], axis: number) => t.sum(t.reshape(x, shape), { axis });
  expect(await off(t.sum(x), n * tenth)).toBeLessThan(1.5e-6);
  expect(await off(t.mean(x), tenth)).toBeLessThan(1.5e-6);
  expect(await off(sum([4, -1], 1), (n / 4) * tenth)).toBeLessThan(1.5e-6);
  expect(await off(sum([-1, 64], 0), (n / 64) * tenth)).toBeLessThan(1.5e-6);
  expect(await off(sum([-1, 8192], 0), (n / 8192) * tenth)).toBeLessThan(1.5e-6);
});
