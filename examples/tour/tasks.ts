/**
 * @file The parts of the tour that run in parallel: training the MLP, adapting PONITA by each
 * method.
 */
import { equivarianceError, type Ponita } from "@isograd/equivariant";
import {
  type Adapter,
  type AdapterFiles,
  deltaMap,
  distortion,
  fullFineTune,
  gpart,
  lora,
  saveAdapter,
  uniLora,
} from "@isograd/gpart";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { type Flat, makeFlat, makePonita, ponitaPredicts } from "./models.js";
import { type Curve, testError, train, trainAdapter } from "./train.js";
import { type Batch, firstOf } from "./world.js";

/** The ways of fine-tuning that are compared. */
export const METHODS = ["GPart", "Uni-LoRA", "LoRA", "full"] as const;
export type MethodName = (typeof METHODS)[number];

/** Train an MLP of so many parameters. */
export interface FlatTask {
  readonly kind: "flat";
  readonly parameters: number;
  readonly seed: number;
  readonly minutes: number;
  readonly batchSize: number;
  readonly lr: number;
}

export interface FlatResult {
  readonly parameters: number;
  readonly curve: Curve;
  readonly mse: number;
  readonly rotation: number;
}

/** Adapt PONITA, given as a state dict, by one method. */
export interface AdaptTask {
  readonly kind: "adapt";
  readonly method: MethodName;
  /** Seed of the method, the order of batches and the base's architecture. */
  readonly seed: number;
  readonly baseSeed: number;
  readonly weights: Uint8Array;
  readonly steps: number;
  readonly batchSize: number;
}

export interface AdaptResult {
  readonly method: MethodName;
  readonly seed: number;
  readonly trained: number;
  readonly bytes: number;
  readonly mse: number;
  readonly curve: Curve;
  /** Ratios of lengths of random steps, before training. */
  readonly ratios: Float64Array;
  readonly files: AdapterFiles;
  /** Predictions for the first systems of the test set. */
  readonly predictions: Float32Array;
}

export type Task = FlatTask | AdaptTask;

/** Training and test sets of a task. */
export interface TaskData {
  readonly train: Batch;
  readonly test: Batch;
}

/** Rank of LoRA; its number of parameters is the budget of the other two. */
const RANK = 1;

/** Makes an adapter with the budget that all but full fine-tuning share. */
function makeAdapter(model: Ponita, method: MethodName, seed: number): Adapter<Ponita> {
  const probe = lora(model, { rank: RANK, seed });
  const d = probe.parameterCount;
  if (method === "LoRA") return probe;
  probe.dispose();
  if (method === "GPart") return gpart(model, { d, seed });
  if (method === "Uni-LoRA") return uniLora(model, { d, seed, rank: 4 });
  return fullFineTune(model, { targetModules: "all-linear" });
}

/** The best of 2, 8 and 32 · 10⁻³ for each method, in one trial each, on other systems. */
const LEARNING_RATE: Readonly<Record<MethodName, number>> = {
  GPart: 32e-3,
  "Uni-LoRA": 32e-3,
  LoRA: 32e-3,
  full: 8e-3,
};

/** A network with these weights. */
export function restore(weights: Uint8Array, seed: number): Ponita {
  const model = makePonita(seed);
  model.loadStateDict(loadSafetensors(weights).tensors);
  return model;
}

/** A network's state dict as the bytes of a file. */
export function freeze(model: Ponita | Flat): Uint8Array {
  return saveSafetensors(model.stateDict());
}

/** Does one task. */
export function perform(task: FlatTask, data: TaskData): Promise<FlatResult>;
export function perform(task: AdaptTask, data: TaskData): Promise<AdaptResult>;
export function perform(task: Task, data: TaskData): Promise<FlatResult | AdaptResult>;
export async function perform(task: Task, data: TaskData): Promise<FlatResult | AdaptResult> {
  return task.kind === "flat" ? trainFlat(task, data) : adapt(task, data);
}

async function trainFlat(task: FlatTask, { train: set, test }: TaskData): Promise<FlatResult> {
  const model = makeFlat(task.parameters, task.seed);
  const predict = (m: Flat, batch: Batch) => m.forward(batch);
  const curve = await train(model, predict, set, task);
  return {
    parameters: model.parameterCount,
    curve,
    mse: testError((batch) => model.forward(batch), test),
    rotation: rotationError((batch) => model.forward(batch), test),
  };
}

/** Relative change of predictions under random rotations of the input. */
export function rotationError(
  predict: (batch: Batch) => Parameters<typeof testError>[1]["positions"],
  test: Batch,
): number {
  const sample = firstOf(test, 50);
  const [found] = equivarianceError((batch: Batch) => predict(batch), sample, {
    transforms: ["rotation"],
    inputs: { displacement: "vector" },
    outputs: { output: "vector" },
  });
  return found?.error ?? Number.NaN;
}

async function adapt(task: AdaptTask, { train: set, test }: TaskData): Promise<AdaptResult> {
  const { method, seed, steps: maxSteps, batchSize } = task;
  const model = restore(task.weights, task.baseSeed);
  const adapter = makeAdapter(model, method, seed);
  const { at, map } = deltaMap(adapter);
  const { ratios } = distortion(map, { at, steps: 60, seed, spectrum: false });
  const run = { maxSteps, batchSize, lr: LEARNING_RATE[method], seed };
  const curve = await trainAdapter(adapter, set, run);
  const predict = (batch: Batch) => adapter.run((m) => ponitaPredicts(m, batch));
  const files = saveAdapter(adapter);
  return {
    method,
    seed,
    trained: adapter.parameterCount,
    bytes: files.weights.length + files.config.length,
    mse: testError(predict, test),
    curve,
    ratios,
    files,
    predictions: Float32Array.from(predict(firstOf(test, 50)).dataSync()),
  };
}
