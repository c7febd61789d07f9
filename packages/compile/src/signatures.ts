/** @file The signatures of the kernels, read from their modules once. */
import { moduleHeads } from "@isograd/tensor/cpu";
import { type Signature, signaturesOf } from "./encode.js";
import type { Call } from "./steps.js";

const signatures = { known: null as Readonly<Record<string, Map<string, Signature>>> | null };

export function signatureOf({ module, name }: Pick<Call, "module" | "name">): Signature {
  if (signatures.known === null) {
    const [core, math] = moduleHeads();
    signatures.known = { core: signaturesOf(core), math: signaturesOf(math) };
  }
  return signatures.known[module]?.get(name) as Signature;
}
