/** @file PONITA on the GPU: equivariance in float32, and the same losses as on the CPU. */
import { valueAndGrad } from "@isograd/autograd";
import { adam, losses } from "@isograd/nn";
import { memory, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { expect, test } from "vitest";
import { grids, Ponita, simulateNBody } from "../../src/index.js";

const data = () => simulateNBody({ samples: 4, inputFrame: 3, targetFrame: 5 });

function model(): Ponita {
  return new Ponita({
    inputs: { scalars: 1, vectors: 1 },
    outputs: { vectors: 1 },
    channels: 8,
    layers: 2,
    widening: 2,
    grid: grids.platonic("octahedron"),
    rng: rng(0),
  });
}

async function graphsOn(device: string) {
  const { positions, charges, velocities, targets } = data();
  const all = [positions, charges, velocities, targets];
  const moved = await Promise.all(all.map((x) => x.to(device)));
  const [p, c, v, t] = moved as [Tensor, Tensor, Tensor, Tensor];
  return { graphs: { positions: p, scalars: c, vectors: v }, targets: t };
}

/** Losses of a few steps of Adam. */
async function train(device: string, steps: number): Promise<number[]> {
  const start = await graphsOn("cpu");
  const net = model();
  net.calibrate(start.graphs);
  await net.to(device);
  const { graphs, targets } = await graphsOn(device);
  const lossOf = (m: Ponita) => {
    const moved = m.forward(graphs).vectors.reshape(targets.shape);
    return losses.mse(moved.add(graphs.positions), targets);
  };
  const step = valueAndGrad(lossOf);
  const optimizer = adam(net, { lr: 5e-3 });
  const found: number[] = [];
  for (let i = 0; i < steps; i++) {
    const [loss, gradients] = step(net);
    optimizer.step(gradients);
    found.push((await loss.data())[0] as number);
    loss.dispose();
  }
  return found;
}

/** Tests of the network on the device gpu. */
export function ponitaTests(): void {
  test("PONITA trains to the losses of the cpu", async () => {
    const cpu = await train("cpu", 6);
    const gpu = await train("gpu", 6);
    for (const [i, loss] of gpu.entries()) {
      expect(Math.abs(loss / (cpu[i] as number) - 1)).toBeLessThan(1e-3);
    }
    expect(gpu.at(-1)).toBeLessThan(0.9 * (gpu[0] as number));
  });

  test("PONITA follows the rotations of its grid, and translations", async () => {
    const net = model();
    const { graphs } = await graphsOn("cpu");
    net.calibrate(graphs);
    await net.to("gpu");
    const here = (await graphsOn("gpu")).graphs;
    const rotation = grids.platonic("octahedron").rotations()[5] as readonly (readonly number[])[];
    const r = tensor(rotation.flat(), { shape: [3, 3], device: "gpu" });
    const turned = (x: Tensor) => x.matmul(r.mT);
    const shift = tensor([1, -2, 0.5], { device: "gpu" });
    const plain = net.forward(here).vectors;
    const expected = turned(plain);
    const rotated = { ...here, positions: turned(here.positions), vectors: turned(here.vectors) };
    const got = net.forward(rotated).vectors;
    const moved = net.forward({ ...here, positions: here.positions.add(shift) }).vectors;
    const off = (a: Tensor, b: Tensor) =>
      scope(() => a.sub(b).square().sum().div(b.square().sum()).sqrt()).data();
    expect((await off(got, expected))[0]).toBeLessThan(1e-4);
    expect((await off(moved, plain))[0]).toBeLessThan(1e-4);
    expect((await off(got, plain))[0]).toBeGreaterThan(0.1);
  });

  test("2,000 training steps leave memory where it was", async () => {
    const w = rng(1).normal([4, 4]);
    let weight = await w.to("gpu");
    const x = await rng(2).normal([8, 4]).to("gpu");
    const step = valueAndGrad((p: Tensor) => x.matmul(p).tanh().sub(x).square().mean());
    const held = () => {
      const { tensors, devices } = memory();
      return [tensors, devices["gpu"]?.bytes ?? 0, devices["gpu"]?.reserved ?? 0];
    };
    let steady: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const [loss, gradient] = step(weight);
      const next = scope(() => weight.sub(gradient.mul(0.1)));
      for (const t of [weight, gradient]) t.dispose();
      weight = next;
      if (i % 100 === 99) {
        await loss.data();
        if (i === 199) steady = held();
        // less, when the garbage collector frees tensors of earlier tests
        if (i > 199)
          held().forEach((n, k) => void expect(n).toBeLessThanOrEqual(steady[k] as number));
      }
      loss.dispose();
    }
  });
}
