/**
 * @file The beginnings of the modules, for those who read the types of kernels. Published types do
 * not name WebAssembly: programs without the DOM's types have no such name.
 */
import { moduleBytes } from "./wasm.js";

/** More bytes than there are before the code of a module. */
const HEAD = 32768;

/** The first bytes of both modules, before their code. */
export function moduleHeads(): readonly [core: Uint8Array, math: Uint8Array] {
  return moduleBytes(HEAD);
}
