/** @file One training step of a small PONITA on the charged N-body problem: 100 systems of 5 bodies. */
import { valueAndGrad } from "@isograd/autograd";
import { grids, Ponita, simulateNBody } from "@isograd/equivariant";
import { adam, losses } from "@isograd/nn";
import { rng, scope, sub, type Tensor } from "@isograd/tensor";
import type { Contender, Row } from "../harness/contender.js";

const SYSTEMS = 100;
const BODIES = 5;

function isograd(): Contender {
  const { charges, positions, velocities, targets } = simulateNBody({
    samples: SYSTEMS,
    bodies: BODIES,
  });
  const graphs = {
    positions,
    scalars: charges,
    vectors: velocities,
    edges: charges.reshape([SYSTEMS, BODIES, 1, 1]).mul(charges.reshape([SYSTEMS, 1, BODIES, 1])),
  };
  const motion = sub(targets, positions).reshape([SYSTEMS, BODIES, 1, 3]);
  const model = new Ponita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { vectors: 1 },
    channels: 32,
    layers: 3,
    grid: grids.fibonacci(8),
    rng: rng(1),
  });
  model.calibrate(graphs);
  const optimizer = adam(model, { lr: 1e-3 });
  const slopes = valueAndGrad((m: Ponita): Tensor => losses.mse(m.forward(graphs).vectors, motion));
  const step = (): number =>
    scope(() => {
      const [loss, grads] = slopes(model);
      optimizer.step(grads);
      return loss.item();
    });
  return {
    run: () => void step(),
    values: () => [step(), step()],
    free() {
      optimizer.dispose();
      model.dispose();
      for (const t of [motion, targets, ...Object.values(graphs)]) t.dispose();
    },
  };
}

export const ponitaRow: Row = {
  name: "PONITA training step, C 32, L 3, O 8",
  unit: "ms",
  tolerance: 1e-3,
  contenders: { isograd },
  absent: {},
};
