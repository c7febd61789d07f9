/**
 * @file Reads the configuration of adapters written by GPart's reference implementation, a fork of
 * PEFT. Independent of the model.
 */

import type { AdapterOptions, Json } from "../methods/method.js";
import {
  type Config,
  configError,
  type Fields,
  readNames,
  readNumber,
  readTargets,
} from "./config.js";

/**
 * The supported value of each field; a missing field counts as supported. `fan_in_fan_out` needs no
 * check: weights are read row-major as they are stored, also those of GPT-2.
 */
const MUST: Readonly<Record<string, readonly Json[]>> = {
  projection_type: ["partition"],
  partition_scope: ["global"],
  grouping_strategy: ["random"],
  assignment_backend: ["stateless", "implicit_stateless_v1"],
  bias: ["none"],
  isometric: [true],
};

/** Whether the reference implementation wrote this configuration. */
export function isReference(fields: Fields): boolean {
  return fields.peft_type === "GPART" && !("isograd_version" in fields) && "proj_seed" in fields;
}

/**
 * Converts the configuration; the scheme is "hash-v1". The file contains neither N nor the targets'
 * shapes, so only d is checked.
 *
 * @throws FormatError for what this library cannot reproduce, such as indices from PyTorch's random
 * generator.
 */
export function readReference(fields: Fields): Config {
  // Files without this field are older and use PyTorch's random generator.
  if (!("assignment_backend" in fields)) {
    throw wrong("assignment_backend", "missing: the indices are PyTorch's random numbers");
  }
  for (const [name, allowed] of Object.entries(MUST)) {
    const value = fields[name];
    if (value === undefined || value === null || allowed.includes(value)) continue;
    throw wrong(name, `${JSON.stringify(value)}, not ${JSON.stringify(allowed[0])}`);
  }
  const { target_modules: targets, modules_to_save: saved } = fields;
  const options: AdapterOptions = {
    // PEFT matches the whole name of a module.
    targetModules:
      typeof targets === "string" && targets !== "all-linear"
        ? readTargets({ target_modules: `^(?:${targets})$` })
        : readTargets(fields),
    modulesToSave:
      saved === null || saved === undefined ? [] : readNames(fields, "modules_to_save"),
    dropout: "gpart_dropout" in fields ? readNumber(fields, "gpart_dropout") : 0,
    ...layersIn(fields),
  };
  const own = {
    scheme: "hash-v1",
    seed: readNumber(fields, "proj_seed"),
    d: readNumber(fields, "d"),
  };
  return { method: "GPART", options, n: null, targetsHash: null, fields: own };
}

function layersIn(fields: Fields): AdapterOptions {
  const { layers_to_transform: layers, layers_pattern: pattern } = fields;
  if (layers === null || layers === undefined) return {};
  const numbers = typeof layers === "number" ? [layers] : layers;
  if (!Array.isArray(numbers) || !numbers.every((n) => typeof n === "number")) {
    throw wrong("layers_to_transform", "not a number, nor a list of numbers");
  }
  const named = typeof pattern === "string" && pattern !== "" ? { layersPattern: pattern } : {};
  return { layersToTransform: numbers, ...named };
}

function wrong(name: string, problem: string) {
  return configError(
    `adapter_config.json of the reference implementation: ${name} is ${problem}`,
    "only its adapters with a global partition by the stateless hash can be loaded",
  );
}
