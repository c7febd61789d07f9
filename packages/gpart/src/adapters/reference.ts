/**
 * @file Reads the configuration of adapters written by GPart's reference implementation, a fork of
 * PEFT: every field is honoured or refused.
 */
import type { Module } from "@isograd/nn";
import { ownOf } from "@isograd/tensor/engine";
import type { AdapterOptions, Json } from "../methods/method.js";
import { type Matcher, pythonMatcher } from "../patterns/fromFile.js";
import {
  type Config,
  configError,
  type Fields,
  isEmpty,
  readNames,
  readNumber,
  readSwitch,
  shown,
} from "./config.js";
import { integerIn } from "./integers.js";
import { type PeftChoice, resolvePeft } from "./peftTargets.js";

/** The supported value of each field; a missing field counts as supported. */
const MUST: Readonly<Record<string, readonly Json[]>> = {
  projection_type: ["partition"],
  partition_scope: ["global"],
  grouping_strategy: ["random"],
  assignment_backend: ["stateless", "implicit_stateless_v1"],
  bias: ["none"],
  isometric: [true],
};

/** Fields that are read below. */
const READ = [
  ...["peft_type", "d", "proj_seed", "gpart_dropout", "target_modules", "exclude_modules"],
  ...["modules_to_save", "layers_to_transform", "layers_pattern", "task_type"],
];

const isText = (value: Json) => typeof value === "string";

/** Fields that change no number, and what they may be: how θ began, where the base comes from. */
const REMARKS: Readonly<Record<string, (value: Json) => boolean>> = {
  auto_mapping: (value) => typeof value === "object",
  base_model_name_or_path: isText,
  peft_version: isText,
  revision: isText,
  inference_mode: (value) => typeof value === "boolean",
  init_bound: (value) => typeof value === "number",
  // weights are read row-major as they are stored, also those of GPT-2
  fan_in_fan_out: (value) => typeof value === "boolean",
};

/** Whether the reference implementation wrote this configuration. */
export function isReference(fields: Fields): boolean {
  return fields.peft_type === "GPART" && !("isograd_version" in fields) && "proj_seed" in fields;
}

/**
 * Converts the configuration; the scheme is "hash-v1". The file contains neither N nor the targets'
 * shapes, so only d is checked.
 *
 * @param text the configuration itself, for the digits of its seed
 * @throws FormatError for what this library cannot reproduce, such as indices from PyTorch's random
 * generator, and for fields that it does not know.
 */
export function readReference(model: Module, fields: Fields, text: string): Config {
  // Files without this field are older and use PyTorch's random generator.
  if (!("assignment_backend" in fields)) {
    throw wrong("assignment_backend", "missing: the indices are PyTorch's random numbers");
  }
  for (const [name, value] of Object.entries(fields)) checkField(name, value);
  const own = { scheme: "hash-v1", seed: readSeed(fields, text), d: readNumber(fields, "d") };
  const options: AdapterOptions = {
    ...resolvePeft(model, choiceOf(fields)),
    dropout: fields.gpart_dropout == null ? 0 : readNumber(fields, "gpart_dropout"),
  };
  const training = !readSwitch(fields, "inference_mode");
  return { method: "GPART", options, n: null, targetsHash: null, training, fields: own };
}

function checkField(name: string, value: Json): void {
  if (value === null || READ.includes(name)) return;
  const allowed = ownOf(MUST, name);
  const remark = ownOf(REMARKS, name);
  if (allowed !== undefined) {
    if (!allowed.includes(value)) throw wrong(name, `${shown(value)}, not ${shown(allowed[0])}`);
  } else if (remark !== undefined) {
    if (!remark(value)) throw wrong(name, `${shown(value)}, of another type`);
  } else if (!isEmpty(value)) {
    throw wrong(name, `${shown(value)}: the field is not known`);
  }
}

/** The seed, a whole number of Python: it counts modulo 2⁶⁴. */
function readSeed(fields: Fields, text: string): number | string {
  const seed = readNumber(fields, "proj_seed");
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  const exact = Number.isSafeInteger(seed) ? BigInt(seed) : integerIn(text, "proj_seed");
  if (exact === null) throw wrong("proj_seed", `${seed}, no whole number`);
  return String(BigInt.asUintN(64, exact));
}

function choiceOf(fields: Fields): PeftChoice {
  const { target_modules: targets, task_type: task = null } = fields;
  if (task !== null && !isText(task)) throw wrong("task_type", `${shown(task)}, of another type`);
  const linear = typeof targets === "string" && targets.toLowerCase() === "all-linear";
  return {
    targets: linear ? "all-linear" : namesOrPattern(fields, "target_modules"),
    excluded: isEmpty(fields.exclude_modules) ? [] : namesOrPattern(fields, "exclude_modules"),
    layers: layersIn(fields),
    patterns: patternsIn(fields),
    saved: fields.modules_to_save == null ? [] : readNames(fields, "modules_to_save"),
    classifies: task === "SEQ_CLS",
  };
}

/** A list of names, or a pattern of Python for whole names. */
function namesOrPattern(fields: Fields, name: string): readonly string[] | Matcher {
  const value = fields[name];
  return typeof value === "string" ? pythonMatcher(name, value) : readNames(fields, name);
}

/** The numbers of layers; an empty list says nothing. */
function layersIn({ layers_to_transform: layers }: Fields): readonly number[] | null {
  if (layers === null || layers === undefined) return null;
  const numbers = typeof layers === "number" ? [layers] : layers;
  if (!Array.isArray(numbers) || !numbers.every((n) => Number.isSafeInteger(n))) {
    throw wrong("layers_to_transform", "not a number, nor a list of numbers");
  }
  return numbers.length === 0 ? null : numbers;
}

function patternsIn(fields: Fields): readonly string[] {
  const { layers_pattern: pattern } = fields;
  if (isEmpty(pattern)) return [];
  const names = typeof pattern === "string" ? [pattern] : readNames(fields, "layers_pattern");
  const odd = names.find((name) => !/^[\w.-]+$/.test(name));
  if (odd !== undefined) throw wrong("layers_pattern", `${shown(odd)}, no plain name`);
  return names;
}

function wrong(name: string, problem: string) {
  return configError(
    `adapter_config.json of the reference implementation: ${name} is ${problem}`,
    "only its adapters with a global partition by the stateless hash can be loaded",
  );
}
