/** @file The predictors of the tour: PONITA, an MLP of equal size, and two that learn nothing. */
import { grids, Ponita } from "@isograd/equivariant";
import { losses, MLP, Module } from "@isograd/nn";
import { concat, mean, reshape, rng, sub, type Tensor, zerosLike } from "@isograd/tensor";
import type { Batch } from "./world.js";

/** Anything that predicts displacements [b, n, 3]. */
export type Predictor = (batch: Batch) => Tensor;

/** Sizes of the network. */
const SIZE = { channels: 32, layers: 3 } as const;

/** PONITA on R³×S², with the product of charges on the edges. */
export function makePonita(seed: number): Ponita {
  return new Ponita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { vectors: 1 },
    channels: SIZE.channels,
    layers: SIZE.layers,
    grid: grids.platonic("cube"),
    rng: rng(`ponita ${seed}`),
  });
}

/** The displacement that PONITA predicts. */
export function ponitaPredicts(model: Ponita, batch: Batch): Tensor {
  const { vectors } = model.forward({ ...batch, symmetric: true }); // qᵢqⱼ = qⱼqᵢ
  return reshape(vectors, batch.displacement.shape);
}

/** Positions (about their mean), velocities and charges in, displacements out: no structure. */
export class Flat extends Module {
  readonly mlp: MLP;

  constructor(bodies: number, hidden: number, seed: number) {
    super();
    const sizes = [bodies * 7, hidden, hidden, bodies * 3];
    this.mlp = new MLP(sizes, { rng: rng(`mlp ${seed}`), activation: "silu" });
  }

  forward({ positions, vectors, scalars, displacement }: Batch): Tensor {
    const [b = 0] = positions.shape;
    const centred = sub(positions, mean(positions, { axis: 1, keepdims: true }));
    const flat = [centred, vectors, scalars].map((x) => reshape(x, [b, -1]));
    return reshape(this.mlp.forward(concat(flat, { axis: 1 })), displacement.shape);
  }
}

/** The widest MLP with at most so many parameters. */
export function makeFlat(parameters: number, seed: number): Flat {
  const bodies = 5;
  let hidden = 1;
  const count = (h: number): number => h * (bodies * 7 + h + bodies * 3 + 2) + bodies * 3;
  while (count(hidden + 1) <= parameters) hidden++;
  return new Flat(bodies, hidden, seed);
}

/** Nothing moves. */
export const still: Predictor = ({ displacement }) => zerosLike(displacement);

/** Every body moves straight on: `t · v` with t = 1. */
export const straight: Predictor = ({ vectors, displacement }) =>
  reshape(vectors, displacement.shape).mul(1);

/** Mean squared error over coordinates. */
export function error(predicted: Tensor, batch: Batch): Tensor {
  return losses.mse(predicted, batch.displacement);
}
