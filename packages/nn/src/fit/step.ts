/** @file One step of a run: moved at once, then read, validated and saved where that is due. */
import { DeviceError, dispose, scope } from "@isograd/tensor";
import { clipByGlobalNorm } from "../optim/clip.js";
import type { Trainable } from "../optim/targets.js";
import { readNumber } from "./evaluate.js";
import type { FitRecord, StopReason } from "./options.js";
import { progressOf, type Run, saveRun, seconds } from "./run.js";
import { afterValidation, type Report, validate, verdict } from "./validate.js";

/** Steps, and says whether the run must end. */
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
    const record = validates && Number.isFinite(seen.loss) ? await validate(run, seen) : seen;
    report(record);
    stop = await verdict(record, onStep);
    if (record.valLoss !== undefined) stop ??= await afterValidation(run, record);
  }
  if (onCheckpoint && checkpointEvery !== undefined && run.step % checkpointEvery === 0) {
    await onCheckpoint(await saveRun(run), { step: run.step });
  }
  return stop;
}

/** One step, at once: nothing of it is left but the loss. */
function move<M extends Trainable, B>(run: Run<M, B>, batch: () => B): void {
  const { model, optimizer, schedule, clipNorm } = run.options;
  optimizer.lr = run.baseLr * (schedule?.(run.step, progressOf(run)) ?? 1);
  if (run.pending !== null) dispose(run.pending);
  run.pending = null;
  run.pending = scope(() => {
    const [loss, grads] = run.slope(model, batch());
    optimizer.step(clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).grads);
    run.ema?.update();
    return loss.alias(true); // a loss that was made elsewhere stays
  });
  run.step++;
  run.position++;
}

/** The record of the last step, its loss read into the history unless it was already. */
export async function read<M extends Trainable, B>(run: Run<M, B>): Promise<FitRecord> {
  const { history, step, epoch } = run;
  const last = history.at(-1);
  if (last !== undefined && last.step === step) return last;
  const lr = run.options.optimizer.lr;
  const record = { step, epoch, loss: await lossOf(run), lr, seconds: seconds(run) };
  history.push(record);
  return record;
}

/** Read at once where the device can. */
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
