/**
 * @file Unpacks, chooses and starts the WebAssembly modules, synchronously. Knows neither tensors
 * nor the heap.
 */
import { inflateSync } from "fflate";
import type { Core, MathKernels } from "./exports.js";
import { core, math } from "./generated/kernels.js";

/** A module with one f32x4.relaxed_madd: it validates where relaxed SIMD is on. */
const PROBE = "AGFzbQEAAAABCAFgA3t7ewF7AwIBAAoNAQsAIAAgASAC/YUCCw==";
/** Pages of 64 kB that a memory may grow to: 4 GiB. */
const MAX_PAGES = 65536;
/** The byte with which a module says that its memory has a maximum and is not shared. */
const NOT_SHARED = 1;

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** Whether threads may share a memory. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return !(buffer instanceof ArrayBuffer);
}

function unpacked(base64: string): Uint8Array<ArrayBuffer> {
  return inflateSync(bytesOf(base64));
}

/** Length of a function's body, which begins with the length of the rest (LEB128). */
function bodyLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  let shift = 0;
  for (let byte = 128; byte >= 128; shift += 7) {
    byte = bytes[at + shift / 7] as number;
    length += (byte & 127) << shift;
  }
  return length + shift / 7;
}

/** One of two builds in pieces that alternate: what comes first, each function, the rest. */
function mathBytes(build: 0 | 1): Uint8Array<ArrayBuffer> {
  const bytes = unpacked(math.packed);
  const found = new Uint8Array(bytes.length);
  let [at, to] = [0, 0];
  const take = (first: number, second: number): void => {
    const from = build === 0 ? at : at + first;
    const length = build === 0 ? first : second;
    found.set(bytes.subarray(from, from + length), to);
    to += length;
    at += first + second;
  };
  const [head, tail] = math.ends;
  take(...head);
  while (at < bytes.length - tail[0] - tail[1]) {
    const first = bodyLength(bytes, at);
    take(first, bodyLength(bytes, at + first));
  }
  take(...tail);
  return found.slice(0, to);
}

/** A module as it was built: for shared memory, with the place of the byte that says so. */
function compile(
  bytes: Uint8Array<ArrayBuffer>,
  sharedFlag: number,
  memory: WebAssembly.Memory,
): WebAssembly.Module {
  if (!isShared(memory)) bytes[sharedFlag] = NOT_SHARED;
  return new WebAssembly.Module(bytes);
}

/** Kernels that were started, and the module that other threads start them from. */
export interface Started<K> {
  readonly module: WebAssembly.Module;
  readonly kernels: K;
}

function start<K>(module: WebAssembly.Module, memory: WebAssembly.Memory): Started<K> {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { module, kernels: exports as K }; // the signatures of a module are not seen by TypeScript
}

/** What Node offers that pages do not. */
interface Platform {
  readonly process?: {
    readonly versions?: { readonly node?: string };
    getBuiltinModule?(id: "node:v8"): { setFlagsFromString(flags: string): void } | undefined;
  };
}

/**
 * Whether relaxed SIMD can be used. Node 20 has it behind a flag that may be set while running;
 * newer versions have it on and print a complaint about the flag, so they are asked first.
 */
export function hasRelaxedSimd(): boolean {
  const probe = bytesOf(PROBE);
  if (WebAssembly.validate(probe)) return true;
  try {
    const { process } = globalThis as Platform;
    if (process?.versions?.node === undefined) return false;
    process.getBuiltinModule?.("node:v8")?.setFlagsFromString("--experimental-wasm-relaxed-simd");
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

export function startCore(memory: WebAssembly.Memory): Started<Core> {
  return start(compile(unpacked(core.packed), core.sharedFlag, memory), memory);
}

/**
 * The kernels with multiply-add: fused where the engine can, plain where bits must be the same on
 * every machine.
 */
export function startMath(
  memory: WebAssembly.Memory,
  deterministic: boolean,
): Started<MathKernels> {
  const build = !deterministic && hasRelaxedSimd() ? 0 : 1;
  return start(compile(mathBytes(build), math.sharedFlags[build], memory), memory);
}
