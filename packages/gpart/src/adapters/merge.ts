/**
 * @file Writes adapted weights into a model and restores the old ones, to the last bit. Independent
 * of the methods.
 */
import { dispose, isFinite as finite, type Tensor, UsageError } from "@isograd/tensor";
import { dropNode, type Storage, storageOf } from "@isograd/tensor/engine";
import type { Target } from "./targets.js";

/**
 * A weight before a merge, and the storage of the merged one, which shows whether the weight
 * changed since.
 */
export interface Kept {
  readonly before: Tensor;
  readonly written: Storage;
}

/**
 * Checks all weights, writes them into the parameters, and returns the old ones for
 * {@link restoreWeights}. No scope frees those.
 *
 * @throws UsageError when a weight is not finite; then nothing is written.
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
    dropNode(before);
    parameter.value = weights[name] as Tensor;
    kept.set(name, { before, written: storageOf(parameter.own) });
  }
  return kept;
}

/**
 * Restores the weights that {@link writeWeights} returned, and disposes their handles.
 *
 * @throws UsageError when a weight changed after the merge: the old weights no longer belong to it.
 */
export function restoreWeights(targets: readonly Target[], kept: ReadonlyMap<string, Kept>): void {
  for (const { name, parameter } of targets) {
    if (storageOf(parameter.own) === kept.get(name)?.written) continue;
    throw new UsageError(
      "unmerge",
      `${name} was changed after the merge`,
      "unmerge adapters in the reverse order of merging",
    );
  }
  for (const { name, parameter } of targets) {
    const { before } = kept.get(name) as Kept;
    parameter.value = before;
    dispose(before);
  }
}
