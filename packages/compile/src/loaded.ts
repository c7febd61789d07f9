/** @file A program in memory: planned and built, run on the memory of tensors, and built again. */
import type { Tensor, TypedArray } from "@isograd/tensor";
import { crewRuntime, HEAVY, runtime } from "@isograd/tensor/cpu";
import {
  bytesOf,
  fromStorage,
  handleOf,
  realize,
  release,
  Storage,
  sizeOf,
  storageOf,
} from "@isograd/tensor/engine";
import { build, type Machine } from "./build.js";
import { fuse } from "./fuse.js";
import { type Plan, planMemory, type Work } from "./plan.js";
import type { Instruction, Program, Value } from "./program.js";
import { Recorder } from "./record.js";
import type { ProgramStats } from "./stats.js";
import type { Call } from "./steps.js";
import { homeDevice } from "./trace.js";

/** A program that is ready to run. */
export interface Loaded {
  readonly program: Program;
  /** Whether fusion is left out. */
  readonly asWritten: boolean;
  work: readonly Work[];
  plan: Plan;
  machine: Machine;
  recorder: Recorder;
  changing: ReadonlyMap<Instruction, readonly Call[]>;
  /** Milliseconds that the plan and the module took. */
  planMs: number;
  moduleMs: number;
}

/** Numbers that a program reads in the place of a value. */
export type Numbers = readonly (readonly [value: Value, numbers: TypedArray])[];

/** Builds a program. Throws a RangeError or a CompileError where the engine refuses it. */
function load(program: Program, asWritten: boolean): Loaded {
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
  const changing = changingCalls(recorder);
  const planMs = planned - start;
  return { program, asWritten, recorder, work, plan, machine, changing, planMs, moduleMs };
}

/** Bytes of a module at most. */
const LARGEST = 2 ** 22;
const warned = { size: false };

/** {@link load}; null, and one warning, where the program is too large for the engine. */
export function loadIfFits(program: Program, asWritten: boolean): Loaded | null {
  try {
    const loaded = load(program, asWritten);
    if (loaded.machine.size <= LARGEST) return loaded;
    loaded.machine.free();
  } catch (error) {
    const refused = error instanceof RangeError || error instanceof WebAssembly.CompileError;
    if (!refused) throw error;
  }
  if (!warned.size) console.warn("isograd: a program is too large to compile: it runs op by op");
  warned.size = true;
  return null;
}

/** What recording, fusion, plan and module come to. */
export function countsOf({ program, recorder, work, plan, machine }: Loaded): ProgramStats {
  const kinds = recorder.steps.map(({ kind }) => kind);
  const groups = work.filter((own) => own.kind === "group");
  return {
    instructions: program.instructions.length,
    calls: kinds.filter((kind) => kind === "call").length,
    host: kinds.filter((kind) => kind === "host").length,
    groups: groups.length,
    fusedCalls: groups.reduce((sum, { parts }) => sum + parts.length, 0),
    arenaBytes: plan.bytes,
    moduleBytes: machine.size,
  };
}

/** Whether a program was built for other kernels, or other threads, than there are now. */
export function isOld({ machine }: Loaded): boolean {
  return machine.runtime !== runtime();
}

/** Builds a program for the kernels and threads of now. */
export function reload(loaded: Loaded): void {
  const { program, asWritten, ...parts } = load(loaded.program, loaded.asWritten);
  loaded.machine.free();
  Object.assign(loaded, parts);
}

/**
 * Runs a program on the memory of tensors; the state takes its new values. The outputs are new
 * tensors of the innermost scope.
 */
export function execute(
  loaded: Loaded,
  leaves: readonly Tensor[],
  state: readonly Tensor[],
  numbers: Numbers,
): Tensor[] {
  const { machine, plan, program, changing } = loaded;
  const { heap } = machine.runtime;
  const { slots } = plan;
  if (changing.size > 0) change(loaded);
  for (const [value, own] of numbers) {
    const spot = plan.drawn.get(value);
    if (spot !== undefined) machine.put(spot, own);
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
  return program.outputs.map(({ value: { dtype }, shape }, at) => {
    const storage = new Storage(homeDevice(), dtype, sizeOf(shape), outputs[at] as number, null);
    return fromStorage({ shape: [...shape], dtype }, storage, "op");
  });
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

/** Brings the numbers of calls that change up to date. */
function change({ machine, changing, recorder }: Loaded): void {
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
