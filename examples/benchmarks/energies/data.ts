/**
 * @file Poses of a molecule with energies and forces, in normalised units, split into three sets.
 */
import { type MoleculePoses, randomRotations, readRmd17 } from "@isograd/equivariant";
import { DataLoader } from "@isograd/nn";
import { matmul, type Rng, rng, type Tensor, take, tensor } from "@isograd/tensor";

/**
 * Poses as the models see them: energies about their mean, all in units of the RMS force (times Å).
 */
export interface Poses extends Record<string, Tensor> {
  /** [N, n, 3] in Å */
  readonly positions: Tensor;
  /** [N] */
  readonly energies: Tensor;
  /** [N, n, 3] */
  readonly forces: Tensor;
}

export interface MoleculeData {
  /** Atomic numbers of the n atoms. */
  readonly numbers: readonly number[];
  /** Unit of forces in kcal/mol/Å, and of energies in kcal/mol. */
  readonly scale: number;
  readonly train: Poses;
  readonly validation: Poses;
  readonly test: Poses;
}

/** meV in a kcal/mol. */
export const MEV = 43.3641;

/** How many poses of each kind; default of `test`: all others. */
export interface Split {
  readonly train: number;
  readonly validation: number;
  readonly test?: number;
}

/** Reads a file in rMD17's layout and splits it at random. */
export function loadMolecule(bytes: Uint8Array, split: Split, seed = 0): MoleculeData {
  const poses = readRmd17(bytes);
  const N = poses.energies.size;
  const order = Array.from(rng(`split ${seed}`).permutation(N).dataSync());
  const seen = split.train + split.validation;
  return normalised(poses, {
    train: order.slice(0, split.train),
    validation: order.slice(split.train, seen),
    test: order.slice(seen, split.test === undefined ? N : seen + split.test),
  });
}

/** Sets of poses by their indices; shift and scale are those of the training set. */
export function normalised(
  { numbers, positions, energies, forces }: MoleculePoses,
  sets: Readonly<Record<"train" | "validation" | "test", readonly number[]>>,
): MoleculeData {
  const rows = (x: Tensor, chosen: readonly number[]): Tensor =>
    take(x, tensor(Int32Array.from(chosen)), { axis: 0 });
  const mean = rows(energies, sets.train).mean().item();
  const scale = Math.sqrt(rows(forces, sets.train).square().mean().item());
  const part = (chosen: readonly number[]): Poses => ({
    positions: rows(positions, chosen),
    // Subtracted in float64: totals are 10⁵ times as large as what differs.
    energies: rows(energies, chosen).sub(mean).div(scale).cast("float32"),
    forces: rows(forces, chosen).div(scale),
  });
  return {
    numbers: Array.from(numbers.dataSync()),
    scale,
    train: part(sets.train),
    validation: part(sets.validation),
    test: part(sets.test),
  };
}

/** Batches for training, shuffled in every epoch. */
export function posesLoader(data: Poses, batchSize: number, shuffle?: Rng): DataLoader<Poses> {
  return new DataLoader(data, { batchSize, ...(shuffle && { shuffle, dropLast: true }) });
}

/** Each pose turned by a random rotation of its own. */
export function turnedPoses({ positions, energies, forces }: Poses, random: Rng): Poses {
  const turns = randomRotations(random, energies.size).mT;
  return { positions: matmul(positions, turns), energies, forces: matmul(forces, turns) };
}

/** Clouds [b, n, 3], each turned by a random rotation of its own. */
export function turnedPositions(positions: Tensor, random: Rng): Tensor {
  const [clouds = 0] = positions.shape;
  return matmul(positions, randomRotations(random, clouds).mT);
}
