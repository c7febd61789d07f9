/**
 * @file How a method is loaded from `adapter_config.json`: each method exports a loader.
 * Independent of the methods.
 */
import type { Module } from "@isograd/nn";
import type { Shape } from "@isograd/tensor";
import type { Adapter } from "../adapters/adapter.js";
import { type Fields, readNumber, wrongField } from "../adapters/config.js";
import type { Target } from "../adapters/targets.js";
import type { PartitionOptions } from "../partition/options.js";
import type { AdapterOptions } from "./method.js";

/** Options of `loadAdapter` that do not change any bit of the result. */
export type LoadChoices = Pick<PartitionOptions, "indices" | "warn">;

/** Makes adapters of one method from a configuration, at their initial values. */
export interface Loader {
  make<M extends Module>(
    model: M,
    options: AdapterOptions,
    fields: Fields,
    choices: LoadChoices,
  ): Adapter<M>;
  /** The trained tensors of a file with these fields: names in the file, and shapes. */
  trained(targets: readonly Target[], fields: Fields): Iterable<readonly [string, Shape]>;
  /**
   * Fields that must equal the first size of a tensor in the file of weights, with the end of the
   * tensor's name. They are checked before anything of that size is made.
   */
  readonly sizes: readonly (readonly [ending: string, field: string])[];
}

/**
 * Reads options that are numbers, each from its field.
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

/** Reads a seed: a number, or the digits of one beyond 2⁵³. @throws FormatError for others. */
export function readSeed(fields: Fields, name: string): number | bigint {
  const value = fields[name];
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value !== "number") throw wrongField(name, "a number");
  return value;
}
