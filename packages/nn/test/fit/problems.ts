/** @file Small problems for the tests of fit. */
import { type Rng, rng, sin, type Tensor, tensor } from "@isograd/tensor";
import {
  adam,
  DataLoader,
  Dropout,
  type FitOptions,
  Linear,
  losses,
  MLP,
  Module,
} from "../../src/index.js";

export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** A model whose dropout shares its generator with the loader: the hardest case to resume. */
export class Noisy extends Module {
  readonly first: Linear;
  readonly drop: Dropout;
  readonly last: Linear;

  constructor(random: Rng) {
    super();
    this.first = new Linear(1, 16, { rng: random });
    this.drop = new Dropout(0.1, { rng: random });
    this.last = new Linear(16, 1, { rng: random });
  }

  forward(x: Tensor): Tensor {
    return this.last.forward(this.drop.forward(this.first.forward(x).tanh()));
  }
}

export function sine(seed = 0, n = 40): Batch {
  const x = rng(seed).uniform([n, 1], { low: -2, high: 2 });
  return { x, y: sin(x) };
}

export const loss = (m: { forward(x: Tensor): Tensor }, { x, y }: Batch): Tensor =>
  losses.mse(m.forward(x), y);

/** New options of fit, from a seed. */
export function noisyRun(seed = 1): FitOptions<Noisy, Batch> & { readonly model: Noisy } {
  const random = rng(seed);
  const model = new Noisy(random);
  return {
    model,
    loss,
    optimizer: adam(model, { lr: 0.01 }),
    data: new DataLoader(sine(), { batchSize: 8, shuffle: random }),
    progress: false,
  };
}

export function xor(): FitOptions<MLP, Batch> & { readonly model: MLP } {
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const model = new MLP([2, 8, 1], { activation: "tanh", rng: rng(0) });
  return {
    model,
    loss: (m, b) => losses.binaryCrossEntropyWithLogits(m.forward(b.x), b.y),
    optimizer: adam(model, { lr: 0.05 }),
    data: new DataLoader({ x, y: tensor([[0], [1], [1], [0]]) }, { batchSize: 4 }),
    progress: false,
  };
}
