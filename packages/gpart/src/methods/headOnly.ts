/** @file Trains only some modules, such as a head, in full: the simplest baseline. */
import type { Module } from "@isograd/nn";
import { UsageError } from "@isograd/tensor";
import { given, isPlain } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { checkNames } from "../adapters/names.js";
import type { Loader } from "./loader.js";
import { checkModel } from "./options.js";

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
  checkModel("headOnly", model);
  const said = Object.entries(isPlain(options) ? options : {}).filter(([, x]) => x !== undefined);
  const own = isPlain(options) ? (Object.fromEntries(said) as typeof options) : options;
  const { modulesToSave = [] } = given("headOnly", own, "modulesToSave");
  checkNames("modulesToSave", modulesToSave, 0);
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
