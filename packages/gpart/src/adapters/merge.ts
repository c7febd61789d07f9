/** @file Adapted weights into a model and out again, to the last bit. Knows no method. */
import { dispose, isFinite as finite, type Tensor, UsageError } from "@isograd/tensor";
import type { Storage } from "@isograd/tensor/engine";
import type { Target } from "./targets.js";

/**
 * What a weight was before a merge, and where the merged one lies: who merged last is known by it.
 */
export interface Kept {
  readonly before: Tensor;
  readonly written: Storage;
}

/**
 * Puts weights into the parameters, after a look at all of them, and returns what was there:
 * handles outside of every scope, for {@link restoreWeights}.
 *
 * @throws UsageError when a weight is not finite; nothing is written then.
 */
export function writeWeights(
  targets: readonly Target[],
  weights: Readonly<Record<string, Tensor>>,
): Map<string, Kept> {
  for (const [name, w] of Object.entries(weights)) {
    if (finite(w).all().item() === 1) continue;
    throw new UsageError("merge", `${name} would not be finite`, "the model is untouched");
  }
  const kept = new Map<string, Kept>();
  for (const { name, parameter } of targets) {
    const before = parameter.own.alias(false, "merge");
    before.dropNode();
    parameter.value = weights[name] as Tensor;
    kept.set(name, { before, written: parameter.own.storage });
  }
  return kept;
}

/**
 * Puts back what {@link writeWeights} returned, and gives it up.
 *
 * @throws UsageError when a weight was changed since: what was there then is not what this merge
 * was made of.
 */
export function restoreWeights(targets: readonly Target[], kept: ReadonlyMap<string, Kept>): void {
  for (const { name, parameter } of targets) {
    if (parameter.own.storage === kept.get(name)?.written) continue;
    throw new UsageError(
      "unmerge",
      `${name} was changed after the merge`,
      "unmerge adapters in the opposite order to that in which they were merged",
    );
  }
  for (const { name, parameter } of targets) {
    const { before } = kept.get(name) as Kept;
    parameter.value = before;
    dispose(before);
  }
}
