/**
 * @file adapter_config.json as text: writes it, and reads it with a check of every field.
 * Independent of the model.
 */
import { FormatError } from "@isograd/tensor";
import type { AdapterOptions, Json, MethodName } from "../methods/method.js";
import type { TargetModules } from "./targets.js";

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
  /** All fields of the file, unchanged. */
  readonly fields: Fields;
}

/** The version of the file format; any other is an error. */
const VERSION = 1;

export function configError(problem: string, help?: string): FormatError {
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

/** The text of adapter_config.json. */
export function writeConfig(config: Omit<Config, "fields">, own: Record<string, Json>): string {
  const { method, options, n, targetsHash } = config;
  const { targetModules = "all-linear", modulesToSave = [], dropout = 0 } = options;
  const fields = {
    peft_type: method,
    isograd_version: VERSION,
    ...targetsField(targetModules),
    ...layersField(options),
    modules_to_save: modulesToSave,
    dropout,
    ...own,
    n,
    targets_hash: targetsHash,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/**
 * The fields in a text. @throws FormatError for text that is not a configuration of one of these
 * methods.
 */
export function parseConfig(text: string, methods: readonly string[]): Fields {
  const fields = parseObject(text);
  const method = fields.peft_type as MethodName;
  if (methods.includes(method)) return fields;
  const problem = `adapter_config.json: peft_type is ${JSON.stringify(method)}`;
  throw configError(problem, `this library reads ${methods.join(", ")}`);
}

/**
 * Reads a configuration that this library wrote. @throws FormatError when a field is missing or has
 * the wrong type.
 */
export function readConfig(fields: Fields): Config {
  const method = fields.peft_type as MethodName;
  if (fields.isograd_version !== VERSION) {
    const found = JSON.stringify(fields.isograd_version);
    throw configError(`adapter_config.json: isograd_version is ${found}, not ${VERSION}`);
  }
  const options = {
    targetModules: readTargets(fields),
    modulesToSave: readNames(fields, "modules_to_save"),
    dropout: readNumber(fields, "dropout"),
    ...readLayers(fields),
  };
  const targetsHash = fields.targets_hash;
  if (typeof targetsHash !== "string") throw wrongField("targets_hash", "a string");
  return { method, options, n: readNumber(fields, "n"), targetsHash, fields };
}

/** Reads a number. @throws FormatError when the field is missing or has another type. */
export function readNumber(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number") throw wrongField(name, "a number");
  return value;
}

function wrongField(name: string, kind: string): FormatError {
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
  const list = Array.isArray(layers) ? (layers as readonly Json[]) : [layers ?? 0];
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
export function readTargets(fields: Fields): TargetModules {
  const { target_modules: value, target_flags: flags = "" } = fields;
  if (value === "all-linear") return value;
  if (typeof value !== "string") return readNames(fields, "target_modules");
  try {
    return new RegExp(value, String(flags));
  } catch {
    throw configError(`adapter_config.json: target_modules is no regular expression: ${value}`);
  }
}
