/** @file Unpacks, chooses and starts the WebAssembly modules, synchronously. Knows neither tensors nor the heap. */
import { inflateSync } from "fflate";
import { core, fused, plain } from "./generated/kernels.js";
import type { Core, MathKernels, RowKernels } from "./kernels.js";

/** A module with one f32x4.relaxed_madd: it validates where relaxed SIMD is on. */
const PROBE = "AGFzbQEAAAABCAFgA3t7ewF7AwIBAAoNAQsAIAAgASAC/YUCCw==";

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function start(packed: string, memory: WebAssembly.Memory): WebAssembly.Exports {
  const module = new WebAssembly.Module(inflateSync(bytesOf(packed)) as Uint8Array<ArrayBuffer>);
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

export function startCore(memory: WebAssembly.Memory): Core & RowKernels {
  return start(core, memory) as unknown as Core & RowKernels;
}

/** The kernels with multiply-add: fused where the engine can, plain where bits must be the same on every machine. */
export function startMath(memory: WebAssembly.Memory, deterministic: boolean): MathKernels {
  const packed = !deterministic && hasRelaxedSimd() ? fused : plain;
  return start(packed, memory) as unknown as MathKernels;
}
