/** @file Names of the options that all methods share, and what those of PEFT mean here. */
import { Module } from "@isograd/nn";
import { UsageError } from "@isograd/tensor";
import { type Synonyms, shown } from "@isograd/tensor/engine";

/** Options of every adapter, for `given`; those of methods without random numbers and dropout. */
export const PLACES = "targetModules layersToTransform layersPattern modulesToSave";
export const ADAPTER = `${PLACES} dropout# seed` as const;

/** Options of PEFT whose letters do not tell what is meant. */
export const synonyms: Synonyms = new Map([
  ["r", ["rank"]],
  ["thetadlength", ["d"]],
  ["nfrequency", ["coefficients"]],
  ["numfrequencies", ["coefficients"]],
  ["projprngkey", ["seed"]],
  ["projectionprngkey", ["seed"]],
  ["p", ["dropout"]],
  ["target", ["targetModules"]],
  ["layers", ["layersToTransform"]],
]);

/** @throws UsageError unless `model` is a module. */
export function checkModel(op: string, model: unknown): void {
  if (model instanceof Module) return;
  throw new UsageError(op, `needs a module, got ${shown(model)}`, "give the model to adapt first");
}
