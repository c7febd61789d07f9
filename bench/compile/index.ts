/**
 * @file `npm run bench -- --compile`: steps op by op, compiled, and by the jit of jax-js, cold and
 * warm; programs beside their kernels; memory beside that of eager runs.
 */
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type CompileStats, compile } from "@isograd/compile";
import { init, memory, scope } from "@isograd/tensor";
import { setWatcher } from "@isograd/tensor/engine";
import type { Contender } from "../harness/contender.js";
import { machine } from "../harness/machine.js";
import { measure, quick, thorough } from "../harness/measure.js";
import { pad, padLeft } from "../harness/report.js";
import { median } from "../harness/stats.js";
import { startJax } from "../libraries/jax.js";
import { bareOf } from "./bare.js";
import { type Step, type Task, tasks } from "./tasks.js";

/** Calls that count as cold: more than most programs of a class make. */
const COLD = 100;

export const MODES = ["eager", "compiled", "jax", "warm", "warm jax", "parts"] as const;
type Mode = (typeof MODES)[number];

/** What one process measures: milliseconds a call, bytes, and what the program is. */
interface Timing {
  readonly eager?: number;
  readonly compiled?: number;
  readonly jax?: number;
  readonly stats?: CompileStats | undefined;
  readonly parts?: Parts;
}

/** A program beside its kernels, and its memory beside that of eager runs. */
interface Parts {
  /** Milliseconds: the run alone, without results and arguments, and its kernels called one by one. */
  readonly program: number;
  readonly kernels: number;
  readonly calls: number;
  /** Bytes above the start at most, op by op; arena and results of the program. */
  readonly eagerPeak: number;
  readonly compiledPeak: number;
}

interface Both {
  readonly eager: number;
  readonly compiled: number;
  /** The jit of jax-js, where it can express the step. */
  readonly jax?: number | undefined;
}

export interface Figures {
  readonly name: string;
  readonly goal: number;
  /** Milliseconds a call: of the first hundred in a process of their own, and once warm. */
  readonly cold: Both;
  readonly warm: Both;
  readonly stats: CompileStats | undefined;
  readonly parts: Parts | undefined;
}

function compiled({ f, state = [] }: Step) {
  return compile(f, { state });
}

/** One call whose results are freed. */
function calling(f: Step["f"], { inputs }: Step): () => void {
  const once = () => void f(...inputs);
  return () => void scope(once);
}

function cold(run: () => void): number {
  const start = performance.now();
  for (let i = 0; i < COLD; i++) run();
  return (performance.now() - start) / COLD;
}

const contender = (run: () => void): Contender => ({ run, values: () => [], free() {} });

/** Medians of the times of contenders that take turns. */
async function medians(contenders: readonly Contender[], short: boolean): Promise<number[]> {
  const found = await measure(contenders, short ? quick : thorough);
  return found.map(({ cpu }) => median(cpu.filter((t) => !Number.isNaN(t))));
}

async function warm(step: Step, short: boolean): Promise<Timing> {
  const fast = compiled(step);
  const turns = [contender(calling(step.f, step)), contender(calling(fast, step))];
  const [eager, own] = (await medians(turns, short)) as [number, number];
  return { eager, compiled: own, stats: fast.stats()[0] };
}

/** In a process of its own: beside jax-js, other steps of a few microseconds take several times as long. */
async function warmJax(jax: NonNullable<Task["jax"]>, short: boolean): Promise<Timing> {
  await startJax();
  const [time] = (await medians([await jax()], short)) as [number];
  return { jax: time };
}

/** Bytes that eager ops hold at most, above the start. */
function peakOf(run: () => void): number {
  const start = memory().bytes;
  let most = start;
  const see = (): void => {
    most = Math.max(most, memory().bytes);
  };
  const before = setWatcher({ ran: see });
  try {
    run();
  } finally {
    setWatcher(before);
  }
  return most - start;
}

/** The parts of a call, with results that stay: runs of the program alone write to them. */
async function partsOf(step: Step, short: boolean): Promise<Timing> {
  const { f, inputs } = step;
  const once = () => void f(...inputs);
  scope(once); // an optimiser makes its state
  const eagerPeak = peakOf(() => scope(once));
  const fast = compiled(step);
  const results: unknown[] = [];
  const bare = bareOf(() => {
    for (let i = 0; i < 3; i++) results.push(fast(...inputs));
  });
  const before = memory().bytes;
  results.push(fast(...inputs));
  const [stats] = fast.stats();
  if (bare === null || stats === undefined) return {};
  const compiledPeak = stats.arenaBytes + memory().bytes - before;
  const turns = [contender(bare.program), contender(bare.kernels)];
  const [program, kernels] = (await medians(turns, short)) as [number, number];
  return { parts: { program, kernels, calls: bare.calls, eagerPeak, compiledPeak } };
}

/** Times one task in this process. */
export async function compileRow(name: string, mode: Mode, short: boolean): Promise<void> {
  const task = tasks.find((own) => own.name === name) as Task;
  await init({ threads: 1 });
  const timing = await timed(task, mode, short);
  await new Promise<void>((done) => process.send?.(timing, () => done()) ?? done());
}

async function timed({ make, jax }: Task, mode: Mode, short: boolean): Promise<Timing> {
  if (mode === "warm jax") return warmJax(jax as NonNullable<typeof jax>, short);
  if (mode === "jax") {
    await startJax();
    const start = performance.now();
    const { run } = await (jax as NonNullable<typeof jax>)();
    for (let i = 0; i < COLD; i++) await run();
    return { jax: (performance.now() - start) / COLD };
  }
  const step = await make();
  if (mode === "eager") return { eager: cold(calling(step.f, step)) };
  if (mode === "compiled") return { compiled: cold(calling(compiled(step), step)) };
  return mode === "warm" ? warm(step, short) : partsOf(step, short);
}

function apart(main: string, { name }: Task, mode: Mode, short: boolean): Promise<Timing> {
  const args = ["--compile", "--row", name, "--mode", mode, ...(short ? ["--quick"] : [])];
  const child = fork(main, args);
  return new Promise((resolve, reject) => {
    child.once("message", (timing) => resolve(timing as Timing));
    child.once("exit", (code) => reject(new Error(`${name}: its process ended with ${code}`)));
  });
}

function digits(ms: number): string {
  const [value, unit] = ms < 1 ? [ms * 1000, "µs"] : [ms, "ms"];
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

function line({ name, goal, cold: first, warm: then, stats, parts }: Figures): string {
  const cells = [first, then].flatMap(({ eager, compiled: own, jax }) => [
    padLeft(digits(eager), 10),
    padLeft(digits(own), 10),
    padLeft(`${(eager / own).toFixed(2)}×`, 8),
    padLeft(jax === undefined ? "" : `${(jax / own).toFixed(1)}×`, 9),
  ]);
  const met = then.eager / then.compiled >= goal ? "met" : "missed";
  const built = padLeft(digits(stats?.buildMs ?? Number.NaN), 10);
  const own =
    parts === undefined
      ? ""
      : padLeft(digits(parts.program), 10) +
        padLeft((parts.program / parts.kernels).toFixed(2), 9) +
        padLeft((parts.compiledPeak / parts.eagerPeak).toFixed(2), 8);
  return `${pad(name, 38)}${cells.join("")}${built}${own}  goal ${goal}×: ${met}`;
}

function head(): string {
  const part = ["op by op", "compiled", "gain", "jax-js"];
  const cells = [...part, ...part].map((text, i) => padLeft(text, [10, 10, 8, 9][i % 4] as number));
  const rest = padLeft("built in", 10) + padLeft("program", 10) + padLeft("/kernels", 9);
  return [
    `${pad("", 38)}${pad(`  first ${COLD} calls`, 37)}  warm`,
    `${pad("", 38)}${cells.join("")}${rest}${padLeft("memory", 8)}`,
  ].join("\n");
}

async function figuresOf(main: string, task: Task, short: boolean): Promise<Figures> {
  const found: Partial<Record<Mode, Timing>> = {};
  for (const mode of MODES) {
    if (mode.endsWith("jax") && task.jax === undefined) continue;
    found[mode] = await apart(main, task, mode, short);
  }
  const { name, goal } = task;
  const { eager = Number.NaN } = found.eager ?? {};
  const { compiled: own = Number.NaN } = found.compiled ?? {};
  const { stats, ...times } = found.warm ?? {};
  const jax = found["warm jax"]?.jax;
  const warmed = { eager: Number.NaN, compiled: Number.NaN, ...times, jax };
  const first = { eager, compiled: own, jax: found.jax?.jax };
  return { name, goal, cold: first, warm: warmed, stats, parts: found.parts?.parts };
}

/** Times all tasks whose names contain the text; writes JSON to `out`. */
export async function compileBench(
  main: string,
  filter: string,
  short: boolean,
  out: string,
): Promise<void> {
  const about = machine();
  console.log(`${about.cpu}, ${about.node}, one thread, load ${about.load}\n`);
  console.log(head());
  const figures: Figures[] = [];
  for (const task of tasks.filter(({ name }) => name.includes(filter))) {
    figures.push(await figuresOf(main, task, short));
    console.log(line(figures.at(-1) as Figures));
  }
  mkdirSync(dirname(out), { recursive: true });
  const text = { date: new Date().toISOString(), machine: about, threads: 1, figures };
  writeFileSync(out, `${JSON.stringify(text, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
}
