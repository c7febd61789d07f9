/**
 * @file A running experiment: its base, its file of results, searches for learning rates, final
 * runs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Compiler, Module } from "@isograd/nn";
import { mean } from "../shared/statistics.js";
import { firstRate, nameOf, type Study } from "./methods.js";
import { forget, type RunOptions, score, train } from "./run.js";
import { openResults, type Results, type Run, saveResults } from "./store.js";
import type { Base, Effort, Task } from "./task.js";

/** Factor between neighbouring learning rates of a search. */
const FACTOR = 3;
/** The head's rate, in all runs: the best one with the head alone, in language and vision. */
const HEAD_RATE = 0.09;
/** The most rates that a search tries; no search came close to it. */
const MOST_RATES = 12;

/** Where files go, and how much is done. */
export interface LabOptions extends Effort {
  readonly seeds: readonly number[];
  /** Seeds of searches; no final run has them. */
  readonly searchSeeds: readonly number[];
  /** Folder of results, and of pretrained bases. */
  readonly results: string;
  readonly cache: string;
  /** How many rates a search tries on either side of the best one; 0: three rates in all. */
  readonly margin: number;
  /** Compiles the steps of training; default: they run op by op. */
  readonly compile?: Compiler;
}

/** Receives progress. */
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

/** Opens the results, and pretrains the base if there is none. */
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
    ...{ weights: 0, head: 0, baseScore: null, headLr: HEAD_RATE, runs: {}, landscapes: {} },
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
  { pretrainSteps, cache, compile }: LabOptions,
  results: Results,
  teller: Teller,
): Promise<Base> {
  const file = join(cache, `${task.name}-${pretrainSteps}.safetensors`);
  if (existsSync(file) && results.baseScore !== null) {
    return { weights: new Uint8Array(readFileSync(file)), score: results.baseScore };
  }
  teller.phase(`${task.name}: pretraining, ${pretrainSteps} steps`);
  let told = 0;
  const base = await task.pretrain(
    pretrainSteps,
    (part) => {
      if (part < told + 0.1) return;
      told = part;
      teller.phase(`${task.name}: pretraining, ${Math.round(100 * part)} %`);
    },
    compile,
  );
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, base.weights);
  return base;
}

/** Three significant digits, so that keys are the same on every machine. */
function rounded(lr: number): number {
  return Number(lr.toPrecision(3));
}

/** What all runs of an experiment have in common. */
export function howOf({ results, options }: Lab): Pick<RunOptions, "headLr" | "steps" | "compile"> {
  const { steps, compile } = options;
  return { headLr: results.headLr, steps, ...(compile && { compile }) };
}

/** One adaptation; a result that exists is not computed again. */
export async function runOnce(
  lab: Lab,
  study: Study,
  options: Pick<RunOptions, "lr" | "seed" | "methodSeed">,
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
  const done = await train(task, base, study, { ...options, ...howOf(lab) });
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
 * The learning rate with the best mean score on the validation split over the seeds of searches.
 * The best one has `margin` others on either side, so that noise does not end a search too early.
 */
export async function search(lab: Lab, study: Study): Promise<number> {
  const { searchSeeds, margin } = lab.options;
  const first = rounded(firstRate(study, lab.results.weights));
  const rate = (power: number) => rounded(first * FACTOR ** power);
  const tried = new Map<number, number>();
  const attempt = async (power: number): Promise<void> => {
    const found: number[] = [];
    for (const seed of searchSeeds) {
      const run = await runOnce(lab, study, { lr: rate(power), seed }, "valid");
      found.push(run.valid ?? Number.NaN);
    }
    tried.set(power, mean(found));
  };
  for (const power of [-1, 0, 1]) await attempt(power);
  for (let next = beyond(tried, margin); next !== null; next = beyond(tried, margin)) {
    if (tried.size === MOST_RATES) break;
    await attempt(next);
  }
  return rate(best(tried));
}

/** The power to try next, or null when the best one has `margin` others on either side. */
export function beyond(tried: ReadonlyMap<number, number>, margin: number): number | null {
  const [low, high] = [Math.min(...tried.keys()), Math.max(...tried.keys())];
  const at = best(tried);
  if (high - at < margin) return high + 1;
  return at - low < margin ? low - 1 : null;
}

/** Of equal scores, the one at the smaller rate. */
function best(tried: ReadonlyMap<number, number>): number {
  const rising = [...tried].sort(([a], [b]) => a - b);
  return rising.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** Drops results at other rates than the chosen one, left by a shorter search. */
function dropOthers({ results }: Lab, study: Study, lr: number): void {
  const { method, d, variant } = study;
  for (const [key, run] of Object.entries(results.runs)) {
    if (run.method !== method || run.d !== d || run.variant !== variant) continue;
    if (run.test === undefined || run.lr === lr) continue;
    delete results.runs[key];
    delete results.landscapes[nameOf(study)];
  }
}

/** Searches the learning rate of a study, then runs it with every seed. */
export async function conduct(lab: Lab, study: Study): Promise<readonly Run[]> {
  lab.teller.phase(`${lab.task.name}: ${nameOf(study)}`);
  const lr = await search(lab, study);
  dropOthers(lab, study, lr);
  const runs: Run[] = [];
  for (const seed of lab.options.seeds) runs.push(await runOnce(lab, study, { lr, seed }, "test"));
  return runs;
}
