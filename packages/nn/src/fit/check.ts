/** @file The options of fit, checked before a run begins: none is ignored, none runs for ever. */
import { Rng, UsageError } from "@isograd/tensor";
import { expectFunction, given, shown } from "@isograd/tensor/engine";
import { expectRecord, isNumber, isWhole } from "../expect.js";
import { Optimizer } from "../optim/optimizer.js";
import { expectHeld, isTrained, type Trainable, targetsOf } from "../optim/targets.js";
import { expectBatches } from "./evaluate.js";
import type { FitOptions, Reporter, Validation } from "./options.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["callbacks", ["onStep"]],
  ["verbose", ["progress"]],
]);
const RUN = "model loss() optimizer data epochs# maxSteps# minutes# schedule() clipNorm# ema#";
const WATCH = "validation patience# minDelta# restoreBest? onStep() onValidation() onEpoch()";
const SHOW =
  "readEvery# progress title onCheckpoint() checkpointEvery# resume generators compile() signal";

const FORM = "write fit({ model, loss, optimizer, data, epochs: 10 })";

/** The options, whatever the types of model and batches. */
interface AnyFitOptions extends Omit<FitOptions<never, never>, "model" | "data" | "validation"> {
  readonly model: unknown;
  readonly data: unknown;
  readonly validation?: unknown;
}

interface AnyValidation extends Omit<Validation<never, never>, "data" | "metrics"> {
  readonly data: unknown;
  readonly metrics?: unknown;
}

/** Checks the options of fit before anything runs, or is shown. */
export function checkOptions<M extends Trainable, B>(options: FitOptions<M, B>): void {
  expectRecord("fit", "an object of options", options, FORM);
  const all: AnyFitOptions = options;
  given("fit", all, `${RUN} ${WATCH} ${SHOW}`, THEIRS);
  checkParts(options);
  checkLimits(options);
  checkNumbers(options);
  checkCompany(options);
  checkModel(options);
}

/** Checks that what a run is made of is there. */
function checkParts<M extends Trainable, B>(options: FitOptions<M, B>): void {
  const { loss, optimizer, data, validation, resume, generators, signal } = options;
  checkShown(options.progress, options.title);
  expectFunction("fit", loss, "write loss: (model, batch) => …");
  if (!(optimizer instanceof Optimizer)) {
    const help = "write optimizer: adam(model, { lr: 1e-3 })";
    throw new UsageError("fit", `optimizer is ${shown(optimizer)}`, help);
  }
  expectBatches("fit", "data", data, typeof data === "function");
  if (validation !== undefined) {
    const set: AnyValidation = validation;
    given("fit", set, "data loss() metrics every# compile?");
    expectBatches("fit", "validation.data", set.data);
  }
  if (resume !== undefined && resume !== null && !(resume instanceof Uint8Array)) {
    const help = "give the bytes that onCheckpoint got";
    throw new UsageError("fit", `resume is ${shown(resume)}`, help);
  }
  for (const [name, rng] of Object.entries(generators ?? {})) {
    if (rng instanceof Rng) continue;
    throw new UsageError("fit", `generators.${name} is ${shown(rng)}`, "give rng(seed)");
  }
  if (signal === undefined || typeof signal?.aborted === "boolean") return;
  throw new UsageError("fit", `signal is ${shown(signal)}`, "give new AbortController().signal");
}

function checkShown(progress: unknown, title: unknown): void {
  const { start, step, finish } = (progress ?? {}) as Partial<Reporter>;
  const reports = [start, step, finish].every((f) => typeof f === "function");
  const known: readonly unknown[] = [undefined, true, false, "bar", "lines"];
  if (!known.includes(progress) && !reports) {
    const help = 'true, false, "bar", "lines", or an object with start, step and finish';
    throw new UsageError("fit", `progress is ${shown(progress)}`, help);
  }
  if (title === undefined || typeof title === "string") return;
  throw new UsageError("fit", `title is ${shown(title)}`, "give the text before the progress");
}

/** Checks that something ends the run. */
function checkLimits<M extends Trainable, B>(options: FitOptions<M, B>): void {
  const { epochs, maxSteps, minutes, data, onEpoch } = options;
  if (epochs === undefined && maxSteps === undefined && minutes === undefined) {
    throw new UsageError("fit", "nothing says when to stop", "give epochs, maxSteps or minutes");
  }
  if (typeof data === "function" && maxSteps === undefined && minutes === undefined) {
    throw new UsageError("fit", "a data function has no epochs", "give maxSteps or minutes");
  }
  for (const [name, value] of Object.entries({ epochs, onEpoch })) {
    if (typeof data !== "function" || value === undefined) continue;
    const problem = `a data function has no epochs, so ${name} has no effect`;
    throw new UsageError("fit", problem, "leave it out, or give a DataLoader");
  }
}

/** Checks that counts are whole numbers: with NaN a run would never end, or never read. */
function checkNumbers<M extends Trainable, B>(options: FitOptions<M, B>): void {
  const { minutes = 0, minDelta = 0, validation, clipNorm = 1, ema = 0 } = options;
  const { epochs, maxSteps, patience, readEvery, checkpointEvery } = options;
  const from0 = { epochs, maxSteps };
  const from1 = { patience, readEvery, checkpointEvery, "validation.every": validation?.every };
  for (const [least, counts] of [from0, from1].entries()) {
    for (const [name, n = least] of Object.entries(counts)) {
      if (isWhole(n, least) || n === Number.POSITIVE_INFINITY) continue;
      const problem = `${name} is a whole number from ${least}: got ${shown(n)}`;
      throw new UsageError("fit", problem, "leave it out for its default");
    }
  }
  for (const [name, x] of Object.entries({ minutes, minDelta })) {
    if (isNumber(x, (n) => n >= 0)) continue;
    const problem = `${name} must be 0 or more: got ${shown(x)}`;
    throw new UsageError("fit", problem, "leave it out for its default");
  }
  if (!(clipNorm > 0)) {
    throw new UsageError("fit", `clipNorm must be positive: got ${clipNorm}`, "such as 1");
  }
  if (!(ema >= 0 && ema <= 1)) {
    throw new UsageError("fit", `ema is a decay between 0 and 1: got ${ema}`, "such as 0.999");
  }
}

/** Checks that no option lacks another one that it needs. */
function checkCompany<M extends Trainable, B>(options: FitOptions<M, B>): void {
  const { validation, restoreBest, checkpointEvery, onCheckpoint } = options;
  const { patience, minDelta, onValidation } = options;
  const wanted = { patience, minDelta, onValidation, restoreBest: restoreBest || undefined };
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || validation !== undefined) continue;
    throw new UsageError("fit", `${name} needs validation`, "give validation: { data: … }");
  }
  if (checkpointEvery !== undefined && onCheckpoint === undefined) {
    throw new UsageError(
      "fit",
      "checkpointEvery needs onCheckpoint",
      "give a function of the bytes",
    );
  }
  if (options.generators && onCheckpoint === undefined && options.resume === undefined) {
    const problem = "generators are for checkpoints: without them they have no effect";
    throw new UsageError("fit", problem, "also give onCheckpoint or resume, or leave them out");
  }
  const rounds = typeof options.data !== "function" || validation?.every !== undefined;
  if (patience !== undefined && !rounds) {
    const problem = "a data function has no epochs, so patience needs validation.every";
    throw new UsageError("fit", problem, "write validation: { data: …, every: 100 }");
  }
  if (validation?.compile !== undefined && options.compile === undefined) {
    const problem = "validation.compile is for fit with compile: without it, it has no effect";
    throw new UsageError("fit", problem, "also give compile, or leave it out");
  }
  for (const [name, metric] of Object.entries(validation?.metrics ?? {})) {
    if (typeof metric === "function") continue;
    const problem = `the metric ${name} is ${typeof metric}, not a function`;
    throw new UsageError("fit", problem, "a metric is a function of the model and a batch");
  }
}

/** Checks that there are parameters to train, and that the optimiser trains them. */
function checkModel<M extends Trainable, B>({ model, optimizer }: FitOptions<M, B>): void {
  if (![...targetsOf("fit", model).values()].some(isTrained)) {
    throw new UsageError(
      "fit",
      "all parameters of the model are frozen",
      "unfreeze() some, or pass what is to be trained as the model",
    );
  }
  expectHeld("fit", model, optimizer.targets, "the optimiser");
}
