/**
 * @file An adapter on the GPU, in both modes of GPU.js: ΔW, outputs and gradients, compared with
 * the CPU.
 */
import { grad } from "@isograd/autograd";
import { MLP } from "@isograd/nn";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GPartOptions, gpart } from "../../src/index.js";

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(() => startGpu({ mode }));
  afterAll(stopGpu);

  /** Results of a small model with an adapter on a device. */
  async function results(device: string, options: Partial<GPartOptions>): Promise<number[][]> {
    const model = new MLP([6, 8, 3], { activation: "tanh", rng: rng(1) });
    await model.to(device);
    const adapter = gpart(model, { d: 10, seed: 2, ...options });
    const theta = rng(3).normal([10]).dataSync();
    adapter.trained.theta!.value = tensor(theta, { device });
    const x = tensor(rng(4).normal([5, 6]).dataSync(), { shape: [5, 6], device });
    const loss = (a: typeof adapter): Tensor => a.forward(x).square().sum();
    const found = [adapter.delta(), adapter.forward(x), grad(loss)(adapter)["trained.theta"]!];
    return Promise.all(found.map(async (t) => Array.from(await t.data())));
  }

  it.each([{}, { signed: true }, { indices: "regenerated" as const }])("%o", async (options) => {
    const [here, there] = [await results("cpu", options), await results("gpu", options)];
    here.forEach((values, i) => {
      expect(there[i]!.length).toBe(values.length);
      values.forEach((value, k) => {
        expect(Math.abs(there[i]![k]! - value)).toBeLessThan(1e-4 * (1 + Math.abs(value)));
      });
    });
  });
});
