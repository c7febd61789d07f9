/** @file Sums of cotangents on the CPU, in place where the caller gives an input away. */
import type { Donated, Operand } from "../../../core/contract.js";
import type { commonFamilies } from "../../../ops/families.js";
import { FALLBACK, type KernelsFor, over } from "../opKernel.js";
import type { Runtime } from "../runtime.js";

/** Where a result that replaces operand `i` is written: over it when it was given away. */
export interface Place {
  readonly at: number;
  /** What the kernel returns for it. */
  readonly result: number;
}

export function placeFor(
  rt: Runtime,
  { size, storage }: Operand,
  i: number,
  donated: Donated,
): Place {
  if (donated?.[i] === true) return { at: storage.ptr, result: over(i) };
  const at = rt.heap.alloc(size * 4);
  return { at, result: at };
}

export const update: KernelsFor<typeof commonFamilies.update> = {
  accumulate(rt, [a, b], _, __, donated) {
    if (a.dtype !== "float32" || b.dtype !== "float32") return FALLBACK;
    const out = placeFor(rt, a, 0, donated);
    rt.core.add(a.size, a.storage.ptr, 4, b.storage.ptr, 4, out.at);
    return out.result;
  },
};
