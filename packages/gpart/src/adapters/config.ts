/**
 * @file adapter_config.json as text: writes it, and reads it with a check of every field.
 * Independent of the base model.
 */
import { FormatError } from "@isograd/tensor";
import type { AdapterOptions, Json, MethodName } from "../methods/method.js";
import { isReadable, regExpFromFile } from "../patterns/fromFile.js";
import { countWeights, hashTargets, type Target, type TargetModules } from "./targets.js";

/** All fields of a configuration, by name. */
export type Fields = Readonly<Record<string, Json>>;

/** A configuration. Only the fields that all methods share are checked. */
export interface Config {
  readonly method: MethodName;
  readonly options: AdapterOptions;
  /**
   * Number of target weights, and the hash of their names and shapes; null when the file has
   * neither.
   */
  readonly n: number | null;
  readonly targetsHash: string | null;
  /** Whether the adapter was saved in training mode. */
  readonly training: boolean;
  /** All fields of the file, unchanged. */
  readonly fields: Fields;
}

/** The version of the file format; any other is an error. */
const VERSION = 1;

export function configError(
  problem: string,
  help = "give both files as saveAdapter wrote them, or save the adapter again",
): FormatError {
  return new FormatError("loadAdapter", problem, help);
}

/**
 * Targets as PEFT writes them: a list, or a string that is a regular expression or "all-linear".
 */
function targetsField(targets: TargetModules): Record<string, Json> {
  if (!(targets instanceof RegExp)) return { target_modules: targets };
  const flags: Record<string, Json> = targets.flags === "" ? {} : { target_flags: targets.flags };
  return { target_modules: targets.source, ...flags };
}

/** The fields of the chosen layers, if any. */
function layersField({ layersToTransform: layers, layersPattern }: AdapterOptions) {
  return {
    ...(layers !== undefined && { layers_to_transform: layers }),
    ...(layersPattern !== undefined && { layers_pattern: layersPattern }),
  };
}

/** What {@link fieldsOf} needs to know of an adapter. */
export interface Described {
  readonly method: { readonly name: MethodName; readonly config: Fields };
  readonly options: AdapterOptions;
  readonly targets: readonly Target[];
  readonly training: boolean;
}

/** The fields of an adapter's configuration. */
export function fieldsOf(adapter: Described): Fields {
  const { method, options, targets, training } = adapter;
  const { targetModules = "all-linear", modulesToSave = [], dropout = 0 } = options;
  const unreadable = targetModules instanceof RegExp && !isReadable(targetModules);
  return {
    peft_type: method.name,
    isograd_version: VERSION,
    ...targetsField(unreadable ? targets.map(({ name }) => name) : targetModules),
    ...layersField(options),
    modules_to_save: modulesToSave,
    dropout,
    ...(!training && { inference_mode: true }),
    ...method.config,
    n: countWeights(targets),
    targets_hash: hashTargets(targets),
  };
}

/** Fields that PEFT writes, and that change no number. */
const REMARKS = [
  ...["auto_mapping", "base_model_name_or_path", "peft_version", "revision", "task_type"],
  "inference_mode",
];

/** Whether a field says nothing: PEFT writes many such. */
export function isEmpty(value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return !value && value !== 0;
  return Object.keys(value).length === 0;
}

/** @throws FormatError for a field of the file that the adapter does not have, or has otherwise. */
export function checkFields(fields: Fields, adapter: Described): void {
  const own = fieldsOf(adapter);
  for (const name of new Set([...Object.keys(own), ...Object.keys(fields)])) {
    const [said, read] = [fields[name], own[name]];
    if (REMARKS.includes(name) || textOf(said) === textOf(read)) continue;
    if (read === undefined && isEmpty(said)) continue;
    const found = said === undefined ? "missing" : shown(said);
    const problem = `adapter_config.json: ${name} is ${found}`;
    const method = adapter.method.name;
    if (read !== undefined) throw configError(`${problem}, ${shown(read)} on this model`);
    throw configError(problem, `adapters of ${method} have no such field in this library`);
  }
}

/** A value as JSON, also one that is too deep for it. */
function textOf(value: Json | undefined): string {
  try {
    return JSON.stringify(value) ?? "missing";
  } catch {
    return "nested too deeply"; // a RangeError
  }
}

/** A value as a short text. */
export function shown(value: Json | undefined): string {
  const text = textOf(value);
  return text.length > 99 ? `${text.slice(0, 99)}…` : text;
}

/**
 * The fields in a text. @throws FormatError for text that is not a configuration of one of these
 * methods.
 */
export function parseConfig(text: string, methods: readonly string[]): Fields {
  const fields = parseObject(text);
  const method = fields.peft_type as MethodName;
  if (methods.includes(method)) return fields;
  const problem = `adapter_config.json: peft_type is ${shown(method)}`;
  throw configError(problem, `this library reads ${methods.join(", ")}`);
}

/**
 * Reads a configuration that this library wrote. @throws FormatError when a field is missing or has
 * the wrong type.
 */
export function readConfig(fields: Fields): Config {
  const method = fields.peft_type as MethodName;
  if (fields.isograd_version !== VERSION) {
    const found = shown(fields.isograd_version);
    throw configError(
      `adapter_config.json: isograd_version is ${found}, not ${VERSION}`,
      "use the version of the library that wrote it",
    );
  }
  const options = {
    targetModules: readTargets(fields),
    modulesToSave: readNames(fields, "modules_to_save"),
    dropout: readNumber(fields, "dropout"),
    ...readLayers(fields),
  };
  const training = !readSwitch(fields, "inference_mode");
  const targetsHash = fields.targets_hash;
  if (typeof targetsHash !== "string") throw wrongField("targets_hash", "a string");
  return { method, options, n: readNumber(fields, "n"), targetsHash, training, fields };
}

/** Reads true or false, false when missing. @throws FormatError for another type. */
export function readSwitch(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== "boolean") throw wrongField(name, "true or false");
  return value;
}

/** Reads a number. @throws FormatError when the field is missing or has another type. */
export function readNumber(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number") throw wrongField(name, "a number");
  return value;
}

export function wrongField(name: string, kind: string): FormatError {
  return configError(`adapter_config.json: ${name} is missing or not ${kind}`);
}

function parseObject(text: string): Record<string, Json> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw configError(`adapter_config.json is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw configError("adapter_config.json does not hold an object");
  }
  return Object.assign(Object.create(null), parsed) as Record<string, Json>;
}

/** Reads a list of strings. @throws FormatError when the field is missing or has another type. */
export function readNames(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every((x) => typeof x === "string")) return value;
  throw wrongField(name, "a list of strings");
}

/** Reads the chosen layers. @throws FormatError for a field of the wrong type. */
function readLayers(fields: Fields): AdapterOptions {
  const { layers_to_transform: layers, layers_pattern: pattern } = fields;
  const list = layers === undefined ? [] : Array.isArray(layers) ? layers : [layers];
  if (!list.every((n) => typeof n === "number")) {
    throw wrongField("layers_to_transform", "a number or a list of numbers");
  }
  if (pattern !== undefined && typeof pattern !== "string") {
    throw wrongField("layers_pattern", "a string");
  }
  return {
    ...(layers !== undefined && { layersToTransform: layers as number | readonly number[] }),
    ...(pattern !== undefined && { layersPattern: pattern }),
  };
}

/**
 * Reads the targets. @throws FormatError for a field of the wrong type, or an invalid regular
 * expression.
 */
function readTargets(fields: Fields): TargetModules {
  const { target_modules: value, target_flags: flags = "" } = fields;
  if (typeof flags !== "string") throw wrongField("target_flags", "a string");
  if (value === "all-linear") return value;
  if (typeof value !== "string") return readNames(fields, "target_modules");
  return regExpFromFile("target_modules", value, flags);
}
