/**
 * @file adapter_config.json as text: written, and read back with every field checked. Knows no
 * model.
 */
import { FormatError } from "@isograd/tensor";
import type { AdapterOptions, Json, MethodName } from "../methods/method.js";
import type { TargetModules } from "./targets.js";

/** All fields of a configuration, by name. */
export type Fields = Readonly<Record<string, Json>>;

/** The fields of a configuration, checked by kind only where all methods share them. */
export interface Config {
  readonly method: MethodName;
  readonly options: AdapterOptions;
  /**
   * Target weights, and the hash of their names and shapes; null where the file says nothing of
   * them.
   */
  readonly n: number | null;
  readonly targetsHash: string | null;
  /** All fields as they stand in the file. */
  readonly fields: Fields;
}

/** The version of what the file says; a later one is refused. */
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

/** The layers chosen, where they are. */
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
 * The fields of a text. @throws FormatError for text that is no configuration of one of these
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
 * A configuration that this library wrote. @throws FormatError when a field is missing or of
 * another kind.
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

/** A field that is a number. @throws FormatError otherwise. */
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

/** A field that is a list of strings. @throws FormatError otherwise. */
export function readNames(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every((x) => typeof x === "string")) return value;
  throw wrongField(name, "a list of strings");
}

/** @throws FormatError unless a number or a list of numbers, and a string. */
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

/** The targets that a configuration names. @throws FormatError otherwise. */
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
