/** @file The data of the tour: charged bodies in space, as batches that the models take. */
import {
  type Interaction,
  type NBodyData,
  randomRotations,
  simulateNBody,
} from "@isograd/equivariant";
import { DataLoader } from "@isograd/nn";
import { expandDims, matmul, mul, type Rng, reshape, sub, type Tensor } from "@isograd/tensor";

/** The tensors of a batch. */
export type Field = "positions" | "scalars" | "vectors" | "edges" | "displacement";

/** An object with each field of a batch. */
export function eachField<T>(value: (name: Field) => T): Record<Field, T> {
  return {
    positions: value("positions"),
    scalars: value("scalars"),
    vectors: value("vectors"),
    edges: value("edges"),
    displacement: value("displacement"),
  };
}

/** b systems of n bodies: what goes in, and the displacement to predict. */
export interface Batch extends Record<string, Tensor> {
  /** [b, n, 3] */
  readonly positions: Tensor;
  /** Charges [b, n, 1]. */
  readonly scalars: Tensor;
  /** Velocities [b, n, 1, 3]. */
  readonly vectors: Tensor;
  /** Products of charges [b, n, n, 1]. */
  readonly edges: Tensor;
  /** Where the bodies go within one unit of time, minus where they are: [b, n, 3]. */
  readonly displacement: Tensor;
}

/** A law of nature and the systems simulated under it. */
export interface World {
  readonly train: Batch;
  readonly test: Batch;
  /** Positions over time of the first test systems [k, frames, n, 3]. */
  readonly paths: Tensor;
}

/** How many systems of each kind. */
export interface Sizes {
  readonly train: number;
  readonly test: number;
}

/** Simulates a world; the same seed gives the same bits. */
export function simulateWorld(law: Partial<Interaction>, sizes: Sizes, seed: number): World {
  const simulate = (samples: number, name: string, trajectories = false): NBodyData =>
    simulateNBody({ ...law, samples, seed: `${name} ${seed}`, trajectories });
  const { trajectories: paths } = simulate(6, "test", true);
  if (paths === undefined) throw new Error("the simulation has kept no trajectories");
  return {
    train: asBatch(simulate(sizes.train, "train")),
    test: asBatch(simulate(sizes.test, "test")),
    paths,
  };
}

function asBatch({ charges, positions, velocities, targets }: NBodyData): Batch {
  const [b = 0, n = 0] = charges.shape;
  return {
    positions,
    scalars: charges,
    vectors: velocities,
    edges: reshape(mul(reshape(charges, [b, n, 1]), reshape(charges, [b, 1, n])), [b, n, n, 1]),
    displacement: sub(targets, positions),
  };
}

/** The first systems of a set. */
export function firstOf(data: Batch, count: number): Batch {
  return eachField((name) => data[name].slice([[0, count]]));
}

/** Batches for training, shuffled in every epoch. */
export function loader(data: Batch, batchSize: number, shuffle: Rng): DataLoader<Batch> {
  return new DataLoader(data, { batchSize, shuffle, dropLast: true });
}

/** Each system turned by a random rotation of its own. */
export function turned(batch: Batch, random: Rng): Batch {
  const { positions, vectors, displacement } = batch;
  const [systems = 0] = positions.shape;
  const turns = randomRotations(random, systems).mT;
  return {
    ...batch,
    positions: matmul(positions, turns),
    vectors: matmul(vectors, expandDims(turns, 1)),
    displacement: matmul(displacement, turns),
  };
}
