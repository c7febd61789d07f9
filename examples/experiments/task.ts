/** @file The parts of an experiment: a base model, a new task for it, and how to score it there. */
import type { Compiler, Module } from "@isograd/nn";
import type { Tensor } from "@isograd/tensor";

/** Rows of numbers; the first axis of each tensor counts examples. */
export type Data = Readonly<Record<string, Tensor>>;

/** One of the tensors. */
export function column(data: Data, name: string): Tensor {
  const found = data[name];
  if (found === undefined) throw new Error(`the data have no "${name}"`);
  return found;
}

export type TaskName = "language" | "vision" | "arithmetic";

/** How long pretraining and one adaptation are. */
export interface Effort {
  readonly pretrainSteps: number;
  readonly steps: number;
}

/** A pretrained base: the bytes of its model.safetensors, and its score on its own task. */
export interface Base {
  readonly weights: Uint8Array;
  readonly score: number;
}

/** A base model, pretrained on one task, and another task that it is adapted to. */
export interface Task<M extends Module = Module> {
  readonly name: TaskName;
  readonly title: string;
  /** What the base's score and the adapted models' scores are. */
  readonly baseMetric: string;
  readonly metric: string;
  /** Weights that are adapted, by the ends of their names. */
  readonly targets: readonly string[];
  /** How many weights these are, and rows of all of them together. */
  readonly shape: { readonly targets: number; readonly rows: number };
  /** The new head: trained in full by every method, at a rate of its own. */
  readonly head: readonly string[];
  /** Trained numbers, the head not counted: those of LoRA of rank 1, 2 and 4. */
  readonly budgets: readonly number[];
  readonly batchSize: number;
  readonly valid: Data;
  readonly test: Data;
  /** With a compiler, steps are compiled where the loss reads no values; the bits are the same. */
  pretrain(steps: number, say: (part: number) => void, compile?: Compiler): Promise<Base>;
  /** The base with a new head, drawn by the seed. */
  model(base: Base, seed: number): M;
  /** Training examples of the new task; the seed chooses which. */
  train(seed: number): Data;
  loss(model: M, batch: Data): Tensor;
  /** How many examples the model gets right. */
  correct(model: M, batch: Data): number;
}
