/** @file The course of the tour, from simulation to findings. */
import { cpus } from "node:os";
import { progress } from "@clack/prompts";
import { equivarianceError, type Interaction, type Ponita } from "@isograd/equivariant";
import { type AdapterFiles, loadAdapter } from "@isograd/gpart";
import type { Tensor } from "@isograd/tensor";
import { promptsBar } from "./bar.js";
import type { Adapted, Findings, Learned, Shown } from "./findings.js";
import { makePonita, ponitaPredicts, still, straight } from "./models.js";
import { Pool } from "./pool.js";
import {
  type AdaptResult,
  type AdaptTask,
  freeze,
  METHODS,
  restore,
  rotationError,
} from "./tasks.js";
import { type Curve, testError, trainPonita } from "./train.js";
import { type Batch, firstOf, simulateWorld, type World } from "./world.js";

export interface TourOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly say: (text: string) => void;
}

/** The world changes: the law flips its sign. */
const CHANGED: Partial<Interaction> = { coupling: -1 };
const LAW = "like charges attract and unlike charges repel";
const SEEDS = [0, 1, 2] as const;
const BATCH = 100;

/** Runs everything; calls `say` at each chapter. */
export async function tour(
  options: TourOptions,
): Promise<{ findings: Findings; files: AdapterFiles }> {
  const start = performance.now();
  const { seed, minutes, say } = options;
  const samples = { train: 3000, test: 2000, adapt: 300 };
  const pool = new Pool(2);
  try {
    say(`Simulating ${samples.train + samples.test} systems of five charged bodies`);
    const world = simulateWorld({}, samples, seed);
    const { model, learned } = await learn(pool, world, options);
    say(`Another world: ${LAW}`);
    const sizes = { train: samples.adapt, test: samples.test };
    const changed = simulateWorld(CHANGED, sizes, seed + 1);
    const weights = freeze(model);
    const steps = Math.max(20, Math.round(200 * Math.min(4, minutes / 3)));
    const runs = await adaptAll(pool, changed, { weights, baseSeed: seed, steps }, say);
    const first = runs.find((r) => r.method === "GPart" && r.seed === SEEDS[0]);
    if (first === undefined) throw new Error("the tour has no GPart adapter to load");
    const findings: Findings = {
      seed,
      samples,
      learned,
      law: LAW,
      before: [
        { name: "no motion", mse: testError(still, changed.test) },
        { name: "x + t·v", mse: testError(straight, changed.test) },
        { name: "PONITA as it was", mse: testError((b) => ponitaPredicts(model, b), changed.test) },
      ],
      adapted: METHODS.map((method) => collect(runs.filter((r) => r.method === method))),
      reloaded: reload(weights, seed, first, changed.test),
      shown: show(model, world),
      seconds: (performance.now() - start) / 1000,
      machine: machine(),
    };
    return { findings, files: first.files };
  } finally {
    await pool.close();
  }
}

function machine(): string {
  const all = cpus();
  const model = all[0]?.model ?? "an unknown processor";
  return `${model}, ${all.length} cores, Node ${process.versions.node}`;
}

/** Trains PONITA in this thread and the MLP in another, for the same time. */
async function learn(
  pool: Pool,
  world: World,
  { seed, minutes, say }: TourOptions,
): Promise<{ model: Ponita; learned: Learned[] }> {
  const time = minutes * 0.5;
  const model = makePonita(seed);
  const { parameterCount } = model;
  const whole = time * 60 < 90 ? `${Math.round(time * 60)} s` : `${time.toFixed(1)} min`;
  const count = parameterCount.toLocaleString("en-US");
  say(`Training PONITA (${count} parameters), and an MLP in parallel, for ${whole}`);
  const common = { seed, minutes: time, batchSize: BATCH };
  const beside = pool.run({ kind: "flat", parameters: parameterCount, lr: 1e-3, ...common }, world);
  const curve = await trainPonita(model, world.train, {
    ...common,
    lr: 5e-3,
    title: "PONITA",
    progress: process.stdout.isTTY ? promptsBar() : true,
  });
  const flat = await beside;
  const plain = (name: string, predict: typeof still): Learned => ({
    name,
    parameters: 0,
    mse: testError(predict, world.test),
    rotation: 0,
    gridRotation: 0,
    curve: null,
  });
  return {
    model,
    learned: [
      { ...plain("no motion", still) },
      { ...plain("x + t·v", straight) },
      {
        name: "MLP",
        parameters: flat.parameters,
        mse: flat.mse,
        rotation: flat.rotation,
        gridRotation: flat.rotation,
        curve: flat.curve,
      },
      ponitaFinding(model, world.test, curve),
    ],
  };
}

function ponitaFinding(model: Ponita, test: Batch, curve: Curve): Learned {
  const sample = firstOf(test, 50);
  const predict = (batch: Batch): Tensor => ponitaPredicts(model, batch);
  const found = equivarianceError(predict, sample, {
    transforms: ["gridRotation"],
    inputs: { displacement: "vector" },
    outputs: { output: "vector" },
    grid: model.gridSource,
  });
  return {
    name: "PONITA",
    parameters: model.parameterCount,
    mse: testError(predict, test),
    rotation: rotationError(predict, test),
    gridRotation: found[0]?.error ?? Number.NaN,
    curve,
  };
}

/** Every method with every seed, two at a time. */
async function adaptAll(
  pool: Pool,
  world: World,
  base: Pick<AdaptTask, "weights" | "baseSeed" | "steps">,
  say: (text: string) => void,
): Promise<AdaptResult[]> {
  const tasks = SEEDS.flatMap((seed) => METHODS.map((method) => ({ method, seed })));
  say(`Adapting by ${METHODS.join(", ")}: ${tasks.length} runs of ${base.steps} steps`);
  const bar = process.stdout.isTTY ? progress({ max: tasks.length }) : null;
  bar?.start("adapting");
  let done = 0;
  const results = await Promise.all(
    tasks.map(async ({ method, seed }) => {
      const task: AdaptTask = { kind: "adapt", method, seed, batchSize: 50, ...base };
      const result = await pool.run(task, world);
      bar?.advance(1, `adapting: ${++done} of ${tasks.length}`);
      return result;
    }),
  );
  bar?.stop(`adapted ${tasks.length} times`);
  return results;
}

function collect(runs: readonly AdaptResult[]): Adapted {
  const [first] = runs;
  if (first === undefined) throw new Error("the tour has no runs of a method");
  return {
    method: first.method,
    trained: first.trained,
    bytes: first.bytes,
    mse: runs.map((r) => r.mse),
    curves: runs.map((r) => r.curve),
    ratios: runs.flatMap((r) => Array.from(r.ratios)),
  };
}

/** Loads an adapter from its files onto a fresh copy of the base, and compares bit by bit. */
function reload(
  weights: Uint8Array,
  seed: number,
  { files, predictions, trained, bytes }: AdaptResult,
  test: Batch,
): Findings["reloaded"] {
  const adapter = loadAdapter(restore(weights, seed), files);
  const batch = firstOf(test, 50);
  const again = Float32Array.from(adapter.run((m) => ponitaPredicts(m, batch)).dataSync());
  const [a, b] = [again, predictions].map((x) => new Int32Array(x.buffer, x.byteOffset, x.length));
  const same =
    a !== undefined && b !== undefined && a.length === b.length && a.every((v, i) => v === b[i]);
  return { same, numbers: trained, bytes };
}

/** Some test systems with PONITA's predictions. */
function show(model: Ponita, { test, paths }: World): Shown[] {
  const few = firstOf(test, paths.shape[0] ?? 0);
  const ends = ponitaPredicts(model, few).add(few.positions).toArray() as number[][][];
  const all = paths.toArray() as number[][][][];
  return all.slice(0, 6).map((path, i) => ({ path, predicted: ends[i] ?? [] }));
}
