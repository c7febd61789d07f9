/** @file Validation in a run: measures the model, keeps the best weights, decides to stop. */
import { dispose } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import type { Trainable } from "../optim/targets.js";
import { meansOf, measureOf } from "./evaluate.js";
import type { Callback, FitRecord, StopReason, Validation } from "./options.js";
import type { Run } from "./run.js";
import { saveTree } from "./snapshot.js";

/** Receives each record that is to be shown. */
export type Report = (record: FitRecord) => void;

/**
 * Measures the model, with the averaged weights if there are any, and adds the result to the last
 * record of the history.
 */
export async function validate<M extends Trainable, B>(
  run: Run<M, B>,
  validation: Validation<M, B>,
  record: FitRecord,
): Promise<FitRecord> {
  const { options, ema, history } = run;
  const { model } = options;
  const { data, loss = options.loss, metrics, compile = true } = validation;
  run.measure ??= measureOf(model, { ...metrics, "": loss }, compile ? options.compile : undefined);
  ema?.swap();
  try {
    const means = await meansOf(model, data, run.measure);
    const { "": valLoss = Number.NaN, ...others } = means;
    const whole = { ...record, valLoss, ...(metrics && { metrics: others }) };
    history[history.length - 1] = whole;
    run.validatedAt = run.step;
    remember(run, valLoss);
    return whole;
  } finally {
    ema?.restore();
  }
}

function remember<M extends Trainable, B>(run: Run<M, B>, valLoss: number): void {
  const { minDelta = 0, restoreBest = true, model } = run.options;
  if (!(valLoss < (run.best?.valLoss ?? Number.POSITIVE_INFINITY) - minDelta)) {
    run.worse++;
    return;
  }
  run.worse = 0;
  run.best = { step: run.step, valLoss };
  if (!restoreBest) return;
  forEachTensor(run.bestWeights, dispose);
  run.bestWeights = saveTree(model);
}

/** Why a validation ends the run, or null. */
export async function afterValidation<M extends Trainable, B>(
  run: Run<M, B>,
  record: FitRecord,
): Promise<StopReason | null> {
  const { patience, onValidation } = run.options;
  const stop = await verdict(record, onValidation);
  return stop ?? (patience !== undefined && run.worse >= patience ? "patience" : null);
}

/** Why the loss or a callback ends the run, or null. */
export async function verdict(
  record: FitRecord,
  callback: Callback | undefined,
): Promise<StopReason | null> {
  if (!Number.isFinite(record.loss)) return "diverged";
  if (callback === undefined) return null;
  const answer = callback(record);
  return (answer instanceof Promise ? await answer : answer) === false ? "callback" : null;
}
