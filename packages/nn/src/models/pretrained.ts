/** @file Hugging Face's checkpoints: makes models of the bytes of config.json and weights. */
import {
  FormatError,
  type Rng,
  rng,
  scope,
  type Tensor,
  type TensorOptions,
} from "@isograd/tensor";
import { formatShape, shapesEqual } from "@isograd/tensor/engine";
import { loadSafetensors } from "@isograd/tensor/io";
import type { Module } from "../module.js";
import { differences } from "../stateDict.js";
import type { ConfigSource } from "./config.js";
import type { ModelOptions } from "./maker.js";

/** How the files of a class of models are read. */
export interface Pretrained<C> {
  config(source: ConfigSource): C;
  /** Name of the model without its head; names in files may begin with it. */
  readonly base: string;
  /** Names under which files repeat a parameter, with its name in the model. */
  readonly ties?: Readonly<Record<string, string>> | undefined;
}

/** A class of models that {@link loadPretrained} makes. */
export interface PretrainedClass<M extends Module, C> {
  new (config: C, options: ModelOptions): M;
  readonly pretrained: Pretrained<C>;
}

export interface PretrainedFiles {
  /** config.json: its bytes, its text, or its parsed object. */
  readonly config: ConfigSource;
  /** model.safetensors, or its parts in any order. */
  readonly weights: Uint8Array | readonly Uint8Array[];
}

export interface PretrainedOptions extends TensorOptions {
  /**
   * Modules or parameters that may be missing in the file and then keep their random initial
   * values: a new head, a pooler. Default: none.
   */
  readonly fresh?: readonly string[] | undefined;
  /** Draws the initial values, and the masks of dropout; default: `rng(0)`. */
  readonly rng?: Rng | undefined;
}

/** A model with the weights of its files. */
export interface Loaded<M> {
  /** In evaluation mode. */
  readonly model: M;
  /** Parameters that were not in the file. */
  readonly fresh: readonly string[];
  /** Names in the file that the model does not use: heads of other tasks. */
  readonly unused: readonly string[];
}

/** Constants in older files. */
const CONSTANTS = /(^|\.)(position_ids|attn\.bias|attn\.masked_bias)$/;

/**
 * Makes a model from a checkpoint. Weights of any float type are cast to `dtype`; default: float32.
 * Names may have the prefix of the base model (`bert.`) or not, and tied weights may be stored once
 * or twice. `saveSafetensors(model.stateDict())` writes the weights under the same names.
 *
 * @throws FormatError that lists every missing and unexpected name and every shape that differs;
 * FormatError for a config.json of another kind of model, and for files that are not safetensors.
 * @example
 * const size = { vocab_size: 20, n_embd: 8, n_layer: 1, n_head: 2, n_positions: 8 };
 * const small = { vocabSize: 20, nEmbd: 8, nLayer: 1, nHead: 2, nPositions: 8 };
 * const weights = saveSafetensors(new Gpt2(small, { rng: rng(3) }).stateDict());
 * const { model } = loadPretrained(Gpt2ForCausalLM, { config: JSON.stringify(size), weights });
 * model.forward(tensor([[1, 2]], { dtype: "int32" })).shape; // [1, 2, 20]
 */
export function loadPretrained<M extends Module, C>(
  Model: PretrainedClass<M, C>,
  files: PretrainedFiles,
  options: PretrainedOptions = {},
): Loaded<M> {
  const { fresh: may = [], rng: random = rng(0), ...like } = options;
  const { pretrained } = Model;
  const model = new Model(pretrained.config(files.config), { rng: random, ...like });
  return scope(() => {
    const own = model.stateDict();
    const { dict, unused } = renamed(readAll(files.weights), own, pretrained);
    const missing = Object.keys(own).filter((name) => !Object.hasOwn(dict, name));
    const fresh = missing.filter((name) => may.some((m) => liesIn(name, m)));
    check(
      own,
      dict,
      missing.filter((name) => !fresh.includes(name)),
    );
    model.loadStateDict(dict, { strict: false });
    return { model: model.eval(), fresh, unused };
  });
}

function readAll(weights: Uint8Array | readonly Uint8Array[]): Record<string, Tensor> {
  const parts = weights instanceof Uint8Array ? [weights] : weights;
  return Object.assign({}, ...parts.map((part) => loadSafetensors(part).tensors));
}

/** Whether a name is that of a module or parameter, or of one inside it. */
function liesIn(name: string, module: string): boolean {
  return name === module || name.startsWith(`${module}.`);
}

/** The tensors of the file under the names in the model, and the names that are not used. */
function renamed(
  file: Readonly<Record<string, Tensor>>,
  own: Readonly<Record<string, Tensor>>,
  { base, ties = {} }: Pretrained<unknown>,
): { readonly dict: Record<string, Tensor>; readonly unused: string[] } {
  const prefix = `${base}.`;
  const [inFile, inModel] = [file, own].map((d) =>
    Object.keys(d).some((k) => k.startsWith(prefix)),
  );
  const dict: Record<string, Tensor> = {};
  const unused: string[] = [];
  for (const [name, value] of Object.entries(file)) {
    if (CONSTANTS.test(name)) continue;
    let to = name.replace(/\.gamma$/, ".weight").replace(/\.beta$/, ".bias");
    const ofBase = !inFile || to.startsWith(prefix);
    if (inFile && !inModel && ofBase) to = to.slice(prefix.length);
    if (!inFile && inModel && !Object.hasOwn(own, to) && !Object.hasOwn(ties, to)) to = prefix + to;
    const tied = Object.hasOwn(own, to) ? undefined : ties[to];
    if (tied !== undefined) dict[tied] ??= value;
    else if (Object.hasOwn(own, to) || (ofBase && !isPooler(to, prefix))) dict[to] = value;
    else unused.push(name);
  }
  return { dict, unused };
}

/** Whether a name belongs to the pooler, which files may have although the model has none. */
function isPooler(name: string, prefix: string): boolean {
  return name.startsWith("pooler.") || name.startsWith(`${prefix}pooler.`);
}

/** @throws FormatError unless the names and shapes fit the model. */
function check(
  own: Readonly<Record<string, Tensor>>,
  dict: Readonly<Record<string, Tensor>>,
  missing: readonly string[],
): void {
  const unexpected = Object.keys(dict).filter((name) => !Object.hasOwn(own, name));
  const differing = Object.entries(own).flatMap(([name, { shape }]) => {
    const given = dict[name]?.shape;
    if (given === undefined || shapesEqual(given, shape)) return [];
    return `${name} is ${formatShape(shape)} in the model, ${formatShape(given)} in the file`;
  });
  const lines = differences(missing, unexpected, differing);
  if (lines === "") return;
  const help =
    unexpected.length + differing.length > 0
      ? "do config.json and the weights belong to one model, and to this class?"
      : `to draw new values for what is missing, pass { fresh: ["${missing[0]}"] } or its module`;
  throw new FormatError("loadPretrained", `the weights do not fit the model${lines}`, help);
}
