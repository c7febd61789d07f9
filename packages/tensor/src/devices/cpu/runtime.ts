/**
 * @file The state of the CPU device: one memory, its heap, the kernels; and the switch to
 * deterministic ones.
 */
import { bytesOf, type DType } from "../../dtype.js";
import { createHeap, type Heap } from "./heap.js";
import type { Core, MathKernels, RowKernels } from "./kernels.js";
import { startCore, startMath } from "./wasm.js";

/** What kernels run on. `math` changes when init() asks for the other build. */
export interface Runtime {
  readonly heap: Heap;
  readonly core: Core & RowKernels;
  math: MathKernels;
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

const state = { deterministic: false, runtime: null as Runtime | null };

/** The runtime, started when first asked for. */
export function runtime(): Runtime {
  if (state.runtime !== null) return state.runtime;
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });
  const core = startCore(memory);
  const math = startMath(memory, state.deterministic);
  core.setScratch(SCRATCH);
  const heap = createHeap(memory, HEAP);
  state.runtime = { heap, core, math, axes: AXES, work: WORK };
  return state.runtime;
}

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Use the plain kernels, without fused multiply-add: results have the same bits on every machine,
   * and products of matrices take longer.
   */
  readonly deterministic?: boolean;
}

/**
 * Starts the CPU device now rather than when the first tensor is made, and chooses its kernels.
 * Calling it is optional; calling it again switches.
 *
 * @example
 * await init({ deterministic: true }); // no fused multiply-add: the same bits everywhere
 */
export async function init(options: InitOptions = {}): Promise<void> {
  const { deterministic = false } = options;
  const changed = deterministic !== state.deterministic;
  state.deterministic = deterministic;
  if (state.runtime === null) runtime();
  else if (changed) state.runtime.math = startMath(state.runtime.heap.memory, deterministic);
}

/** A block for `size` elements. */
export function allocate({ heap }: Runtime, dtype: DType, size: number): number {
  return heap.alloc(size * bytesOf(dtype));
}
