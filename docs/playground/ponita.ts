// Five charged bodies: PONITA learns where they will be, and turning space turns its answer.
import { valueAndGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { equivarianceError, grids, Ponita, simulateNBody } from "@isograd/equivariant";
import { adam, losses } from "@isograd/nn";
import { rng } from "@isograd/tensor";
import * as Plot from "@observablehq/plot";

const systems = simulateNBody({ samples: 32 });
const { charges, positions, velocities, targets } = systems;
const displacement = targets.sub(positions).reshape([32, 5, 1, 3]);
const graphs = { positions, scalars: charges, vectors: velocities };

const model = new Ponita({
  inputs: { scalars: 1, vectors: 1 }, // per body: a charge, a velocity
  outputs: { vectors: 1 }, // per body: where it goes
  channels: 16,
  layers: 2,
  grid: grids.platonic("octahedron"),
  rng: rng(0),
});
model.calibrate(graphs);
console.log(`${model.parameterCount} parameters`);

const optimizer = adam(model, { lr: 0.01 });
const error = (m: Ponita) => losses.mse(m.forward(graphs).vectors, displacement);
const step = compile(
  () => {
    const [loss, gradients] = valueAndGrad(error)(model);
    optimizer.step(gradients);
    return loss;
  },
  { state: [model, optimizer] },
);
const curve = Array.from({ length: 40 }, () => step().item());
console.log(`error before ${curve[0]?.toFixed(3)}, after 40 steps ${curve.at(-1)?.toFixed(3)}`);
Number(curve.at(-1)) < 0.5 * Number(curve[0]); // → true
plot({ "training error": curve });

// equivariance, measured on four systems: rotations of the grid are exact up to rounding, learned or not
const few = {
  positions: positions.slice([[0, 4]]),
  scalars: charges.slice([[0, 4]]),
  vectors: velocities.slice([[0, 4]]),
};
for (const { transform, error: size, cause } of equivarianceError(model, few)) {
  console.log(`${transform}: ${size.toExponential(1)} (${cause})`);
}

// the first system from above: its path, and the prediction
const after = positions.add(model.forward(graphs).vectors.reshape([32, 5, 3]));
const place = async (all: typeof after) => (await all.slice([0]).data()) as Float32Array;
const [from, to, guess] = await Promise.all([positions, targets, after].map(place));
const bodies = [0, 1, 2, 3, 4].map((i) => {
  const at = (p: ArrayLike<number> | undefined) => ({ x: p?.[3 * i], y: p?.[3 * i + 1] });
  return { from: at(from), to: at(to), guess: at(guess) };
});
const arrows = (end: "to" | "guess", stroke: string) =>
  Plot.arrow(bodies, {
    x1: (b) => b.from.x,
    y1: (b) => b.from.y,
    x2: (b) => b[end].x,
    y2: (b) => b[end].y,
    stroke,
  });
plot({
  width: 420,
  height: 420,
  marks: [
    arrows("to", "#f59e0b"),
    arrows("guess", "#0d9488"),
    Plot.dot(bodies, { x: (b) => b.from.x, y: (b) => b.from.y, fill: "currentColor" }),
  ],
});
