/** @file One step of a run: the update, then reading, validation and a checkpoint if due. */
import { DeviceError, dispose, scope } from "@isograd/tensor";
import type { Trainable } from "../optim/targets.js";
import { readNumber } from "./evaluate.js";
import type { FitRecord, StopReason } from "./options.js";
import { progressOf, type Run, saveRun, seconds } from "./run.js";
import { afterValidation, type Report, validate, verdict } from "./validate.js";

/** Takes a step; returns why the run ends, or null. */
export async function takeStep<M extends Trainable, B>(
  run: Run<M, B>,
  batch: () => B,
  report: Report,
): Promise<StopReason | null> {
  const { validation, readEvery, onStep, onCheckpoint, checkpointEvery } = run.options;
  move(run, batch);
  const every = readEvery ?? (run.readable ? 1 : 10);
  const validates = validation?.every !== undefined && run.step % validation.every === 0;
  let stop: StopReason | null = null;
  if (validates || run.step % every === 0) {
    const seen = await read(run);
    const measured = validates && Number.isFinite(seen.loss);
    const record = measured ? await validate(run, validation, seen) : seen;
    report(record);
    stop = await verdict(record, onStep);
    if (record.valLoss !== undefined) stop ??= await afterValidation(run, record);
  }
  if (onCheckpoint && checkpointEvery !== undefined && run.step % checkpointEvery === 0) {
    await onCheckpoint(await saveRun(run), { step: run.step });
  }
  return stop;
}

/** The update itself; frees everything except the loss. */
function move<M extends Trainable, B>(run: Run<M, B>, batch: () => B): void {
  const { optimizer, schedule } = run.options;
  optimizer.lr = run.baseLr * (schedule?.(run.step, progressOf(run)) ?? 1);
  if (run.pending !== null) dispose(run.pending);
  run.pending = null;
  run.pending = scope(() => run.advance(batch()));
  run.step++;
  run.position++;
}

/** The record of the last step; its loss is read unless the history has it already. */
export async function read<M extends Trainable, B>(run: Run<M, B>): Promise<FitRecord> {
  const { history, step, epoch } = run;
  const last = history.at(-1);
  if (last !== undefined && last.step === step) return last;
  const lr = run.options.optimizer.lr;
  const record = { step, epoch, loss: await lossOf(run), lr, seconds: seconds(run) };
  history.push(record);
  return record;
}

/** The loss, at once if the device can read it so. */
function lossOf<M extends Trainable, B>(run: Run<M, B>): number | Promise<number> {
  const { pending } = run;
  if (pending === null) return Number.NaN;
  if (!run.readable) return readNumber(pending);
  try {
    return pending.item();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    run.readable = false;
    return readNumber(pending);
  }
}
