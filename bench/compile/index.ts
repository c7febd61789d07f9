/** @file `npm run bench -- --compile`: steps op by op and compiled, cold and warm. */
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type CompileStats, compile } from "@isograd/compile";
import { init, scope } from "@isograd/tensor";
import type { Contender } from "../harness/contender.js";
import { machine } from "../harness/machine.js";
import { measure, quick, thorough } from "../harness/measure.js";
import { pad, padLeft } from "../harness/report.js";
import { median } from "../harness/stats.js";
import { type Step, type Task, tasks } from "./tasks.js";

/** Calls that count as cold: more than most programs of a class make. */
const COLD = 100;

type Mode = "eager" | "compiled" | "warm";

/** Milliseconds a call, and what the program is. */
interface Timing {
  readonly eager?: number;
  readonly compiled?: number;
  readonly stats?: CompileStats | undefined;
}

export interface Figures {
  readonly name: string;
  readonly goal: number;
  /** Milliseconds a call: of the first hundred in a process of their own, and once warm. */
  readonly cold: { readonly eager: number; readonly compiled: number };
  readonly warm: { readonly eager: number; readonly compiled: number };
  readonly stats: CompileStats | undefined;
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

/** Times one task in this process. */
export async function compileRow(name: string, mode: Mode, short: boolean): Promise<void> {
  const task = tasks.find((own) => own.name === name) as Task;
  await init({ threads: 1 });
  const step = await task.make();
  const fast = compiled(step);
  const [eager, replay] = [calling(step.f, step), calling(fast, step)];
  let timing: Timing;
  if (mode === "eager") timing = { eager: cold(eager) };
  else if (mode === "compiled") timing = { compiled: cold(replay) };
  else {
    const contender = (run: () => void): Contender => ({ run, values: () => [], free() {} });
    const found = await measure([contender(eager), contender(replay)], short ? quick : thorough);
    const [own, other] = found.map(({ cpu }) => median(cpu.filter((t) => !Number.isNaN(t))));
    timing = { eager: own ?? Number.NaN, compiled: other ?? Number.NaN, stats: fast.stats()[0] };
  }
  await new Promise<void>((done) => process.send?.(timing, () => done()) ?? done());
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

function line({ name, goal, cold: first, warm, stats }: Figures): string {
  const cells = [first, warm].flatMap(({ eager, compiled: own }) => [
    padLeft(digits(eager), 11),
    padLeft(digits(own), 11),
    padLeft(`${(eager / own).toFixed(2)}×`, 9),
  ]);
  const met = warm.eager / warm.compiled >= goal ? "met" : "missed";
  const built = padLeft(digits(stats?.buildMs ?? Number.NaN), 11);
  return `${pad(name, 40)}${cells.join("")}${built}  goal ${goal}×: ${met}`;
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
  const head = ["op by op", "compiled", "gain"].map((text, i) => padLeft(text, i < 2 ? 11 : 9));
  console.log(`${pad("", 40)}${pad(`  first ${COLD} calls`, 31)}  warm`);
  console.log(pad("", 40) + head.join("") + head.join("") + padLeft("built in", 11));
  const figures: Figures[] = [];
  for (const task of tasks.filter(({ name }) => name.includes(filter))) {
    const first = await apart(main, task, "eager", short);
    const second = await apart(main, task, "compiled", short);
    const {
      eager = Number.NaN,
      compiled: own = Number.NaN,
      stats,
    } = await apart(main, task, "warm", short);
    const own100 = { eager: first.eager ?? Number.NaN, compiled: second.compiled ?? Number.NaN };
    const { name, goal } = task;
    figures.push({ name, goal, cold: own100, warm: { eager, compiled: own }, stats });
    console.log(line(figures.at(-1) as Figures));
  }
  mkdirSync(dirname(out), { recursive: true });
  const text = { date: new Date().toISOString(), machine: about, threads: 1, figures };
  writeFileSync(out, `${JSON.stringify(text, null, 2)}\n`);
  console.log(`\nwritten: ${out}`);
}
