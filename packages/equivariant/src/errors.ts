/** @file The error of a function that is not as equivariant as claimed. */
import { IsogradError } from "@isograd/tensor";
import type { EquivarianceEntry } from "./check/options.js";

/** A transform of the input that an output did not follow; says which, and by how much. */
export class EquivarianceError extends IsogradError {
  override readonly name = "EquivarianceError";
  /** What was measured: the transform, the output, its kind and its error. */
  readonly entry: EquivarianceEntry;

  constructor(entry: EquivarianceEntry, problem: string, help: string) {
    super("assertEquivariant", problem, help);
    this.entry = entry;
  }
}
