/**
 * @file Molecules with a property to predict: QM9's files, splits, standardised targets, batches.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  completeEdges,
  type EdgeListGraphs,
  type Qm9Molecule,
  type Qm9Property,
  readQm9,
} from "@isograd/equivariant";
import { DataLoader } from "@isograd/nn";
import { dispose, type Rng, rng, type Tensor, tensor } from "@isograd/tensor";
import { mean } from "../../shared/statistics.js";

/** What a network sees of a molecule, and its properties. */
export interface Example {
  readonly numbers: readonly number[];
  readonly positions: Float32Array;
  readonly properties: Qm9Molecule["properties"];
}

/** Reads all .xyz files of a folder, in the order of their names. */
export function readFolder(path: string): Example[] {
  const names = readdirSync(path).filter((name) => name.endsWith(".xyz"));
  return names.sort().map((name) => exampleOf(readFileSync(join(path, name), "utf8")));
}

/** One file's molecule. */
export function exampleOf(text: string): Example {
  const { numbers, positions, charges, properties } = readQm9(text);
  const example = {
    numbers: Array.from(numbers.dataSync()),
    positions: Float32Array.from(positions.dataSync()),
    properties,
  };
  for (const x of [numbers, positions, charges]) dispose(x);
  return example;
}

/** Mean and spread of a property on the training set: targets are `(y − mean)/deviation`. */
export interface Standard {
  readonly property: Qm9Property;
  readonly mean: number;
  readonly deviation: number;
}

export function standardOf(examples: readonly Example[], property: Qm9Property): Standard {
  const values = examples.map((e) => e.properties[property]);
  const centre = mean(values);
  return {
    property,
    mean: centre,
    deviation: Math.sqrt(mean(values.map((y) => (y - centre) ** 2))),
  };
}

/** Examples in three random sets. */
export function split(
  examples: readonly Example[],
  train: number,
  validation: number,
  test: number,
) {
  const order = Array.from(rng("split").permutation(examples.length).dataSync());
  const part = (from: number, count: number): Example[] =>
    order.slice(from, from + count).map((i) => examples[i]!);
  return {
    train: part(0, train),
    validation: part(train, validation),
    test: part(train + validation, test),
  };
}

/** A batch of molecules as complete graphs, with standardised targets [graphs]. */
export interface PropertyBatch extends EdgeListGraphs {
  readonly scalars: Tensor;
  readonly graphs: number;
  /** The molecule of each atom. */
  readonly graph: Tensor;
  readonly targets: Tensor;
}

/** Elements by their places in the one-hot features. */
const ELEMENTS = [1, 6, 7, 8, 9];
export const KINDS = ELEMENTS.length;

export function propertyBatch(examples: readonly Example[], standard: Standard): PropertyBatch {
  const kinds = examples.flatMap(({ numbers }) =>
    numbers.map((z) => ELEMENTS.map((e) => (e === z ? 1 : 0))),
  );
  const sizes = examples.map(({ numbers }) => numbers.length);
  const positions = Float32Array.from(examples.flatMap((e) => Array.from(e.positions)));
  const { property, mean: centre, deviation } = standard;
  return {
    positions: tensor(positions, { shape: [kinds.length, 3] }),
    scalars: tensor(kinds),
    ...completeEdges(sizes),
    graph: tensor(Int32Array.from(sizes.flatMap((n, g) => Array.from({ length: n }, () => g)))),
    graphs: examples.length,
    targets: tensor(
      Float32Array.from(examples, (e) => (e.properties[property] - centre) / deviation),
    ),
  };
}

/** Batches of molecules. */
export function propertyLoader(
  examples: readonly Example[],
  standard: Standard,
  batchSize: number,
  shuffle?: Rng,
): DataLoader<readonly Example[], PropertyBatch> {
  return new DataLoader<readonly Example[], PropertyBatch>(examples, {
    batchSize,
    ...(shuffle && { shuffle, dropLast: true }),
    collate: (some) => propertyBatch(some, standard),
  });
}
