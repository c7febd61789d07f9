/**
 * @file 2,000 steps of `fit` on the GPU: counts the objects that the browser makes and frees, not
 * only our own counts.
 */
import { adam, DataLoader, fit, losses, MLP } from "@isograd/nn";
import { memory, rng, type Tensor } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

/** Buffers, textures and programs in use, counted by the calls that make and free them. */
const alive = { buffers: 0, textures: 0, programs: 0 };

function count(owner: object, name: string, kind: keyof typeof alive, by: 1 | -1): void {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  const plain = methods[name] as (...args: unknown[]) => unknown;
  vi.spyOn(methods, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
    alive[kind] += by;
    return plain.apply(this, args);
  });
}

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => {
    count(GPUDevice.prototype, "createBuffer", "buffers", 1);
    count(GPUBuffer.prototype, "destroy", "buffers", -1);
    count(WebGL2RenderingContext.prototype, "createTexture", "textures", 1);
    count(WebGL2RenderingContext.prototype, "deleteTexture", "textures", -1);
    count(WebGL2RenderingContext.prototype, "createProgram", "programs", 1);
    count(WebGL2RenderingContext.prototype, "deleteProgram", "programs", -1);
    await startGpu({ mode });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await stopGpu();
  });

  test("2,000 steps of fit leave as many buffers and textures as 200", async () => {
    const model = new MLP([2, 8, 1], { activation: "tanh", rng: rng(0) });
    await model.to("gpu");
    const x = rng(1).uniform([16, 2], { low: -1 });
    const y = x.prod({ axis: 1, keepdims: true });
    const data = { x: await x.to("gpu"), y: await y.to("gpu") };
    const optimizer = adam(model, { lr: 0.01 });
    const seen: string[] = [];
    const found: number[] = [];
    const { steps } = await fit({
      model,
      data: new DataLoader(data, { batchSize: 16 }),
      loss: (m: MLP, batch: { x: Tensor; y: Tensor }) => losses.mse(m.forward(batch.x), batch.y),
      optimizer,
      maxSteps: 2000,
      readEvery: 100,
      progress: false,
      onStep: ({ step, loss }) => {
        const { tensors, devices } = memory();
        if (step % 100 === 0 && step > 100) {
          seen.push(JSON.stringify({ alive, tensors, gpu: devices["gpu"] }));
        }
        found.push(loss);
      },
    });
    expect(steps).toBe(2000);
    expect(seen.length).toBeGreaterThan(15);
    expect(new Set(seen).size).toBe(1);
    expect(mode === "webgpu" ? alive.buffers : alive.textures).toBeGreaterThan(10);
    expect(found.at(-1)).toBeLessThan(0.2 * (found[0] as number));
    // Freed now: otherwise the collector would free them while the next mode counts.
    for (const mine of [model, optimizer, x, y, data.x, data.y]) mine.dispose();
  });
});
