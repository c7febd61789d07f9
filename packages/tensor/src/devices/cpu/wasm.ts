/** @file Unpacks, chooses and starts the WebAssembly modules, synchronously. Knows neither tensors nor the heap. */
import { inflateSync } from "fflate";
import { core, fused, plain } from "./generated/kernels.js";
import type { Core, MathKernels, RowKernels } from "./kernels.js";

/** A module with one f32x4.relaxed_madd: it validates where relaxed SIMD is on. */
const PROBE = "AGFzbQEAAAABCAFgA3t7ewF7AwIBAAoNAQsAIAAgASAC/YUCCw==";
/** Pages of 64 kB that a memory may grow to: 4 GiB. */
const MAX_PAGES = 65536;
/** The byte with which a module says that its memory has a maximum and is not shared. */
const NOT_SHARED = 1;

/** A module as the build left it: for shared memory, with the place of the byte that says so. */
interface Packed {
  readonly packed: string;
  readonly sharedFlag: number;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** Whether threads may share a memory. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return !(buffer instanceof ArrayBuffer);
}

function compile({ packed, sharedFlag }: Packed, memory: WebAssembly.Memory): WebAssembly.Module {
  const bytes = inflateSync(bytesOf(packed)) as Uint8Array<ArrayBuffer>;
  if (!isShared(memory)) bytes[sharedFlag] = NOT_SHARED;
  return new WebAssembly.Module(bytes);
}

function start(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

/**
 * Whether relaxed SIMD can be used. Node 20 has it behind a flag that may be set while running; newer versions have it
 * on and print a complaint about the flag, so they are asked first.
 */
export function hasRelaxedSimd(): boolean {
  const probe = bytesOf(PROBE);
  if (WebAssembly.validate(probe)) return true;
  try {
    type Builtins = {
      getBuiltinModule?(id: "node:v8"): { setFlagsFromString(flags: string): void } | undefined;
    };
    const node = (globalThis as { process?: Builtins & { versions?: { node?: string } } }).process;
    if (node?.versions?.node === undefined) return false;
    node.getBuiltinModule?.("node:v8")?.setFlagsFromString("--experimental-wasm-relaxed-simd");
    return WebAssembly.validate(probe);
  } catch {
    return false;
  }
}

/** A memory of `pages`; shared where that is wanted and can be. */
export function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  const limits = { initial: pages, maximum: MAX_PAGES };
  if (!shared) return new WebAssembly.Memory(limits);
  try {
    return new WebAssembly.Memory({ ...limits, shared });
  } catch {
    return new WebAssembly.Memory(limits);
  }
}

/** Kernels that were started, and the module that other threads start them from. */
export interface Started<K> {
  readonly module: WebAssembly.Module;
  readonly kernels: K;
}

export function startCore(memory: WebAssembly.Memory): Started<Core & RowKernels> {
  const module = compile(core, memory);
  return { module, kernels: start(module, memory) as unknown as Core & RowKernels };
}

/** The kernels with multiply-add: fused where the engine can, plain where bits must be the same on every machine. */
export function startMath(
  memory: WebAssembly.Memory,
  deterministic: boolean,
): Started<MathKernels> {
  const module = compile(!deterministic && hasRelaxedSimd() ? fused : plain, memory);
  return { module, kernels: start(module, memory) as unknown as MathKernels };
}
