/** @file GPart on the GPU: isometry and adjoint in float32, and the same losses as on the CPU. */
import { valueAndGrad } from "@isograd/autograd";
import { adam, losses, MLP } from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { expect, test } from "vitest";
import { gpart, partition, project, projectTranspose } from "../../src/index.js";

const value = async (make: () => Tensor): Promise<number> =>
  (await scope(make).data())[0] as number;
const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();

/** Losses of a few steps of fine-tuning. */
async function tune(device: string, steps: number): Promise<number[]> {
  const model = new MLP([2, 16, 16, 1], { activation: "tanh", rng: rng(0) });
  await model.to(device);
  const x = await rng(1).uniform([32, 2], { low: -1 }).to(device);
  const wanted = scope(() => x.prod({ axis: 1, keepdims: true }).add(0.3));
  const adapter = gpart(model, { d: 12, seed: 3 });
  const step = valueAndGrad((a: typeof adapter) => losses.mse(a.forward(x), wanted));
  const optimizer = adam(adapter, { lr: 0.05 });
  const found: number[] = [];
  for (let i = 0; i < steps; i++) {
    const [loss, gradients] = step(adapter);
    optimizer.step(gradients);
    found.push((await loss.data())[0] as number);
  }
  return found;
}

/** Tests of the projection and of an adapter on the device gpu. */
export function gpartTests(): void {
  test.each([
    [40, 7],
    [301, 32],
    [1000, 1],
  ])("P is an isometry, and Pᵀ its adjoint: %d weights, %d numbers", async (n, d) => {
    const p = partition({ n, d, seed: 5 });
    const theta = await rng(1).normal([d]).to("gpu");
    const weights = await rng(2).normal([n]).to("gpu");
    const length = await value(() => dot(theta, theta));
    const image = await value(() => dot(project(p, theta), project(p, theta)));
    // sums of n numbers in float32 have errors up to n · 2⁻²⁴
    expect(Math.abs(image / length - 1)).toBeLessThan(n * 2 ** -24 + 1e-5);
    const [there, back] = [
      await value(() => dot(project(p, theta), weights)),
      await value(() => dot(theta, projectTranspose(p, weights))),
    ];
    expect(Math.abs(there - back)).toBeLessThan(1e-4 * Math.sqrt(length * n));
    const again = scope(() => projectTranspose(p, project(p, theta)).sub(theta).abs().max());
    expect((await again.data())[0]).toBeLessThan(n * 2 ** -24 + 1e-5);
  });

  test("fine-tuning has the losses of the cpu", async () => {
    const cpu = await tune("cpu", 8);
    const gpu = await tune("gpu", 8);
    for (const [i, loss] of gpu.entries()) {
      expect(Math.abs(loss / (cpu[i] as number) - 1)).toBeLessThan(1e-3);
    }
    expect(gpu.at(-1)).toBeLessThan(0.95 * (gpu[0] as number));
  });
}
