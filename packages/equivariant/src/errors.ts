/** @file The error for a function that is not equivariant. */
import { IsogradError } from "@isograd/tensor";
import type { EquivarianceEntry } from "./check/options.js";

/** Thrown when an output does not follow a transform of the input. */
export class EquivarianceError extends IsogradError {
  override readonly name = "EquivarianceError";
  /** What was measured: the transform, the output, its kind and its error. */
  readonly entry: EquivarianceEntry;

  constructor(entry: EquivarianceEntry, problem: string, help: string) {
    super("assertEquivariant", problem, help);
    this.entry = entry;
  }
}
