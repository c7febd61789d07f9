/**
 * @file One training step of a small PONITA on the charged N-body problem: 100 systems of 5 bodies.
 */
import { valueAndGrad } from "@isograd/autograd";
import { grids, Ponita, simulateNBody } from "@isograd/equivariant";
import { adam, losses } from "@isograd/nn";
import { rng, scope, sub, type Tensor } from "@isograd/tensor";
import type { Contender, Row } from "../harness/contender.js";
import type { Training } from "./training/task.js";

const SYSTEMS = 100;
const BODIES = 5;

/** Positions, what is known about the bodies, and how far they will move. */
function problem() {
  const { charges, positions, velocities, targets } = simulateNBody({
    samples: SYSTEMS,
    bodies: BODIES,
  });
  return {
    positions,
    scalars: charges,
    vectors: velocities,
    edges: charges.reshape([SYSTEMS, BODIES, 1, 1]).mul(charges.reshape([SYSTEMS, 1, BODIES, 1])),
    motion: sub(targets, positions).reshape([SYSTEMS, BODIES, 1, 3]),
  };
}

/** The network and its data, made on the default device and moved to this one. */
export async function ponitaTraining(
  device: string,
): Promise<Training<Tensor> & { readonly state: unknown }> {
  const made = problem();
  const model = new Ponita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { vectors: 1 },
    channels: 32,
    layers: 3,
    grid: grids.fibonacci(8),
    rng: rng(1),
  });
  model.calibrate(made);
  await model.to(device);
  const moving = Object.entries(made).map(async ([key, x]) => [key, await x.to(device)]);
  const { motion, ...graphs } = Object.fromEntries(await Promise.all(moving)) as typeof made;
  const optimizer = adam(model, { lr: 1e-3 });
  const slopes = valueAndGrad((m: Ponita): Tensor => losses.mse(m.forward(graphs).vectors, motion));
  return {
    state: [model, optimizer],
    step: () =>
      scope(() => {
        const [loss, grads] = slopes(model);
        optimizer.step(grads);
        return loss;
      }),
    free() {
      optimizer.dispose();
      model.dispose();
      for (const t of [motion, ...Object.values(graphs)]) t.dispose();
    },
  };
}

async function isograd(): Promise<Contender> {
  const { step, free } = await ponitaTraining("cpu");
  const run = (): number => scope(() => step().item());
  return { run: () => void run(), values: () => [run(), run()], free };
}

export const ponitaRow: Row = {
  name: "PONITA training step, C 32, L 3, O 8",
  unit: "ms",
  tolerance: 1e-3,
  contenders: { isograd },
  absent: {},
};
