/**
 * @file Training in headless Chromium: a small MLP on the GPU, in both modes of GPU.js, against the
 * same on cpu.
 */
import { valueAndGrad } from "@isograd/autograd";
import { matmul, memory, rng, scope, type Tensor, tanh, tensor } from "@isograd/tensor";
import { adamUpdate } from "@isograd/tensor/engine";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterEach, describe, expect, test } from "vitest";

const WIDTHS = [2, 16, 16, 1];
const STEPS = 20;

/** Weights, inputs and targets, the same at every call. */
function make(device: string) {
  const random = rng(7);
  const params: Record<string, Tensor> = {};
  WIDTHS.slice(1).forEach((out, i) => {
    const weight = random.normal([WIDTHS[i] as number, out], { device: "cpu" });
    params[`w${i}`] = tensor(weight.dataSync(), { shape: weight.shape, device });
    params[`b${i}`] = tensor(new Float32Array(out), { device });
    weight.dispose();
  });
  const points = Float32Array.from({ length: 16 }, (_, i) => Math.sin(3 * i));
  const targets = Float32Array.from({ length: 8 }, (_, i) => (points[2 * i] as number) ** 2);
  return {
    params,
    x: tensor(points, { shape: [8, 2], device }),
    y: tensor(targets, { shape: [8, 1], device }),
  };
}

function loss(params: Record<string, Tensor>, x: Tensor, y: Tensor): Tensor {
  let h = x;
  WIDTHS.slice(1).forEach((_, i) => {
    const z = matmul(h, params[`w${i}`] as Tensor).add(params[`b${i}`] as Tensor);
    h = i === WIDTHS.length - 2 ? z : tanh(z);
  });
  return h.sub(y).square().mean();
}

type Step = (p: Tensor, g: Tensor, state: [Tensor, Tensor], t: number) => Tensor[];

const sgd: Step = (p, g, [m, v]) => [p.sub(g.mul(0.05)), m.alias(), v.alias()];
const adam: Step = (p, g, [m, v], t) =>
  adamUpdate(p, g, m, v, {
    donate: true,
    lr: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0,
    correction1: 1 / (1 - 0.9 ** t),
    correction2: 1 / (1 - 0.999 ** t),
  });

/** The loss of every step, and memory() after it. */
async function train(device: string, step: Step) {
  const { params, x, y } = make(device);
  const names = Object.keys(params);
  const states = new Map(
    names.map((n) => [n, [params[n]?.mul(0), params[n]?.mul(0)] as [Tensor, Tensor]]),
  );
  const losses: number[] = [];
  const counts: string[] = [];
  const stepper = valueAndGrad(loss);
  for (let t = 1; t <= STEPS; t++) {
    const [value, grads] = stepper(params, x, y);
    for (const name of names) {
      const [p, g] = [params[name] as Tensor, grads[name] as Tensor];
      const state = states.get(name) as [Tensor, Tensor];
      const [next, m, v] = scope(() => step(p, g, state, t)) as [Tensor, Tensor, Tensor];
      for (const old of [p, g, ...state]) old.dispose();
      params[name] = next;
      states.set(name, [m, v]);
    }
    losses.push((await value.data())[0] as number);
    value.dispose();
    counts.push(JSON.stringify(memory()));
  }
  for (const t of [x, y, ...Object.values(params), ...[...states.values()].flat()]) t.dispose();
  return { losses, counts };
}

describe.each<Mode>(["webgl2", "webgpu"])("a 2-16-16-1 MLP in %s mode", (mode) => {
  afterEach(stopGpu);

  test.each([
    ["gradient descent", sgd],
    ["Adam", adam],
  ] as const)("%s: the losses of cpu, and memory flat", async (_, step) => {
    const cpu = await train("cpu", step);
    const before = memory().tensors;
    const device = await startGpu({ mode });
    expect(device.mode).toBe(mode);
    const gpu = await train("gpu", step);
    gpu.losses.forEach((value, i) => {
      const wanted = cpu.losses[i] as number;
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-3 * wanted);
    });
    expect(cpu.losses[STEPS - 1]).toBeLessThan(0.7 * (cpu.losses[0] as number));
    expect(new Set(gpu.counts.slice(2)).size).toBe(1);
    expect(memory().tensors).toBe(before);
  });
});
