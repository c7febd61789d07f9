/**
 * @file Unpacks, chooses and starts the WebAssembly modules, synchronously. Knows neither tensors
 * nor the heap.
 */
import { inflateSync } from "fflate";
import { DeviceError } from "../../base/errors.js";
import type { Core, MathKernels } from "./exports.js";
import { lengths, packed } from "./generated/modules.js";

/** A module with one f32x4.relaxed_madd: it validates where relaxed SIMD is on. */
const PROBE = "AGFzbQEAAAABCAFgA3t7ewF7AwIBAAoNAQsAIAAgASAC/YUCCw==";
/** Pages of 64 kB that a memory may grow to: 4 GiB. */
const MAX_PAGES = 65536;
/** What a module says of the memory that it imports: with a maximum, shared or not. */
const [SHARED, NOT_SHARED] = ["memory\x02\x03", "memory\x02\x01"];
const [MUL, ADD] = ["\xfd\xe6\x01", "\xfd\xe4\x01"];
/** a·b + c as the modules have it: c is set aside; see scripts/plain.mjs. */
const PLAIN = new RegExp(`!([^]{1,2})${MUL} \\1${ADD}`, "g");
const [FUSED, NOTHING] = ["\xfd\x85\x02", "\x01"];

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Whether threads may share a memory. */
export function isShared({ buffer }: { readonly buffer: ArrayBufferLike }): boolean {
  return !(buffer instanceof ArrayBuffer);
}

/** The modules, as text with a character for each byte. */
let modules: readonly [core: string, math: string] | null = null;

function unpacked(): readonly [core: string, math: string] {
  const [first, second] = lengths;
  const bytes = inflateSync(bytesOf(atob(packed)), { out: new Uint8Array(first + second) });
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return [text.slice(0, first), text.slice(first)];
}

/** The bytes of both modules up to a number, as they are before they start. */
export function moduleBytes(most: number): readonly [core: Uint8Array, math: Uint8Array] {
  modules ??= unpacked();
  const [core, math] = modules;
  return [bytesOf(core.slice(0, most)), bytesOf(math.slice(0, most))];
}

function compile(text: string, memory: WebAssembly.Memory): WebAssembly.Module {
  const found = isShared(memory) ? text : text.replace(SHARED, NOT_SHARED);
  try {
    return new WebAssembly.Module(bytesOf(found));
  } catch (error) {
    throw new DeviceError(
      "cpu",
      `${error}`,
      "the page's policy needs script-src 'wasm-unsafe-eval', the engine WebAssembly SIMD",
    );
  }
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
  const probe = bytesOf(atob(PROBE));
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
  modules ??= unpacked();
  return start(compile(modules[0], memory), memory);
}

/**
 * The kernels with multiply-add: fused where the engine can, plain where bits must be the same on
 * every machine.
 */
export function startMath(
  memory: WebAssembly.Memory,
  deterministic: boolean,
): Started<MathKernels> {
  modules ??= unpacked();
  const [, plain] = modules;
  const text =
    deterministic || !hasRelaxedSimd()
      ? plain
      : plain.replace(PLAIN, (found) => FUSED.padEnd(found.length, NOTHING));
  return start(compile(text, memory), memory);
}
