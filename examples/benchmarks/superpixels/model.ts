/** @file Networks that name letters: on R²×S¹, on R², and on R² with coordinates as inputs. */
import { grids, Pnita, Ponita } from "@isograd/equivariant";
import { losses, Module } from "@isograd/nn";
import { argmax, concat, equal, mean, rng, type Tensor } from "@isograd/tensor";
import type { Preset } from "../harness/benchmark.js";
import type { LetterBatch } from "./data.js";

export const NETWORKS = ["R²×S¹", "R²", "R² with coordinates"] as const;
export type NetworkName = (typeof NETWORKS)[number];

const SIZES = {
  quick: { channels: 8, layers: 1, orientations: 4 },
  small: { channels: 32, layers: 3, orientations: 8 },
  paper: { channels: 128, layers: 5, orientations: 10 },
} as const;

/** Letters A to Z. */
const CLASSES = 26;

/** Logits of letters. */
export class LetterModel extends Module {
  readonly name: NetworkName;
  readonly network: Ponita | Pnita;

  constructor(name: NetworkName, preset: Preset) {
    super();
    this.name = name;
    const { channels, layers, orientations } = SIZES[preset];
    const inputs = { scalars: name === "R² with coordinates" ? 3 : 1 };
    const options = {
      ...{ channels, layers, inputs, outputs: { scalars: CLASSES } },
      level: "graph",
      pooling: "mean",
      rng: rng(name),
    } as const;
    this.network =
      name === "R²×S¹"
        ? new Ponita({ ...options, grid: grids.circle(orientations) })
        : new Pnita({ ...options, dim: 2 });
  }

  calibrate(batch: LetterBatch): void {
    this.network.calibrate(this.graphs(batch));
  }

  /** [graphs, 26] */
  forward(batch: LetterBatch): Tensor {
    return this.network.forward(this.graphs(batch)).scalars;
  }

  /** Adds centred coordinates, in units of half the image, for the network that may see them. */
  private graphs(batch: LetterBatch): LetterBatch {
    if (this.name !== "R² with coordinates") return batch;
    const { positions, scalars } = batch;
    return { ...batch, scalars: concat([scalars, positions.mul(0.2)], { axis: 1 }) };
  }
}

export function letterLoss(model: LetterModel, batch: LetterBatch): Tensor {
  return losses.crossEntropy(model.forward(batch), batch.labels);
}

/** The part of the letters that are named wrongly. */
export function letterErrors(model: LetterModel, batch: LetterBatch): Tensor {
  const right = equal(argmax(model.forward(batch), { axis: 1 }), batch.labels);
  return mean(right.cast("float32")).neg().add(1);
}
