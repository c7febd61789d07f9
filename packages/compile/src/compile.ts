/** @file compile: the function that users call, its signatures, and how a call runs. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { crewRuntime, runtime } from "@isograd/tensor/cpu";
import {
  beforeCapture,
  bytesOf,
  currentTracer,
  deviceOf,
  expectFunction,
  expectLive,
  forEachTensor,
  fromStorage,
  given,
  handleOf,
  isDevelopment,
  isTensor,
  mapTree,
  mayGoBack,
  nodeOf,
  realize,
  release,
  Storage,
  setRecorder,
  sizeOf,
  viewArray,
} from "@isograd/tensor/engine";
import { build, type Machine } from "./build.js";
import { type Captured, capture, optimised } from "./capture.js";
import { fuse } from "./fuse.js";
import { type Plan, planMemory } from "./plan.js";
import { print } from "./print.js";
import type { Instruction, Program } from "./program.js";
import { type Call, Recorder } from "./record.js";
import { difference } from "./same.js";
import { matches, type Signature, signatureOf } from "./signature.js";
import { type Draw, homeDevice } from "./trace.js";

export interface CompileOptions {
  /**
   * What the function reads and writes beside its arguments: modules, optimisers, averages,
   * generators, tensors, or arrays and objects of them. Default: nothing.
   */
  readonly state?: unknown;
}

/** What became of one signature. */
export interface CompileStats {
  /** Instructions as captured, and after all passes. */
  readonly captured: number;
  readonly instructions: number;
  /** Calls of kernels in one run, and instructions that the host computes. */
  readonly calls: number;
  readonly host: number;
  /** Bytes of the arena in which all intermediate results lie. */
  readonly arenaBytes: number;
  /** Bytes of the WebAssembly module. */
  readonly moduleBytes: number;
  /** Milliseconds that capturing and building took. */
  readonly buildMs: number;
}

/** A function whose steps run as one program. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The programs, readable: a line for each instruction. */
  toString(): string;
  /** A record for each signature, in the order of their first calls. */
  stats(): CompileStats[];
  /** Frees all programs: arenas and constants. A later call captures again. */
  dispose(): void;
}

/** A program that is ready to run, for one signature. */
interface Entry {
  readonly signature: readonly Signature[];
  /** Whether ops were recorded around the call. */
  readonly recorded: boolean;
  readonly captured: Captured;
  readonly program: Program;
  readonly state: readonly Tensor[];
  plan: Plan;
  machine: Machine;
  recorder: Recorder;
  changing: ReadonlyMap<Instruction, readonly Call[]>;
  stats: CompileStats;
  runs: number;
}

const MOST = 16;
/** Elements from which threads share a call: that is worth more than fusing it. */
const SHARED = 32_768;

/**
 * A function that runs as one program: the first call of a signature captures what `f` does with
 * tensors, later calls replay it, with the same numbers. A signature is the tree of the arguments,
 * with shapes and dtypes of tensors and all other values.
 *
 * Whatever `f` reads or writes beside its arguments is listed as `state`. Other tensors that it
 * finds are constants. Programs are made for the device "cpu"; for tensors elsewhere, inside of
 * `vmap`, and where a gradient flows through the call, `f` runs as it is.
 *
 * @throws UsageError where `f` reads a value, uses state that is not listed, or does something else
 * in its second call; for more than 16 signatures.
 * @example
 * const f = compile((x: Tensor) => x.square().sum());
 * f(tensor([1, 2])).item(); // 5
 * f(tensor([3, 4])).item(); // 25
 */
export function compile<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: CompileOptions,
): Compiled<A, R> {
  expectFunction("compile", f, "write compile((x) => …)");
  const { state = [] } = given("compile", options, "state");
  const program = new Programs(f as (...args: readonly unknown[]) => unknown, state);
  const call = (...args: A): R => program.call(args) as R;
  return Object.assign(call, {
    toString: () => program.toString(),
    stats: () => program.stats(),
    dispose: () => program.dispose(),
  });
}

/** The programs of one function. */
class Programs {
  readonly #f: (...args: readonly unknown[]) => unknown;
  readonly #state: unknown;
  #entries: Entry[] = [];
  /** Signatures whose results carry gradients. */
  readonly #plain: (readonly Signature[])[] = [];

  constructor(f: (...args: readonly unknown[]) => unknown, state: unknown) {
    this.#f = f;
    this.#state = state;
  }

  call(args: readonly unknown[]): unknown {
    if (currentTracer() !== null || mayGoBack()) return this.#f(...args);
    const recorded = records();
    const leaves: Tensor[] = [];
    if (recorded && this.#plain.some((own) => fits(own, args))) return this.#f(...args);
    const entry = this.#find(args, recorded, leaves);
    if (entry === null) return this.#first(args, recorded);
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome) || (recorded && (entry.captured.tracked || leaves.some(isTracked)))) {
      return this.#f(...args);
    }
    entry.runs++;
    if (entry.runs === 1 && isDevelopment()) return this.#second(entry, args, leaves);
    entry.captured.trace.refresh(move);
    return run(entry, leaves);
  }

  #find(args: readonly unknown[], recorded: boolean, leaves: Tensor[]): Entry | null {
    for (const entry of this.#entries) {
      leaves.length = 0;
      const same = entry.recorded === recorded && fits(entry.signature, args, leaves);
      if (same && !entry.state.some((x) => x.disposed) && asSeen(entry)) return entry;
    }
    return null;
  }

  /** Captures a program for arguments of a new form, and runs it. */
  #first(args: readonly unknown[], recorded: boolean): unknown {
    const signature = args.map(signatureOf);
    const leaves: Tensor[] = [];
    args.forEach((arg, i) => void matches(signature[i] as Signature, arg, leaves));
    for (const x of leaves) expectLive("compile", x);
    if (!leaves.every(isHome) || (recorded && leaves.some(isTracked))) return this.#f(...args);
    this.#dropOld();
    if (this.#entries.length >= MOST) throw tooMany();
    const state = tensorsOfState(this.#state);
    if (!state.every(isHome)) return this.#f(...args);
    const start = performance.now();
    const found = capture(this.#f, args, state, (captured) => {
      if (recorded && captured.tracked) return null;
      const entry = built(captured, { signature, recorded, state }, start);
      if (entry === null) return null;
      const result = firstRun(entry, leaves);
      this.#entries.push(entry);
      return { result };
    });
    if (found !== null) return found.result;
    // the caller may ask for the gradient of the result, or the engine refuses the program
    this.#plain.push(signature);
    return this.#f(...args);
  }

  /** The second run is captured again: what differs would be a number that nobody sees change. */
  #second(entry: Entry, args: readonly unknown[], leaves: readonly Tensor[]): unknown {
    const { program } = entry.captured;
    const found = capture(this.#f, args, entry.state, ({ trace, program: other }) => {
      const found = difference(program, other);
      if (found !== null) throw notTheSame(found);
      for (const [i, instruction] of program.instructions.entries()) {
        if (instruction.changing) follow(instruction, other.instructions[i] as Instruction);
      }
      const result = run(entry, leaves, trace.draws);
      trace.free();
      return { result };
    });
    return found?.result;
  }

  /** Forgets programs whose state was disposed. */
  #dropOld(): void {
    const [kept, old] = [[] as Entry[], [] as Entry[]];
    for (const entry of this.#entries) {
      (entry.state.some((x) => x.disposed) ? old : kept).push(entry);
    }
    this.#entries = kept;
    for (const entry of old) freeEntry(entry);
  }

  toString(): string {
    return this.#entries.map(({ program, plan }) => print(program, plan)).join("\n\n");
  }

  stats(): CompileStats[] {
    return this.#entries.map(({ stats }) => stats);
  }

  dispose(): void {
    for (const entry of this.#entries) freeEntry(entry);
    this.#entries = [];
  }
}

function fits(
  signature: readonly Signature[],
  args: readonly unknown[],
  leaves: Tensor[] = [],
): boolean {
  if (signature.length !== args.length) return false;
  for (let i = 0; i < args.length; i++) {
    if (!matches(signature[i] as Signature, args[i], leaves)) return false;
  }
  return true;
}

/** Whether what the function read of the state is still the same. */
function asSeen({ captured, state }: Entry): boolean {
  for (const [at, values] of captured.trace.seen) {
    const { storage } = handleOf(state[at] as Tensor).operand;
    const now = viewArray(storage.dtype, runtime().heap.memory.buffer, storage.ptr, values.length);
    for (let i = 0; i < values.length; i++) if (now[i] !== values[i]) return false;
  }
  return true;
}

/** Gives an instruction the numbers that it has in another capture. */
function follow({ attrs, operands }: Instruction, other: Instruction): void {
  attrs.now = other.attrs.now;
  for (const [i, { value }] of operands.entries()) {
    const [to, from] = [value.origin, other.operands[i]?.value.origin];
    if (to.kind === "constant" && from?.kind === "constant") move(to.storage, from.storage);
  }
}

function freeEntry({ machine, captured }: Entry): void {
  machine.free();
  captured.trace.free();
}

/** The run of a program that was just captured; one that fails is freed. */
function firstRun(entry: Entry, leaves: readonly Tensor[]): unknown {
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
function built(...args: Parameters<typeof made>): Entry | null {
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
  how: Pick<Entry, "signature" | "recorded" | "state">,
  start: number,
): Entry {
  const program = optimised(captured.program);
  const { recorder, plan, machine } = builtFor(program);
  const { steps } = recorder;
  const stats = {
    captured: captured.program.instructions.length,
    instructions: program.instructions.length,
    calls: steps.filter(({ kind }) => kind === "call").length,
    host: steps.filter(({ kind }) => kind === "host").length,
    arenaBytes: plan.bytes,
    moduleBytes: machine.size,
    buildMs: performance.now() - start,
  };
  const changing = changingCalls(recorder);
  return { ...how, captured, program, plan, machine, recorder, changing, stats, runs: 0 };
}

/**
 * Runs a program on the memory of tensors. `drawn`: the function itself ran right before, and
 * drew these numbers.
 */
function run(entry: Entry, leaves: readonly Tensor[], drawn?: readonly Draw[]): unknown {
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
        const shared = kind === "written" && storage.holders > 1;
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

/** A program in memory. */
function builtFor(program: Program): Pick<Entry, "recorder" | "plan" | "machine"> {
  const recorder = new Recorder();
  recorder.record(program);
  const { outputs, writes } = program;
  const kept = new Set(
    [...outputs, ...writes.map(({ value }) => ({ value, shape: [value.size] }))].map((use) =>
      recorder.locate(use),
    ),
  );
  const alone = crewRuntime() === runtime();
  const fits = (elements: number): boolean => alone || elements < SHARED;
  const work = fuse(recorder.steps, kept, fits, (bytes) => recorder.strip(bytes));
  const plan = planMemory(recorder, program, work);
  return { recorder, plan, machine: build(work, plan) };
}

/** Other kernels, or other threads, than the program was built for. */
function rebuild(entry: Entry): void {
  const { recorder, plan, machine } = builtFor(entry.program);
  entry.machine.free();
  Object.assign(entry, { plan, machine, recorder, changing: changingCalls(recorder) });
}

const move = (to: Storage, from: Storage): void => {
  const { core } = runtime();
  core.move(to.ptr, from.ptr, from.size * bytesOf(from.dtype));
};

/** The tensors of the state, in a fixed order, each once. */
function tensorsOfState(state: unknown): Tensor[] {
  for (const part of Array.isArray(state) ? state : [state]) prepareState(part);
  const found = new Set<Tensor>();
  forEachTensor(state, (x) => found.add(x));
  return [...found];
}

function prepareState(part: unknown): void {
  if (typeof part !== "object" || part === null || isTensor(part)) return;
  const own = (part as { [beforeCapture]?: () => void })[beforeCapture];
  own?.call(part);
}

function isHome(x: Tensor): boolean {
  return deviceOf(x) === homeDevice();
}

function isTracked(x: Tensor): boolean {
  return nodeOf(x) !== null;
}

function records(): boolean {
  const now = setRecorder(null);
  setRecorder(now);
  return now !== null;
}

function tooMany(): UsageError {
  return new UsageError(
    "compile",
    `${MOST} signatures are compiled, and the arguments have another form again`,
    "give numbers that change as tensors, pad to few shapes, or dispose() the programs",
  );
}

function notTheSame(what: string): UsageError {
  return new UsageError(
    "compile",
    `the function does something else in its second call: ${what}`,
    "a number that changes is an argument or part of the state, not a variable outside",
  );
}
