/** @file Adapted weights into a model and out again, to the last bit. Knows no method. */
import { dispose, isFinite as finite, type Tensor, UsageError } from "@isograd/tensor";
import type { Target } from "./targets.js";

/**
 * Puts weights into the parameters, after a look at all of them, and returns what was there:
 * handles outside of every scope, for {@link restoreWeights}.
 *
 * @throws UsageError when a weight is not finite; nothing is written then.
 */
export function writeWeights(
  targets: readonly Target[],
  weights: Readonly<Record<string, Tensor>>,
): Map<string, Tensor> {
  for (const [name, w] of Object.entries(weights)) {
    if (finite(w).all().item() === 1) continue;
    throw new UsageError("merge", `${name} would not be finite`, "the model is untouched");
  }
  const kept = new Map<string, Tensor>();
  for (const { name, parameter } of targets) {
    const before = parameter.own.alias();
    before.dropNode();
    kept.set(name, before);
    parameter.value = weights[name] as Tensor;
  }
  return kept;
}

/** Puts back what {@link writeWeights} returned, and gives it up. */
export function restoreWeights(
  targets: readonly Target[],
  kept: ReadonlyMap<string, Tensor>,
): void {
  for (const { name, parameter } of targets) {
    const before = kept.get(name) as Tensor;
    parameter.value = before;
    dispose(before);
  }
}
