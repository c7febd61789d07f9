/** @file A run of fit: its state, its start, and how it is saved. */
import { isTracked, valueAndGrad } from "@isograd/autograd";
import { type Rng, Tensor, UsageError } from "@isograd/tensor";
import { expectFunction, expectSync } from "@isograd/tensor/engine";
import { DataLoader } from "../data/loader.js";
import { clipByGlobalNorm } from "../optim/clip.js";
import { Ema } from "../optim/ema.js";
import { modulesOf, type Trainable } from "../optim/targets.js";
import { encodeCheckpoint } from "./checkpoint.js";
import type { Measure } from "./evaluate.js";
import type { FitOptions, FitRecord, StopReason } from "./options.js";
import { saveTree } from "./snapshot.js";

/** The state of a run. */
export interface Run<M extends Trainable, B> {
  readonly options: FitOptions<M, B>;
  /** Takes a step on a batch; gives its loss. */
  readonly advance: ((batch: B) => Tensor) & { readonly dispose?: () => void };
  /** What validations measure; made by the first one. */
  measure: Measure<B, string> | null;
  readonly ema: Ema | null;
  readonly baseLr: number;
  readonly history: FitRecord[];
  step: number;
  epoch: number;
  position: number;
  /** Batches to skip in the first epoch after a resume, for data without `loadState`. */
  skip: number;
  best: { readonly step: number; readonly valLoss: number } | null;
  bestWeights: Record<string, Tensor>;
  worse: number;
  validatedAt: number;
  startedAt: number;
  /** The loss of the last step; null before the first one. */
  pending: Tensor | null;
  /** Whether the device reads losses at once; false after it has refused to. */
  readable: boolean;
  stopped: StopReason | null;
}

/** A run at its start. */
export function startRun<M extends Trainable, B>(options: FitOptions<M, B>): Run<M, B> {
  const { model, optimizer } = options;
  const ema = options.ema === undefined ? null : new Ema(model, options.ema);
  const state = [model, optimizer, ema];
  const step = advanceBy(options, ema);
  const advance = options.compile === undefined ? step : options.compile(step, { state });
  expectFunction("fit", advance, "compile is that of @isograd/compile");
  return {
    options,
    advance,
    measure: null,
    ema,
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

/** One step: the gradient, clipped if asked for, the optimiser, and the average. */
function advanceBy<M extends Trainable, B>(
  { model, loss, optimizer, clipNorm }: FitOptions<M, B>,
  ema: Ema | null,
): (batch: B) => Tensor {
  const slope = slopeOf(loss);
  return (batch) => {
    const [value, grads] = slope(model, batch);
    optimizer.step(clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).grads);
    ema?.update();
    return value.alias(true); // a loss that the caller owns is not disposed
  };
}

/** Value and gradient of the loss; the first value is checked, as a constant trains nothing. */
function slopeOf<M extends Trainable, B>(
  loss: FitOptions<M, B>["loss"],
): (model: M, batch: B) => [Tensor, unknown] {
  let seen = false;
  return valueAndGrad((model: M, batch: B) => {
    const value = loss(model, batch);
    expectSync("fit", value, "the loss of a batch is made of ops; load data in the loader");
    if (!seen && value instanceof Tensor && !isTracked(value)) {
      throw new UsageError(
        "fit",
        "the loss does not depend on the model",
        "compute it with ops from the model that the loss gets; values read have no gradient",
      );
    }
    seen = true;
    return value;
  });
}

/** Seconds since the start; those before a resume count too. */
export function seconds(run: { readonly startedAt: number }): number {
  return (performance.now() - run.startedAt) / 1000;
}

/** The part of the run that is done, from 0 to 1, by the nearest limit. */
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

/**
 * The part of the run that is done, for schedules: NaN if it is unknown, in a single epoch of data
 * without a length.
 */
export function progressOf<M extends Trainable, B>(run: Run<M, B>): number {
  const { epochs, maxSteps, minutes, data } = run.options;
  const known = maxSteps !== undefined || minutes !== undefined || epochs !== 1;
  return known || "length" in data ? partDone(run) : Number.NaN;
}

/** Every generator that the run uses, by name. */
export function generatorsOf<M extends Trainable, B>(options: FitOptions<M, B>): Map<string, Rng> {
  const found = new Map<string, Rng>(Object.entries(options.generators ?? {}));
  for (const [i, module] of modulesOf(options.model).entries()) {
    for (const [name, rng] of module.namedGenerators()) found.set(`model.${i}.${name}`, rng);
  }
  const { data } = options;
  if (data instanceof DataLoader && data.rng !== null) found.set("data", data.rng);
  return found;
}

/** The bytes of a checkpoint of the run. */
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
