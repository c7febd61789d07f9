/** @file A run of fit: its state, where it starts, how it is saved and resumed. */
import { valueAndGrad } from "@isograd/autograd";
import { dispose, type Rng, type Tensor, UsageError } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import { DataLoader } from "../data/loader.js";
import { Ema } from "../optim/ema.js";
import { modulesOf, type Trainable } from "../optim/targets.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { FitOptions, FitRecord, StopReason } from "./options.js";
import { loadTree, saveTree } from "./trees.js";

/** What changes while a run goes on. */
export interface Run<M extends Trainable, B> {
  readonly options: FitOptions<M, B>;
  readonly slope: (model: M, batch: B) => [Tensor, unknown];
  readonly ema: Ema | null;
  readonly baseLr: number;
  readonly history: FitRecord[];
  step: number;
  epoch: number;
  position: number;
  /** Batches to pass over in the first epoch, for data that cannot be set to a place. */
  skip: number;
  best: { readonly step: number; readonly valLoss: number } | null;
  bestWeights: Record<string, Tensor>;
  worse: number;
  validatedAt: number;
  startedAt: number;
  /** The loss of the last step, while nobody has read it. */
  pending: Tensor | null;
  /** Whether losses are read at once; false after a device refused. */
  readable: boolean;
  stopped: StopReason | null;
}

/** A run at its start. */
export function startRun<M extends Trainable, B>(options: FitOptions<M, B>): Run<M, B> {
  check(options);
  const { model, loss, optimizer, ema } = options;
  return {
    options,
    slope: valueAndGrad((m: M, batch: B) => loss(m, batch)),
    ema: ema === undefined ? null : new Ema(model, ema),
    baseLr: optimizer.lr,
    history: [],
    step: 0,
    epoch: 0,
    position: 0,
    skip: 0,
    best: null,
    bestWeights: {},
    worse: 0,
    validatedAt: -1,
    startedAt: performance.now(),
    pending: null,
    readable: true,
    stopped: null,
  };
}

function check<M extends Trainable, B>(options: FitOptions<M, B>): void {
  const { epochs, maxSteps, minutes, patience, validation, data } = options;
  if (epochs === undefined && maxSteps === undefined && minutes === undefined) {
    throw new UsageError("fit", "nothing says when to stop", "give epochs, maxSteps or minutes");
  }
  if (typeof data === "function" && maxSteps === undefined && minutes === undefined) {
    throw new UsageError("fit", "a data function has no epochs", "give maxSteps or minutes");
  }
  if (patience !== undefined && validation === undefined) {
    throw new UsageError("fit", "patience needs validation", "give validation: { data: … }");
  }
}

/** Seconds since the start, those of resumed runs included. */
export function seconds(run: { readonly startedAt: number }): number {
  return (performance.now() - run.startedAt) / 1000;
}

/** The part of the run that is done, by the limit that is nearest. */
export function partDone<M extends Trainable, B>(run: Run<M, B>): number {
  const { epochs, maxSteps, minutes, data } = run.options;
  const length = (data as { length?: number }).length;
  const within = typeof data !== "function" && length ? run.position / length : 0;
  return Math.min(
    1,
    Math.max(
      epochs === undefined ? 0 : (run.epoch + within) / epochs,
      maxSteps === undefined ? 0 : run.step / maxSteps,
      minutes === undefined ? 0 : seconds(run) / (60 * minutes),
    ),
  );
}

/** Every generator that the run draws from, by name. */
function generatorsOf<M extends Trainable, B>(options: FitOptions<M, B>): Map<string, Rng> {
  const found = new Map<string, Rng>(Object.entries(options.generators ?? {}));
  for (const [i, module] of modulesOf(options.model).entries()) {
    for (const [name, rng] of module.namedGenerators()) found.set(`model.${i}.${name}`, rng);
  }
  const { data } = options;
  if (data instanceof DataLoader && data.rng !== null) found.set("data", data.rng);
  return found;
}

/** The run as it stands, as bytes. */
export async function saveRun<M extends Trainable, B>(run: Run<M, B>): Promise<Uint8Array> {
  const { options, ema } = run;
  const { tensors, ...optimizer } = options.optimizer.state();
  const averages = ema?.state() ?? null;
  const states = [...generatorsOf(options)].map(([name, rng]) => [name, rng.state()]);
  return encodeCheckpoint({
    model: saveTree(options.model),
    optimizer: tensors,
    ema: averages?.tensors ?? {},
    bestWeights: run.bestWeights,
    run: {
      step: run.step,
      epoch: run.epoch,
      position: run.position,
      seconds: seconds(run),
      history: run.history,
      best: run.best,
      worse: run.worse,
      loader: options.data instanceof DataLoader ? options.data.state() : null,
      generators: Object.fromEntries(states),
      optimizer,
      averaged: averages?.count ?? null,
    },
  });
}

/**
 * Brings a run to where it stood when these bytes were saved.
 *
 * @throws FormatError, or UsageError where the checkpoint is of another model or optimiser.
 */
export function resumeRun<M extends Trainable, B>(run: Run<M, B>, bytes: Uint8Array): void {
  const { options } = run;
  const { run: saved, model, optimizer, ema, bestWeights } = decodeCheckpoint(bytes);
  run.bestWeights = { ...bestWeights };
  try {
    loadTree(options.model, model);
    options.optimizer.loadState({ ...saved.optimizer, tensors: optimizer });
    if (saved.averaged !== null) run.ema?.loadState({ count: saved.averaged, tensors: ema });
  } finally {
    forEachTensor([model, optimizer, ema], dispose);
  }
  const { step, epoch, position, best, worse } = saved;
  Object.assign(run, { step, epoch, position, best, worse });
  run.history.push(...saved.history);
  run.startedAt = performance.now() - saved.seconds * 1000;
  const last = saved.history.at(-1);
  run.validatedAt = last?.valLoss !== undefined && last.step === step ? step : -1;
  if (options.data instanceof DataLoader && saved.loader !== null) {
    options.data.loadState(saved.loader);
  } else run.skip = position;
  for (const [name, rng] of generatorsOf(options)) {
    const state = saved.generators[name];
    if (state !== undefined) rng.restore(state);
  }
}
