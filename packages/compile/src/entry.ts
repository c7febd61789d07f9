/** @file One signature's program: how it is made, and a call of it. */
import { nestingDepth, setGrad } from "@isograd/autograd/engine";
import { dispose, type Tensor } from "@isograd/tensor";
import { runtime } from "@isograd/tensor/cpu";
import { bytesOf, mapTree, type Storage } from "@isograd/tensor/engine";
import { Back } from "./back.js";
import type { Captured } from "./capture.js";
import type { Derivative } from "./derivative.js";
import {
  countsOf,
  execute,
  isOld,
  type Loaded,
  loadIfFits,
  type Numbers,
  reload,
} from "./loaded.js";
import { dropDead } from "./passes/dead.js";
import { optimised, PASSES } from "./passes/index.js";
import type { Instruction } from "./program.js";
import type { Signature } from "./signature.js";
import { type Standing, stateNow } from "./standing.js";
import type { CompileStats } from "./stats.js";
import type { Draw } from "./trace.js";

/** How programs of one function are made. */
export interface Making {
  readonly f: (...args: readonly unknown[]) => unknown;
  readonly signature: readonly Signature[];
  readonly standing: Standing;
  /** The tensors of the state, whatever stands for them at a call. */
  readonly state: readonly Tensor[];
  /** Whether passes and fusion are left out. */
  readonly asWritten: boolean;
}

/** A program that is ready to run, for one signature. */
export interface Entry extends Making {
  readonly captured: Captured;
  readonly loaded: Loaded;
  /** The way back, where a gradient flows through the call. */
  readonly back: Back | null;
  stats: Omit<CompileStats, "back">;
  runs: number;
}

/** Gives an instruction the numbers that it has in another capture. */
export function follow({ attrs, operands }: Instruction, other: Instruction): void {
  attrs.now = other.attrs.now;
  for (const [i, { value }] of operands.entries()) {
    const [to, from] = [value.origin, other.operands[i]?.value.origin];
    if (to.kind === "constant" && from?.kind === "constant") move(to.storage, from.storage);
  }
}

export function freeEntry({ loaded, captured, back }: Entry): void {
  loaded.machine.free();
  back?.free();
  captured.trace.free();
}

/** The run of a program that was just captured; one that fails is freed. */
export function firstRun(
  entry: Entry,
  args: readonly unknown[],
  leaves: readonly Tensor[],
): unknown {
  try {
    return run(entry, args, leaves, entry.captured.trace.draws);
  } catch (error) {
    entry.loaded.machine.free();
    entry.back?.free();
    throw error;
  }
}

/** Makes a program; null where it is too large for the engine. */
export function made(
  captured: Captured,
  making: Making,
  args: number,
  start: number,
): Entry | null {
  const begin = performance.now();
  const { asWritten, f } = making;
  const passes = asWritten ? [] : PASSES;
  const { program, passed } = optimised(captured.program, passes);
  const back = withDerivative(captured)
    ? new Back(f.name || "compiled", captured, args, passes)
    : null;
  const passesMs = performance.now() - begin;
  const forward = back === null ? program : asWritten ? back.forward : dropDead(back.forward);
  const loaded = loadIfFits(forward, asWritten);
  if (loaded === null) return null;
  const captureMs = begin - start;
  const { planMs, moduleMs } = loaded;
  const stats = {
    ...{ captured: captured.program.instructions.length, passes: passed },
    ...countsOf(loaded),
    ...{ captureMs, passesMs, planMs, moduleMs },
    buildMs: captureMs + passesMs + planMs + moduleMs,
  };
  return { ...making, captured, loaded, back, stats, runs: 0 };
}

function withDerivative(
  captured: Captured,
): captured is Captured & { readonly derivative: Derivative } {
  return captured.derivative !== null;
}

/**
 * One call. `drawn`: the function itself ran right before, and drew these numbers.
 */
export function run(
  entry: Entry,
  args: readonly unknown[],
  leaves: readonly Tensor[],
  drawn?: readonly Draw[],
): unknown {
  const { captured, loaded, back } = entry;
  if (isOld(loaded)) {
    reload(loaded);
    entry.stats = { ...entry.stats, ...countsOf(loaded) };
  }
  const { trace, collected } = captured;
  const numbers = trace.draws.length === 0 ? NONE : numbersOf(trace.draws, drawn);
  const state = stateNow(entry.state, captured.gradients);
  // what the way back reads keeps its memory
  const before = back === null ? null : state.map((x) => x.alias());
  try {
    const outputs = execute(loaded, leaves, state, numbers);
    if (drawn === undefined) for (const act of trace.afters) act();
    for (const { at, output } of collected) {
      const g = output === null ? null : (outputs[output] as Tensor);
      setGrad(state[at] as Tensor, g);
      if (g !== null) dispose(g);
    }
    if (back !== null) {
      const { f } = entry;
      const called = { f, args, state: entry.state, numbers, depth: nestingDepth() };
      back.record(called, [...leaves, ...(before ?? [])], outputs);
    }
    let at = 0;
    return mapTree(captured.result, () => outputs[at++]);
  } finally {
    for (const x of before ?? []) dispose(x);
  }
}

const NONE: Numbers = [];

function numbersOf(draws: readonly Draw[], drawn: readonly Draw[] | undefined): Numbers {
  return draws.map(({ value, draw }, i) => [
    value,
    drawn === undefined ? draw() : (drawn[i] as Draw).first,
  ]);
}

export const move = (to: Storage, from: Storage): void => {
  const { core } = runtime();
  core.move(to.ptr, from.ptr, from.size * bytesOf(from.dtype));
};
