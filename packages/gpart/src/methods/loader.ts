/**
 * @file How a method is made again from `adapter_config.json`: each method exports a loader. Knows
 * no method.
 */
import type { Module } from "@isograd/nn";
import type { Adapter } from "../adapters/adapter.js";
import { type Fields, readNumber } from "../adapters/config.js";
import type { PartitionOptions } from "../partition/options.js";
import type { AdapterOptions } from "./method.js";

/** What the caller of `loadAdapter` decides: nothing that changes a bit of the result. */
export type LoadChoices = Pick<PartitionOptions, "indices" | "warn">;

/** Makes the adapter of one method again, at its initial values. */
export interface Loader {
  make<M extends Module>(
    model: M,
    options: AdapterOptions,
    fields: Fields,
    choices: LoadChoices,
  ): Adapter<M>;
  /**
   * Fields that give the first size of a tensor in the file of weights, with the end of that
   * tensor's name. They are compared before anything of that size is made.
   */
  readonly sizes: readonly (readonly [ending: string, field: string])[];
}

/**
 * Options that are numbers, from the field of each.
 *
 * @throws FormatError when a field is missing or not a number.
 */
export function readNumbers<K extends string>(
  fields: Fields,
  names: Readonly<Record<K, string>>,
): Record<K, number> {
  const entries = Object.entries<string>(names).map(([option, field]) => [
    option,
    readNumber(fields, field),
  ]);
  return Object.fromEntries(entries) as Record<K, number>;
}
