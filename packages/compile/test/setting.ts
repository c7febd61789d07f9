/** @file Two small tensors, and calls as `capture` sees them. */
import { type Tensor, tensor } from "@isograd/tensor";
import type { Setting } from "../src/capture.js";

/** A call around which nothing is recorded. */
export function alone(args: readonly unknown[], state: readonly Tensor[] = []): Setting {
  return { args, state, lent: new Set(), recorded: false };
}

export const x = tensor([
  [0.3, -1.2, 0.7],
  [1.1, 0.4, -0.6],
]);
export const w = tensor([
  [0.5, 0.1],
  [-0.3, 0.8],
  [0.2, -0.7],
]);
