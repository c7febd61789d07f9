/**
 * @file The training loop: synchronous steps that free their temporaries, and pauses for the event
 * loop between them.
 */
import { dispose, UsageError } from "@isograd/tensor";
import { expectSync, forEachTensor } from "@isograd/tensor/engine";
import { DataLoader } from "../data/loader.js";
import { modulesOf, type Trainable } from "../optim/targets.js";
import { checkOptions } from "./check.js";
import type { FitOptions, FitRecord, FitResult, StopReason } from "./options.js";
import { pacer } from "./pause.js";
import { reporterFor } from "./progress.js";
import { resumeRun } from "./resume.js";
import { partDone, type Run, saveRun, seconds, startRun } from "./run.js";
import { loadTree } from "./snapshot.js";
import { read, takeStep } from "./step.js";
import { afterValidation, type Report, validate, verdict } from "./validate.js";

/**
 * Trains a model. Each batch gives a loss, its gradient, clipping if asked for, and a step of the
 * optimiser at the rate of the schedule. Validation, early stopping, averaging, checkpoints and a
 * progress bar are options. Every temporary is freed: memory stays constant over any number of
 * steps. The model ends in evaluation mode, after validation with its best weights.
 *
 * The same seeds give the same bits, and a resumed run gives the same bits as one that was never
 * stopped, except where `minutes` ends the run.
 *
 * @throws UsageError when no option ends the run, the optimiser belongs to another model, all
 * parameters are frozen, an option is out of range or has no effect without another, or the data
 * give no batches; and any error of the loss.
 * @example
 * const random = rng(0);
 * const x = random.uniform([256, 1], { low: -3, high: 3 });
 * const model = new MLP([1, 32, 1], { activation: "tanh", rng: random });
 * const { history } = await fit({
 *   model,
 *   loss: (m, batch) => losses.mse(m.forward(batch.x), batch.y),
 *   optimizer: adam(model, { lr: 0.01 }),
 *   data: new DataLoader({ x, y: sin(x) }, { batchSize: 32, shuffle: random }),
 *   epochs: 30,
 *   progress: false,
 * });
 * history.at(-1)?.loss.toFixed(1); // 0.0
 */
export async function fit<M extends Trainable, B>(options: FitOptions<M, B>): Promise<FitResult> {
  checkOptions(options);
  const reporter = reporterFor(options.progress);
  const run = startRun(options);
  const report = (record: FitRecord): void => reporter?.step(record, partDone(run));
  reporter?.start(options.title ?? "");
  try {
    if (options.resume) resumeRun(run, options.resume);
    for (const module of modulesOf(options.model)) module.train();
    run.stopped = await train(run, report);
    await finish(run, report);
    for (const module of modulesOf(options.model)) module.eval();
  } finally {
    options.optimizer.lr = run.baseLr;
    run.ema?.dispose();
    run.advance.dispose?.();
    run.measure?.dispose();
    if (run.pending !== null) dispose(run.pending);
    forEachTensor(run.bestWeights, dispose);
    reporter?.finish(run.history.at(-1) ?? null, run.stopped ?? "error");
  }
  const { history, step: steps, best, stopped } = run;
  return { history, steps, seconds: seconds(run), stopped, best };
}

async function train<M extends Trainable, B>(run: Run<M, B>, report: Report): Promise<StopReason> {
  const breathe = pacer(30);
  for (;;) {
    const over = limitReached(run);
    if (over !== null) return over;
    const before = run.step;
    const resumed = run.position > 0;
    const stop = (await runEpoch(run, report, breathe)) ?? (await endEpoch(run, report));
    if (stop !== null) return stop;
    if (run.step === before && !resumed) {
      throw new UsageError(
        "fit",
        "the data gave no batches",
        "is it empty, or an iterator that was used already?",
      );
    }
  }
}

async function runEpoch<M extends Trainable, B>(
  run: Run<M, B>,
  report: Report,
  breathe: ReturnType<typeof pacer>,
): Promise<StopReason | null> {
  const batches = batchesOf(run);
  try {
    for (const batch of batches) {
      const stop = (await takeStep(run, batch, report)) ?? limitReached(run);
      if (stop !== null) return stop;
      const pause = breathe();
      if (pause !== null) await pause;
    }
    if (run.skip > 0) throw shorter(run.skip);
    return null;
  } finally {
    batches.return();
  }
}

function shorter(left: number): UsageError {
  const problem = `the data ended ${left} batches before the place of the checkpoint`;
  return new UsageError("fit", problem, "give the data of the run that was saved");
}

/** The batches of one epoch, each as a function that makes or returns it. */
function* batchesOf<M extends Trainable, B>(run: Run<M, B>): Generator<() => B, void> {
  const { data } = run.options;
  if (typeof data === "function") {
    for (;;) yield () => made(data(run.step));
  }
  for (const batch of data) {
    try {
      if (run.skip > 0) run.skip--;
      else yield () => batch;
    } finally {
      if (data instanceof DataLoader) data.release(batch);
    }
  }
}

function made<B>(batch: B): B {
  expectSync("fit", batch, "load the data before, or give an iterable");
  return batch;
}

function limitReached<M extends Trainable, B>(run: Run<M, B>): StopReason | null {
  const { epochs, maxSteps, minutes, signal } = run.options;
  if (signal?.aborted === true) return "signal";
  if (maxSteps !== undefined && run.step >= maxSteps) return "maxSteps";
  if (epochs !== undefined && run.epoch >= epochs) return "epochs";
  if (minutes !== undefined && seconds(run) >= 60 * minutes) return "minutes";
  return null;
}

async function endEpoch<M extends Trainable, B>(
  run: Run<M, B>,
  report: Report,
): Promise<StopReason | null> {
  const { validation, onEpoch } = run.options;
  let stop: StopReason | null = null;
  if (validation !== undefined && validation.every === undefined) {
    const record = await validate(run, validation, await read(run));
    report(record);
    stop = await afterValidation(run, record);
  }
  if (onEpoch !== undefined) stop ??= await verdict(await read(run), onEpoch);
  run.epoch++;
  run.position = 0;
  return stop;
}

/** The last checkpoint, the last validation, and the final weights of the model. */
async function finish<M extends Trainable, B>(run: Run<M, B>, report: Report): Promise<void> {
  const { options, ema } = run;
  const { validation } = options;
  const sound = run.stopped !== "diverged" && run.step > 0;
  // Saved before the validation: a run that is not stopped here would not validate at this step.
  if (sound) await options.onCheckpoint?.(await saveRun(run), { step: run.step });
  if (sound && validation !== undefined && run.validatedAt !== run.step) {
    report(await validate(run, validation, await read(run)));
  }
  if (run.best !== null && options.restoreBest !== false) loadTree(options.model, run.bestWeights);
  else ema?.adopt();
}
