/** @file The number of trained parameters as one line, in the format of PEFT. */
import type { Module } from "@isograd/nn";

/** Prints `trainable params: … || all params: … || trainable%: …`, and returns the line. */
export function printTrainable(adapter: Module, model: Module): string {
  const trained = adapter.parameterCount;
  const all = [...model.parameters(), ...adapter.parameters()];
  const total = all.reduce((sum, p) => sum + p.own.size, 0);
  const count = (n: number) => n.toLocaleString("en-US");
  const line = [
    `trainable params: ${count(trained)}`,
    `all params: ${count(total)}`,
    `trainable%: ${((100 * trained) / total).toFixed(4)}`,
  ].join(" || ");
  console.log(line);
  return line;
}
