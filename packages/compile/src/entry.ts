/** @file One signature's program: how it is made, run on the memory of tensors, and made again. */
import type { Tensor } from "@isograd/tensor";
import { crewRuntime, HEAVY, runtime } from "@isograd/tensor/cpu";
import {
  bytesOf,
  fromStorage,
  handleOf,
  mapTree,
  realize,
  release,
  Storage,
  sizeOf,
  storageOf,
} from "@isograd/tensor/engine";
import { build, type Machine } from "./build.js";
import type { Captured } from "./capture.js";
import { fuse } from "./fuse.js";
import { optimised, PASSES } from "./passes/index.js";
import { type Plan, planMemory, type Work } from "./plan.js";
import type { Instruction, Program } from "./program.js";
import { Recorder } from "./record.js";
import type { Signature } from "./signature.js";
import type { CompileStats } from "./stats.js";
import type { Call } from "./steps.js";
import { type Draw, homeDevice } from "./trace.js";

/** A program that is ready to run, for one signature. */
export interface Entry {
  readonly signature: readonly Signature[];
  /** Whether ops were recorded around the call. */
  readonly recorded: boolean;
  readonly captured: Captured;
  readonly program: Program;
  readonly state: readonly Tensor[];
  /** Whether passes and fusion are left out. */
  readonly asWritten: boolean;
  work: readonly Work[];
  plan: Plan;
  machine: Machine;
  recorder: Recorder;
  changing: ReadonlyMap<Instruction, readonly Call[]>;
  stats: CompileStats;
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

export function freeEntry({ machine, captured }: Entry): void {
  machine.free();
  captured.trace.free();
}

/** The run of a program that was just captured; one that fails is freed. */
export function firstRun(entry: Entry, leaves: readonly Tensor[]): unknown {
  try {
    return run(entry, leaves, entry.captured.trace.draws);
  } catch (error) {
    entry.machine.free();
    throw error;
  }
}

/** Bytes of a module at most. */
const LARGEST = 2 ** 22;
const warned = { size: false };

/** {@link made}; null, and one warning, where the program is too large for the engine. */
export function built(...args: Parameters<typeof made>): Entry | null {
  try {
    const entry = made(...args);
    if (entry.stats.moduleBytes <= LARGEST) return entry;
    entry.machine.free();
  } catch (error) {
    const refused = error instanceof RangeError || error instanceof WebAssembly.CompileError;
    if (!refused) throw error;
  }
  if (!warned.size) console.warn("isograd: a program is too large to compile: it runs op by op");
  warned.size = true;
  return null;
}

function made(
  captured: Captured,
  how: Pick<Entry, "signature" | "recorded" | "state" | "asWritten">,
  start: number,
): Entry {
  const begin = performance.now();
  const { asWritten } = how;
  const { program, passed } = optimised(captured.program, asWritten ? [] : PASSES);
  const captureMs = begin - start;
  const passesMs = performance.now() - begin;
  const parts = builtFor(program, asWritten);
  const { planMs, moduleMs } = parts;
  const stats = {
    ...{ captured: captured.program.instructions.length, passes: passed },
    ...{ instructions: program.instructions.length, ...countsOf(parts) },
    ...{ captureMs, passesMs, planMs, moduleMs },
    buildMs: captureMs + passesMs + planMs + moduleMs,
  };
  const changing = changingCalls(parts.recorder);
  return { ...how, captured, program, ...parts, changing, stats, runs: 0 };
}

/** What recording, fusion, plan and module come to. */
function countsOf({ recorder, work, plan, machine }: Parts) {
  const kinds = recorder.steps.map(({ kind }) => kind);
  const groups = work.filter((own) => own.kind === "group");
  return {
    calls: kinds.filter((kind) => kind === "call").length,
    host: kinds.filter((kind) => kind === "host").length,
    groups: groups.length,
    fusedCalls: groups.reduce((sum, { parts }) => sum + parts.length, 0),
    arenaBytes: plan.bytes,
    moduleBytes: machine.size,
  };
}

/**
 * Runs a program on the memory of tensors. `drawn`: the function itself ran right before, and
 * drew these numbers.
 */
export function run(entry: Entry, leaves: readonly Tensor[], drawn?: readonly Draw[]): unknown {
  if (entry.machine.runtime !== runtime()) rebuild(entry);
  const { captured, machine, plan, program, state } = entry;
  const { heap } = machine.runtime;
  const { slots } = plan;
  const { draws, afters } = captured.trace;
  if (entry.changing.size > 0) change(entry);
  for (const [i, { value, draw }] of draws.entries()) {
    const values = drawn === undefined ? draw() : (drawn[i] as Draw).first;
    const spot = plan.drawn.get(value);
    if (spot !== undefined) machine.put(spot, values);
  }
  const made: number[] = []; // addresses and bytes of blocks for results
  const fresh = new Map<number, number>();
  const take = (bytes: number): number => {
    const ptr = heap.alloc(bytes);
    made.push(ptr, bytes);
    return ptr;
  };
  const outputs: number[] = [];
  try {
    for (let i = 0; i < slots.length; i++) {
      const { kind, at } = slots[i] as (typeof slots)[0];
      let ptr: number;
      if (kind === "argument") ptr = realize("compile", leaves[at] as Tensor).storage.ptr;
      else if (kind === "output") {
        const { value, shape } = program.outputs[at] as (typeof program.outputs)[0];
        ptr = take(sizeOf(shape) * bytesOf(value.dtype));
        outputs[at] = ptr;
      } else {
        const { storage, size } = realize("compile", state[at] as Tensor);
        // nobody else may see a write: neither a snapshot, nor an argument that is the state itself
        const shared =
          kind === "written" &&
          (storage.holders > 1 || leaves.some((leaf) => storageOf(leaf) === storage));
        ptr = shared ? take(size * bytesOf(storage.dtype)) : storage.ptr;
        if (shared) fresh.set(at, ptr);
      }
      heap.i32[machine.slots + i] = ptr;
    }
    machine.run();
  } catch (error) {
    for (let i = 0; i < made.length; i += 2) heap.free(made[i] as number, made[i + 1] as number);
    throw error;
  }
  for (const { at } of program.writes) written(state[at] as Tensor, fresh.get(at));
  if (drawn === undefined) for (const act of afters) act();
  return results(captured.result, program, outputs);
}

/** After a write: memory of its own where others still hold the old one. */
function written(x: Tensor, ptr: number | undefined): void {
  const handle = handleOf(x);
  const { storage } = handle.operand;
  storage.bound = 0;
  if (ptr === undefined) return;
  const { dtype, size } = x;
  const own = new Storage(homeDevice(), dtype, size, ptr, null);
  handle.operand = { ...handle.operand, storage: own };
  if (handle.hold !== null) handle.hold.storage = own;
  release(storage);
}

function results(result: unknown, program: Program, outputs: readonly number[]): unknown {
  let at = 0;
  return mapTree(result, () => {
    const { value, shape } = program.outputs[at] as (typeof program.outputs)[0];
    const { dtype } = value;
    const ptr = outputs[at++] as number;
    const storage = new Storage(homeDevice(), dtype, sizeOf(shape), ptr, null);
    return fromStorage({ shape: [...shape], dtype }, storage, "op");
  });
}

/** Brings the numbers of calls that change up to date. */
function change({ machine, changing, recorder }: Entry): void {
  for (const [instruction, calls] of changing) {
    const now = recorder.again(instruction);
    for (const [i, call] of calls.entries()) machine.change(call, (now[i] as Call).args);
  }
}

/** The calls whose numbers change, by the instructions that they belong to. */
function changingCalls({ steps }: Recorder): Map<Instruction, Call[]> {
  const found = new Map<Instruction, Call[]>();
  for (const step of steps) {
    if (step.kind !== "call" || !step.changing) continue;
    const own = found.get(step.instruction) ?? [];
    own.push(step);
    found.set(step.instruction, own);
  }
  return found;
}

type Parts = Pick<Entry, "recorder" | "work" | "plan" | "machine">;

/** A program in memory, and the milliseconds that its plan and its module took. */
function builtFor(
  program: Program,
  asWritten: boolean,
): Parts & Pick<CompileStats, "planMs" | "moduleMs"> {
  const start = performance.now();
  const recorder = new Recorder();
  recorder.record(program);
  const { outputs, writes } = program;
  const kept = new Set(
    [...outputs, ...writes.map(({ value }) => ({ value, shape: [value.size] }))].map((use) =>
      recorder.locate(use),
    ),
  );
  const alone = crewRuntime() === runtime();
  // threads share larger calls, which is worth more than fusing them
  const fits = (elements: number): boolean => !asWritten && (alone || elements < HEAVY);
  const work = fuse(recorder.steps, kept, fits, (bytes) => recorder.strip(bytes));
  const plan = planMemory(recorder, program, work);
  const planned = performance.now();
  const machine = build(work, plan);
  const moduleMs = performance.now() - planned;
  return { recorder, work, plan, machine, planMs: planned - start, moduleMs };
}

/** Other kernels, or other threads, than the program was built for. */
function rebuild(entry: Entry): void {
  const { recorder, work, plan, machine } = builtFor(entry.program, entry.asWritten);
  entry.machine.free();
  const stats = { ...entry.stats, ...countsOf({ recorder, work, plan, machine }) };
  const changing = changingCalls(recorder);
  Object.assign(entry, { recorder, work, plan, machine, stats, changing });
}

export const move = (to: Storage, from: Storage): void => {
  const { core } = runtime();
  core.move(to.ptr, from.ptr, from.size * bytesOf(from.dtype));
};
