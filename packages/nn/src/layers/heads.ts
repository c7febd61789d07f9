/** @file Heads of attention: features split into parts of equal width. */
import { type Tensor, UsageError } from "@isograd/tensor";

/** @throws UsageError unless the heads divide the features. */
export function checkHeads(op: string, features: number, heads: number): void {
  if (Number.isInteger(features / heads)) return;
  throw new UsageError(op, `${features} features do not make ${heads} heads`);
}

/** [n, length, features] → [n, heads, length, features / heads]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [n = 0, length = 0, features = 0] = x.shape;
  return x.reshape([n, length, heads, features / heads]).permuteDims([0, 2, 1, 3]);
}
