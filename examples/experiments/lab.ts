/** @file An experiment being run: its base, its file of results, searches for learning rates, and final runs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Module } from "@isograd/nn";
import { firstRate, nameOf, type Study } from "./methods.js";
import { forget, type RunOptions, score, train } from "./run.js";
import { openResults, type Results, type Run, saveResults } from "./store.js";
import type { Base, Effort, Task } from "./task.js";

/** Factor between neighbouring learning rates of a search. */
const FACTOR = 3;
/** The seed of searches: no final run has it. */
const SEARCH_SEED = 1000;

/** Where files go, and how much is done. */
export interface LabOptions extends Effort {
  readonly seeds: readonly number[];
  /** Folder of results, and of pretrained bases. */
  readonly results: string;
  readonly cache: string;
  /** Rates beyond the first three that a search may try at either end. */
  readonly extensions: number;
}

/** What is told of the work as it goes on. */
export interface Teller {
  phase(text: string): void;
  done(text: string): void;
}

/** Everything that the parts of one experiment share. */
export interface Lab<M extends Module = Module> {
  readonly task: Task<M>;
  readonly base: Base;
  readonly results: Results;
  readonly options: LabOptions;
  readonly teller: Teller;
  save(): void;
}

/** Opens the results, and pretrains the base unless that was done before. */
export async function openLab<M extends Module>(
  task: Task<M>,
  options: LabOptions,
  teller: Teller,
): Promise<Lab<M>> {
  const path = join(options.results, `${task.name}.json`);
  const { title, metric, baseMetric } = task;
  const { pretrainSteps, steps } = options;
  const results = openResults(path, {
    ...{ task: task.name, title, metric, baseMetric, pretrainSteps, steps },
    ...{ weights: 0, head: 0, baseScore: null, headLr: null, runs: {}, landscapes: {} },
  });
  const base = await openBase(task, options, results, teller);
  const sizes = sizesOf(task, base);
  results.weights = sizes.weights;
  results.head = sizes.head;
  results.baseScore = base.score;
  const save = () => saveResults(path, results);
  save();
  return { task, base, results, options, teller, save };
}

/** Numbers in the weights that are adapted, and in the head. */
function sizesOf<M extends Module>(task: Task<M>, base: Base): { weights: number; head: number } {
  const model = task.model(base, 0);
  const all = [...model.namedParameters()].map(([name, p]) => [`.${name}`, p.own.size] as const);
  model.dispose();
  const sum = (passes: (name: string) => boolean) =>
    all.reduce((n, [name, size]) => n + (passes(name) ? size : 0), 0);
  return {
    weights: sum((name) => task.targets.some((t) => name.endsWith(`.${t}.weight`))),
    head: sum((name) => task.head.some((h) => name.includes(`.${h}.`))),
  };
}

async function openBase(
  task: Task,
  { pretrainSteps, cache }: LabOptions,
  results: Results,
  teller: Teller,
): Promise<Base> {
  const file = join(cache, `${task.name}-${pretrainSteps}.safetensors`);
  if (existsSync(file) && results.baseScore !== null) {
    return { weights: new Uint8Array(readFileSync(file)), score: results.baseScore };
  }
  teller.phase(`${task.name}: pretraining, ${pretrainSteps} steps`);
  let told = 0;
  const base = await task.pretrain(pretrainSteps, (part) => {
    if (part < told + 0.1) return;
    told = part;
    teller.phase(`${task.name}: pretraining, ${Math.round(100 * part)} %`);
  });
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, base.weights);
  return base;
}

/** Three significant digits, so that keys are the same on every machine. */
function rounded(lr: number): number {
  return Number(lr.toPrecision(3));
}

/** One adaptation, unless its result is there already. */
export async function runOnce(
  lab: Lab,
  study: Study,
  options: Omit<RunOptions, "steps" | "headLr">,
  where: "valid" | "test",
): Promise<Run> {
  const { task, base, results, teller } = lab;
  const { lr, seed, methodSeed } = options;
  const apart = methodSeed === undefined ? "" : ` method seed=${methodSeed}`;
  const key = `${nameOf(study)} lr=${lr} seed=${seed}${apart} ${where}`;
  const known = results.runs[key];
  if (known !== undefined) {
    teller.done(key);
    return known;
  }
  const headLr = results.headLr ?? lr;
  const done = await train(task, base, study, { ...options, headLr, steps: lab.options.steps });
  const own = done.adapter.parameterCount;
  const found = score(task, done.adapter, task[where]);
  const run: Run = {
    ...study,
    trained: own,
    lr,
    seed,
    ...(methodSeed === undefined ? {} : { methodSeed }),
    loss: round(done.loss),
    [where]: round(found),
    seconds: round(done.seconds),
  };
  forget(done);
  results.runs[key] = run;
  lab.save();
  teller.done(key);
  return run;
}

function round(x: number): number {
  return Number(x.toPrecision(6));
}

/**
 * The learning rate with the best score on the validation split: of three at first, and of further ones as long as the
 * best lies at an end.
 */
export async function search(lab: Lab, study: Study): Promise<number> {
  const first = rounded(firstRate(study, lab.results.weights));
  const tried = new Map<number, number>();
  const attempt = async (power: number): Promise<void> => {
    const lr = rounded(first * FACTOR ** power);
    const { valid = 0 } = await runOnce(lab, study, { lr, seed: SEARCH_SEED }, "valid");
    tried.set(power, valid);
  };
  for (const power of [-1, 0, 1]) await attempt(power);
  for (let i = 0; i < lab.options.extensions; i++) {
    const [low, high] = [Math.min(...tried.keys()), Math.max(...tried.keys())];
    const at = best(tried);
    if (at === low) await attempt(low - 1);
    else if (at === high) await attempt(high + 1);
    else break;
  }
  return rounded(first * FACTOR ** best(tried));
}

function best(tried: ReadonlyMap<number, number>): number {
  return [...tried].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** Searches the rate of a study and runs it with every seed. */
export async function conduct(lab: Lab, study: Study): Promise<readonly Run[]> {
  lab.teller.phase(`${lab.task.name}: ${nameOf(study)}`);
  const lr = await search(lab, study);
  const runs: Run[] = [];
  for (const seed of lab.options.seeds) runs.push(await runOnce(lab, study, { lr, seed }, "test"));
  return runs;
}
