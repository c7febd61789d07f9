/** @file What fit takes and gives. */
import type { Rng, Tensor } from "@isograd/tensor";
import type { Optimizer } from "../optim/optimizer.js";
import type { Trainable } from "../optim/targets.js";
import type { Schedule } from "../schedules.js";

/** A batch and the model give a tensor of one element. */
export type BatchFunction<M, B> = (model: M, batch: B) => Tensor;

/** Held-out data and what is measured on them. */
export interface Validation<M, B> {
  readonly data: Iterable<B>;
  /** What early stopping watches; the training loss unless said. */
  readonly loss?: BatchFunction<M, B> | undefined;
  /** Further means over the data, by name. */
  readonly metrics?: Readonly<Record<string, BatchFunction<M, B>>> | undefined;
  /**
   * Steps between validations; each epoch's end unless said. The last step is always followed by
   * one.
   */
  readonly every?: number | undefined;
}

/** One line of the history. */
export interface FitRecord {
  /** Steps taken, from 1. */
  readonly step: number;
  /** Epoch in which the step lies, from 0. */
  readonly epoch: number;
  /** Of the batch. */
  readonly loss: number;
  /** Mean over the validation data, where it was taken after this step. */
  readonly valLoss?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly lr: number;
  /** Since the start, those of runs resumed included. */
  readonly seconds: number;
}

/** Why a run ended. */
export type StopReason =
  | "epochs"
  | "maxSteps"
  | "minutes"
  | "patience"
  | "callback"
  | "signal"
  | "diverged";

/** Returning false, or a promise of it, ends the run. */
export type Callback = (record: FitRecord) => unknown;

/** Shows a run while it goes on. */
export interface Reporter {
  start(title: string): void;
  /** `part` is the part of the run that is done, from 0 to 1. */
  step(record: FitRecord, part: number): void;
  finish(last: FitRecord | null, stopped: StopReason | "error"): void;
}

export interface FitOptions<M extends Trainable, B> {
  /** What is trained: a module, or a tree of tensors. */
  readonly model: M;
  /** Of one batch, as a tensor of one element. */
  readonly loss: BatchFunction<M, B>;
  /** Made over the same model: the very parameters, under the same names. */
  readonly optimizer: Optimizer;
  /**
   * Batches: a DataLoader or other iterable, walked once per epoch; or a function that makes one
   * for a step.
   */
  readonly data: Iterable<B> | ((step: number) => B);
  /** Ends the run; at least one of the three must be given. */
  readonly epochs?: number | undefined;
  readonly maxSteps?: number | undefined;
  readonly minutes?: number | undefined;
  /**
   * Factor of the optimiser's learning rate by step. The progress counts whole epochs where the
   * data have no length, and is NaN where there is one epoch only of those.
   */
  readonly schedule?: Schedule | undefined;
  /** Clips gradients to this global norm. */
  readonly clipNorm?: number | undefined;
  /** Decay of an average of the weights, which validation sees and the model holds in the end. */
  readonly ema?: number | undefined;
  readonly validation?: Validation<M, B> | undefined;
  /** Ends the run after this many validations without a better loss. */
  readonly patience?: number | undefined;
  /** How much lower a loss must be to be better; 0 unless said. */
  readonly minDelta?: number | undefined;
  /** Whether the model ends with its best weights; true unless said, where there is validation. */
  readonly restoreBest?: boolean | undefined;
  /** After every step that is read, see `readEvery`. */
  readonly onStep?: Callback | undefined;
  readonly onValidation?: Callback | undefined;
  readonly onEpoch?: Callback | undefined;
  /**
   * Steps between readings of the loss; 1, or 10 on devices that are read asynchronously, unless
   * said.
   */
  readonly readEvery?: number | undefined;
  /** A bar on terminals, lines elsewhere, nothing in browsers, unless said; false is silent. */
  readonly progress?: boolean | "bar" | "lines" | Reporter | undefined;
  /** Stands before the progress. */
  readonly title?: string | undefined;
  /** Takes the bytes of a checkpoint: after every `checkpointEvery` steps, and at the end. */
  readonly onCheckpoint?:
    | ((bytes: Uint8Array, record: { readonly step: number }) => unknown)
    | undefined;
  readonly checkpointEvery?: number | undefined;
  /** A checkpoint to go on from, bit for bit. */
  readonly resume?: Uint8Array | null | undefined;
  /** Generators besides those of the model and the loader that a checkpoint must remember. */
  readonly generators?: Readonly<Record<string, Rng>> | undefined;
  /** Ends the run when it fires. */
  readonly signal?: AbortSignal | undefined;
}

export interface FitResult {
  readonly history: readonly FitRecord[];
  readonly steps: number;
  readonly seconds: number;
  readonly stopped: StopReason;
  /** The validation with the lowest loss; null without validation. */
  readonly best: { readonly step: number; readonly valLoss: number } | null;
}
