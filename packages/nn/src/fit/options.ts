/** @file The options and the result of fit. */
import type { Rng, Tensor } from "@isograd/tensor";
import type { Optimizer } from "../optim/optimizer.js";
import type { Trainable } from "../optim/targets.js";
import type { Schedule } from "../schedules.js";

/** Gives a tensor of one element for the model and a batch. */
export type BatchFunction<M, B> = (model: M, batch: B) => Tensor;

/** Data that are not trained on, and what is measured on them. */
export interface Validation<M, B> {
  readonly data: Iterable<B>;
  /** Decides which weights are the best and when to stop early; default: the training loss. */
  readonly loss?: BatchFunction<M, B> | undefined;
  /** Further means over the data, by name. */
  readonly metrics?: Readonly<Record<string, BatchFunction<M, B>>> | undefined;
  /**
   * Steps between validations; default: one validation after each epoch. There is always one after
   * the last step.
   */
  readonly every?: number | undefined;
  /**
   * Whether `compile` of fit compiles it too; false for metrics that read values. Default: true.
   */
  readonly compile?: boolean | undefined;
}

/** One line of the history. */
export interface FitRecord {
  /** Steps taken, from 1. */
  readonly step: number;
  /** Epoch of the step, from 0. */
  readonly epoch: number;
  /** Loss of the batch. */
  readonly loss: number;
  /** Mean of the validation loss, if this step was followed by a validation. */
  readonly valLoss?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly lr: number;
  /** Since the start; those before a resume count too. */
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

/**
 * Makes a function that does the same, faster: `compile` of @isograd/compile. `state` is all that
 * the function reads and writes beside its arguments.
 */
export type Compiler = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: { readonly state: unknown },
) => ((...args: A) => R) & { readonly dispose?: () => void };

export interface FitOptions<M extends Trainable, B> {
  /** What is trained: a module, or a tree of tensors. */
  readonly model: M;
  /** Loss of one batch, a tensor of one element. */
  readonly loss: BatchFunction<M, B>;
  /** Optimiser of this model: of the same parameters under the same names. */
  readonly optimizer: Optimizer;
  /**
   * Batches: a DataLoader or another iterable, iterated once per epoch; or a function that makes
   * the batch of a step.
   */
  readonly data: Iterable<B> | ((step: number) => B);
  /** Epochs after which the run ends. One of `epochs`, `maxSteps` and `minutes` is required. */
  readonly epochs?: number | undefined;
  /** Steps after which the run ends. */
  readonly maxSteps?: number | undefined;
  /** Minutes after which the run ends. */
  readonly minutes?: number | undefined;
  /**
   * Factor of the optimiser's learning rate by step. If the data have no length, the progress
   * counts whole epochs; if there is also only one epoch, it is NaN.
   */
  readonly schedule?: Schedule | undefined;
  /** Clips gradients to this global norm. */
  readonly clipNorm?: number | undefined;
  /** Decay of an average of the weights, which validation uses and the model ends with. */
  readonly ema?: number | undefined;
  readonly validation?: Validation<M, B> | undefined;
  /** Number of validations without a better loss after which the run ends. */
  readonly patience?: number | undefined;
  /** How much lower a loss must be to count as better; default: 0. */
  readonly minDelta?: number | undefined;
  /** Whether the model ends with the weights of its best validation; default: true. */
  readonly restoreBest?: boolean | undefined;
  /** Called after every step whose loss is read, see `readEvery`. */
  readonly onStep?: Callback | undefined;
  /** Called after every validation. */
  readonly onValidation?: Callback | undefined;
  /** Called after every epoch. */
  readonly onEpoch?: Callback | undefined;
  /** Steps between readings of the loss; default: 1, or 10 on devices that cannot read at once. */
  readonly readEvery?: number | undefined;
  /**
   * Default: a bar on a terminal, lines in a file or a pipe, nothing in browsers. False shows
   * nothing; "bar" without a terminal prints lines; a {@link Reporter} shows what it likes.
   */
  readonly progress?: boolean | "bar" | "lines" | Reporter | undefined;
  /** Text before the progress. */
  readonly title?: string | undefined;
  /** Receives the bytes of a checkpoint after every `checkpointEvery` steps, and at the end. */
  readonly onCheckpoint?:
    | ((bytes: Uint8Array, record: { readonly step: number }) => unknown)
    | undefined;
  readonly checkpointEvery?: number | undefined;
  /** A checkpoint from which the run continues, bit for bit. */
  readonly resume?: Uint8Array | null | undefined;
  /** Generators that checkpoints contain in addition to those of the model and the loader. */
  readonly generators?: Readonly<Record<string, Rng>> | undefined;
  /**
   * Compiles steps and validations, with the same bits: pass `compile` of @isograd/compile. Batches
   * are tensors, or arrays and plain objects of them, of few different shapes. Default: all runs op
   * by op.
   */
  readonly compile?: Compiler | undefined;
  /** An `AbortSignal`, which ends the run when it is aborted. */
  readonly signal?: { readonly aborted: boolean } | undefined;
}

export interface FitResult {
  readonly history: readonly FitRecord[];
  readonly steps: number;
  readonly seconds: number;
  readonly stopped: StopReason;
  /** The validation with the lowest loss; null without validation. */
  readonly best: { readonly step: number; readonly valLoss: number } | null;
}
