/**
 * @file Checkpoints: everything that a run needs to continue bit for bit, as the bytes of a
 * safetensors file.
 */
import { dispose, FormatError, scope, type Tensor } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import type { LoaderState } from "../data/loader.js";
import type { OptimizerState } from "../optim/optimizer.js";
import type { FitRecord } from "./options.js";
import { below } from "./snapshot.js";

const FORMAT = "isograd-checkpoint-v1";

/** The part of a checkpoint that is plain JSON. */
export interface RunState {
  readonly step: number;
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly position: number;
  readonly seconds: number;
  readonly history: readonly FitRecord[];
  readonly best: { readonly step: number; readonly valLoss: number } | null;
  /** Number of validations since the best one. */
  readonly worse: number;
  readonly loader: LoaderState | null;
  readonly generators: Readonly<Record<string, readonly number[]>>;
  readonly optimizer: Omit<OptimizerState, "tensors">;
  readonly averaged: number | null;
}

/** A checkpoint in memory: its JSON, and tensors by name. */
export interface Checkpoint {
  readonly run: RunState;
  readonly model: Readonly<Record<string, Tensor>>;
  readonly optimizer: Readonly<Record<string, Tensor>>;
  readonly ema: Readonly<Record<string, Tensor>>;
  readonly bestWeights: Readonly<Record<string, Tensor>>;
}

const PARTS = ["model", "optimizer", "ema", "bestWeights"] as const;

/**
 * The bytes of a checkpoint; its tensors are disposed, except the best weights, which the run
 * keeps.
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const arrays: Parameters<typeof saveSafetensors>[0] = {};
  try {
    for (const part of PARTS) {
      for (const [name, x] of Object.entries(checkpoint[part])) {
        arrays[`${part}.${name}`] = { shape: x.shape, dtype: x.dtype, data: await x.data() };
        if (part !== "bestWeights") dispose(x);
      }
    }
  } finally {
    const { model, optimizer, ema } = checkpoint;
    forEachTensor([model, optimizer, ema], dispose); // after a failed read, the rest
  }
  return saveSafetensors(arrays, { format: FORMAT, run: JSON.stringify(checkpoint.run) });
}

/**
 * Reads what {@link encodeCheckpoint} wrote.
 *
 * @throws FormatError for files that are not checkpoints.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  return scope(() => {
    const { tensors, metadata } = loadSafetensors(bytes);
    const { format, run } = metadata;
    if (format !== FORMAT || run === undefined) {
      throw new FormatError(
        "fit",
        `this file is no checkpoint (its format is "${format ?? "not given"}", not "${FORMAT}")`,
        "weights alone are loaded with model.loadStateDict(loadSafetensors(bytes).tensors)",
      );
    }
    const part = (name: (typeof PARTS)[number]) => below(tensors, name);
    return {
      run: JSON.parse(run) as RunState,
      model: part("model"),
      optimizer: part("optimizer"),
      ema: part("ema"),
      bestWeights: part("bestWeights"),
    };
  });
}
