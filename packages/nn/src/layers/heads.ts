/** @file Heads of attention: features split into parts of equal width. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";
import { expectWhole, isWhole } from "../expect.js";

/** @throws UsageError unless the heads divide the features; `help` may name the fields. */
export function checkHeads(
  op: string,
  features: number,
  heads: number,
  help = "give a whole number of heads that divides the features, or more features",
): void {
  expectWhole(op, "features", features);
  if (isWhole(heads, 1) && features % heads === 0) return;
  throw new UsageError(op, `${features} features do not make ${shown(heads)} heads`, help);
}

/** [n, length, features] → [n, heads, length, features / heads]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [n = 0, length = 0, features = 0] = x.shape;
  return x.reshape([n, length, heads, features / heads]).permuteDims([0, 2, 1, 3]);
}
