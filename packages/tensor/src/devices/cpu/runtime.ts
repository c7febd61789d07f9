/**
 * @file The state of the CPU device: one memory, its heap, the kernels and the threads; and the
 * switch to deterministic kernels.
 */
import { bytesOf, type DType } from "../../base/dtype.js";
import { UsageError } from "../../base/errors.js";
import { type Core, type MathKernels, ROW_KERNELS, type RowKernel } from "./exports.js";
import { createHeap, type Heap } from "./heap.js";
import type { CpuOptions, InitResult } from "./options.js";
import { cutKernels, ROOM_BYTES } from "./threads/cutKernels.js";
import { createPace } from "./threads/pace.js";
import { cores, type Spawn, spawner } from "./threads/spawn.js";
import { createTeam, type Team, type TeamOptions } from "./threads/team.js";
import { createMemory, isShared, type Started, startCore, startMath } from "./wasm.js";

/** What kernels run on. */
export interface Runtime {
  readonly heap: Heap;
  readonly core: Core;
  readonly math: MathKernels;
  /** The row kernels of `core` by number: found faster than by name. */
  readonly rows: readonly RowKernel[];
  /** Address of a block in which kernels find lists of axes. */
  readonly axes: number;
  /** Address of matmul's workspace. */
  readonly work: number;
}

// Addresses below the heap: constants of the modules, lists of axes, scratch of the kernels, then
// matmul's workspace.
const AXES = 49152;
const SCRATCH = 65536;
const WORK = 2 * 65536;
const HEAP = 20 * 65536; // packed blocks of A (96×256) and B (256×1024) and a tile take 17.6 pages
const INITIAL_PAGES = 256;
/** Threads by default, at most: more seldom find enough work in one op. */
const MOST_THREADS = 8;

interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly core: Started<Core>;
  math: Started<MathKernels>;
  /** On this thread alone. */
  runtime: Runtime;
}

interface Crew {
  readonly team: Team;
  /** Address of the block in which calls are cut. */
  readonly room: number;
  readonly runtime: Runtime;
}

const state = {
  deterministic: false,
  threads: null as number | null,
  engine: null as Engine | null,
  crew: null as Crew | null,
  /** Threads could not be started here. */
  refused: false,
  told: false,
};

function engine(): Engine {
  if (state.engine !== null) return state.engine;
  const memory = createMemory(INITIAL_PAGES, spawner() !== null);
  const core = startCore(memory);
  const math = startMath(memory, state.deterministic);
  core.kernels.setScratch(SCRATCH);
  const heap = createHeap(memory, HEAP);
  const runtime = {
    heap,
    core: core.kernels,
    math: math.kernels,
    rows: rowsOf(core.kernels),
    axes: AXES,
    work: WORK,
  };
  state.engine = { memory, core, math, runtime };
  return state.engine;
}

function rowsOf(core: Core): RowKernel[] {
  return ROW_KERNELS.map((name) => core[name]);
}

/** The runtime of this thread alone; the first call starts it. */
export function runtime(): Runtime {
  return (state.engine ?? engine()).runtime;
}

/** The runtime for large work: all threads; the first call starts them. */
export function crewRuntime(): Runtime {
  return (state.crew ?? startCrew())?.runtime ?? runtime();
}

function wantedThreads(): number {
  return state.threads ?? Math.min(cores(), MOST_THREADS);
}

function startCrew(): Crew | null {
  const { core, math, runtime: alone } = engine();
  const spawn = spawner();
  const workers = wantedThreads() - 1;
  if (workers < 1 || spawn === null || state.refused || !isShared(alone.heap.memory)) return null;
  try {
    state.crew = createCrew(core, math, alone, workers, spawn);
  } catch (error) {
    refuse(error);
  }
  return state.crew;
}

/** One thread does the same work; said once, with the reason. */
function refuse(why: unknown): void {
  state.refused = true;
  if (state.told) return;
  state.told = true;
  console.warn(`isograd: no threads: ${why}`);
}

function createCrew(
  core: Engine["core"],
  math: Engine["math"],
  alone: Runtime,
  workers: number,
  spawn: Spawn,
): Crew {
  const { heap } = alone;
  const room = heap.reserve(ROOM_BYTES);
  const options: TeamOptions = {
    heap,
    workers,
    spawn,
    modules: [core.module, math.module],
    names: [...Object.keys(core.kernels), ...Object.keys(math.kernels)],
    scratchBytes: WORK - SCRATCH,
    workBytes: HEAP - WORK,
    lost(wasReady, why) {
      if (state.crew?.team === team) state.crew = null;
      if (!wasReady) refuse(why);
    },
  };
  let team: Team;
  try {
    team = createTeam(options);
  } catch (error) {
    heap.unreserve(room, ROOM_BYTES);
    throw error;
  }
  const pace = createPace(() => performance.now());
  const cutCore = cutKernels(core.kernels, team, heap, room, pace);
  const cutMath = cutKernels(math.kernels, team, heap, room, pace);
  const runtime = { ...alone, core: cutCore, math: cutMath, rows: rowsOf(cutCore) };
  return { team, room, runtime };
}

/** Starts the CPU device and chooses its kernels and threads; see init. */
export async function initCpu(options: CpuOptions = {}): Promise<InitResult> {
  const { deterministic = false, threads = null } = options;
  if (threads !== null && !(Number.isInteger(threads) && threads >= 1 && threads <= 32)) {
    throw new UsageError(
      "init",
      `threads is ${threads}`,
      "give a whole number from 1 to 32, or leave it out",
    );
  }
  const count = wantedThreads();
  const changed = state.deterministic !== deterministic;
  if (changed && state.engine !== null) switchKernels(state.engine, deterministic);
  Object.assign(state, { deterministic, threads });
  if (changed || count !== wantedThreads()) stopCrew();
  const crew = state.crew ?? startCrew();
  await crew?.team.ready();
  return { threads: state.crew?.team.size() ?? 1 };
}

function switchKernels(from: Engine, deterministic: boolean): void {
  from.math = startMath(from.memory, deterministic);
  from.runtime = { ...from.runtime, math: from.math.kernels };
}

function stopCrew(): void {
  const { crew, engine } = state;
  crew?.team.stop();
  if (crew !== null) engine?.runtime.heap.unreserve(crew.room, ROOM_BYTES);
  state.crew = null;
  state.refused = false;
}

/** A block for `size` elements. */
export function allocate({ heap }: Runtime, dtype: DType, size: number): number {
  return heap.alloc(size * bytesOf(dtype));
}
