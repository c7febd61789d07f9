/**
 * @file Resumes a run from a checkpoint: all of it is checked against the model, the optimiser and
 * the data first; only then the first of them changes.
 */
import { dispose, type Tensor, UsageError } from "@isograd/tensor";
import { forEachTensor, formatShape, ownOf, recordOf, shapesEqual } from "@isograd/tensor/engine";
import { DataLoader } from "../data/loader.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { Trainable } from "../optim/targets.js";
import { differences } from "../stateDict.js";
import { type Checkpoint, decodeCheckpoint } from "./checkpoint.js";
import { generatorsOf, type Run } from "./run.js";
import type { RunState } from "./runState.js";
import { loadTree, saveTree } from "./snapshot.js";

type Dict = Readonly<Record<string, Tensor>>;

/**
 * Puts a run into the state in which it was saved.
 *
 * @throws FormatError if the bytes are no checkpoint, or a damaged one; UsageError if it is of
 * another model, optimiser or loader. Nothing has changed then.
 */
export function resumeRun<M extends Trainable, B>(run: Run<M, B>, bytes: Uint8Array): void {
  const { options } = run;
  const checkpoint = decodeCheckpoint(bytes);
  const { run: saved, model, optimizer, ema, bestWeights } = checkpoint;
  try {
    check(run, checkpoint);
    loadTree(options.model, model);
    options.optimizer.loadState({ ...saved.optimizer, tensors: optimizer });
    if (saved.averaged !== null) run.ema?.loadState({ count: saved.averaged, tensors: ema });
  } catch (error) {
    forEachTensor(bestWeights, dispose);
    throw error;
  } finally {
    forEachTensor([model, optimizer, ema], dispose);
  }
  run.bestWeights = { ...bestWeights };
  const { step, epoch, position, best, worse } = saved;
  Object.assign(run, { step, epoch, position, best, worse });
  run.history.push(...saved.history);
  run.startedAt = performance.now() - saved.seconds * 1000;
  const last = saved.history.at(-1);
  run.validatedAt = last?.valLoss !== undefined && last.step === step ? step : -1;
  if (options.data instanceof DataLoader && saved.loader !== null) {
    options.data.loadState(saved.loader);
  } else run.skip = position;
  for (const [name, rng] of generatorsOf(options)) rng.restore(saved.generators[name] ?? []);
}

/** Compares a checkpoint with what the run was given. Changes nothing. */
function check<M extends Trainable, B>(run: Run<M, B>, checkpoint: Checkpoint): void {
  const { options } = run;
  const { run: saved, bestWeights } = checkpoint;
  const own = saveTree(options.model);
  try {
    expectSame("the model", own, checkpoint.model);
    if (Object.keys(bestWeights).length > 0) expectSame("the best weights", own, bestWeights);
    else if (saved.best !== null && options.restoreBest !== false) {
      throw misfit("it has no best weights", "pass restoreBest: false, as when it was saved");
    }
  } finally {
    forEachTensor(own, dispose);
  }
  checkOptimizer(options.optimizer, saved.optimizer, checkpoint.optimizer);
  checkAverages(run, saved, checkpoint.ema);
  checkPlace(options.data, saved);
  for (const name of generatorsOf(options).keys()) {
    if (Object.hasOwn(saved.generators, name)) continue;
    const known = Object.keys(saved.generators).join(", ") || "none";
    throw misfit(`it lacks the generator "${name}": it has ${known}`, "is the model the same?");
  }
}

/** The same names, shapes and dtypes. */
function expectSame(what: string, own: Dict, saved: Dict): void {
  const missing = Object.keys(own).filter((name) => !Object.hasOwn(saved, name));
  const unexpected = Object.keys(saved).filter((name) => !Object.hasOwn(own, name));
  const differing = Object.entries(own).flatMap(([name, x]) => {
    const given = ownOf(saved, name);
    if (given === undefined) return [];
    if (given.dtype === x.dtype && shapesEqual(given.shape, x.shape)) return [];
    const [there, here] = [given, x].map((t) => `${t.dtype} ${formatShape(t.shape)}`);
    return `${name} is ${there} in the checkpoint, ${here} here`;
  });
  const lines = differences(missing, unexpected, differing);
  if (lines !== "") throw misfit(`${what} differs${lines}`, "is it of the same model?");
}

function checkOptimizer(optimizer: Optimizer, saved: RunState["optimizer"], tensors: Dict): void {
  const { rule, targets } = optimizer;
  if (saved.rule !== rule.name) {
    throw new UsageError(rule.name, `this is the state of ${saved.rule}`, "use the same optimiser");
  }
  const wanted: [name: string, x: Tensor][] = [];
  for (const [name, count] of Object.entries(saved.counts)) {
    const target = targets.get(name);
    if (target === undefined) {
      throw misfit(`its optimiser trains ${name}, which is not trained here`, "train the same");
    }
    if (count === 0) continue; // no slots are read for it
    for (const slot of rule.slots) wanted.push([`${slot}.${name}`, target.handle()]);
  }
  const used = new Set(wanted.map(([name]) => name));
  const read = Object.entries(tensors).filter(([name]) => used.has(name) || !isUnused(name, saved));
  expectSame("the optimiser", recordOf(wanted), recordOf(read));
}

/** Whether a tensor of the optimiser belongs to a parameter that took no step. */
function isUnused(name: string, saved: RunState["optimizer"]): boolean {
  const of = name.slice(name.indexOf(".") + 1);
  return Object.hasOwn(saved.counts, of) && saved.counts[of] === 0;
}

function checkAverages<M extends Trainable, B>(run: Run<M, B>, saved: RunState, ema: Dict): void {
  if ((run.ema === null) !== (saved.averaged === null)) {
    const has = saved.averaged === null ? "no averaged weights" : "averaged weights";
    throw misfit(`it has ${has}`, "give the same option ema as when it was saved");
  }
  if (run.ema === null) return;
  const { tensors } = run.ema.state();
  try {
    expectSame("the average", tensors, ema);
  } finally {
    forEachTensor(tensors, dispose);
  }
}

/** The place in the data must be one that the data have. */
function checkPlace(data: unknown, saved: RunState): void {
  const { loader, position } = saved;
  const known = data instanceof DataLoader || Array.isArray(data) ? data.length : null;
  const at = data instanceof DataLoader && loader !== null ? loader.position : position;
  if (known === null || at <= known) return;
  throw misfit(`it stands after batch ${at}, the data have ${known}`, "give the same data");
}

function misfit(problem: string, help: string): UsageError {
  return new UsageError("fit", `the checkpoint does not fit: ${problem}`, help);
}
