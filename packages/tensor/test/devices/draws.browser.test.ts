/** @file Numbers drawn for the GPU: those of the cpu. */
import { afterEach, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

let stop = () => {};
afterEach(() => stop());

const logits = [
  [0, 1, 2],
  [1, 0, -9],
];
const draws: readonly ((random: t.Rng, device: string) => t.Tensor)[] = [
  (random, device) => random.categorical(t.tensor(logits, { device }), { shape: [50, 2] }),
  (random, device) => random.categorical(t.tensor(logits, { device }), { axis: 0 }),
  (random, device) => {
    const covariance = t.tensor([2, 1, 1, 3], { shape: [2, 2], device });
    return random.multivariateNormal(t.tensor([1, 2], { device }), covariance, { shape: 20 });
  },
  (random, device) => random.gamma([40], { alpha: 0.5, device }),
  (random, device) => random.poisson([40], { rate: 12, device }),
];

it.each(["webgpu", "webgl2"] as const)("as on the cpu, %s", async (mode) => {
  const device = await t.init("gpu", { mode });
  stop = () => device.stop();
  for (const draw of draws) {
    const [there, here] = [draw(t.rng(3), "gpu"), draw(t.rng(3), "cpu")];
    expect(there.device).toBe("gpu");
    const [a, b] = [await there.data(), await here.data()];
    const gap = Math.max(...Array.from(b, (x, i) => Math.abs(x - (a[i] as number))));
    expect(gap).toBeLessThan(here.dtype === "int32" ? 1 : 1e-5);
  }
});
