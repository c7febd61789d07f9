/** @file Calls as `capture` sees them. */
import type { Tensor } from "@isograd/tensor";
import type { Setting } from "../src/capture.js";

/** A call around which nothing is recorded. */
export function alone(args: readonly unknown[], state: readonly Tensor[] = []): Setting {
  return { args, state, lent: new Set(), recorded: false };
}
