/** @file Trains only some modules, such as a head, in full: the simplest baseline. */
import type { Module } from "@isograd/nn";
import { UsageError } from "@isograd/tensor";
import { Adapter } from "../adapters/adapter.js";
import type { Loader } from "./loader.js";

/**
 * Trains the named modules in full and adapts nothing else: `modulesToSave` without a method.
 *
 * @throws UsageError when no module is named, or one matches nothing.
 * @example
 * const adapter = headOnly(new MLP([4, 8, 2], { rng: rng(0) }), { modulesToSave: ["layers.1"] });
 * adapter.parameterCount; // 18
 */
export function headOnly<M extends Module>(
  model: M,
  options: { readonly modulesToSave: readonly string[] },
): Adapter<M> {
  const { modulesToSave = [] } = options;
  if (modulesToSave.length === 0) {
    throw new UsageError("headOnly", "no module is named", "name the head in modulesToSave");
  }
  const make = () => ({
    name: "HEAD" as const,
    addition: "weights" as const,
    trained: {},
    minusDelta: () => [],
    config: {},
    fileName: (name: string) => name,
  });
  return new Adapter({ model, targets: [], make, options: { modulesToSave } });
}

/** Loads a saved head. */
export const headLoader: Loader = {
  make: (model, { modulesToSave = [] }) => headOnly(model, { modulesToSave }),
  trained: () => [],
  sizes: [],
};
