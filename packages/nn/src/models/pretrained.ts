/** @file Hugging Face's checkpoints: makes models of the bytes of config.json and weights. */
import {
  FormatError,
  type Rng,
  rng,
  scope,
  type Tensor,
  type TensorOptions,
  UsageError,
} from "@isograd/tensor";
import { formatShape, given, recordOf, shapesEqual, shown } from "@isograd/tensor/engine";
import { loadSafetensors } from "@isograd/tensor/io";
import type { Module } from "../module.js";
import { differences } from "../stateDict.js";
import { type ConfigSource, snake } from "./config.js";
import type { ModelOptions } from "./maker.js";
import { checkSizes, type Size } from "./sizes.js";

/** A parameter of the head that may be another one: its name in files, and that of the other. */
export interface Tie {
  readonly head: string;
  readonly shared: string;
  /** Whether a file that lacks the first means the second, also where they are not tied. */
  readonly either?: boolean | undefined;
}

/** How the files of a class of models are read. */
export interface Pretrained<C> {
  /** `op` is the name of the class. */
  config(source: ConfigSource, op: string): C;
  /** Name of the model without its head; names in files may begin with it. */
  readonly base: string;
  /** Where a file shows the sizes of the model. */
  readonly sizes: readonly Size<C>[];
  readonly ties?: readonly Tie[] | undefined;
  /** The same configuration with an output layer of its own. */
  readonly untied?: ((config: C) => C) | undefined;
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
   * Modules or parameters of the model that may be missing in the file and then keep their random
   * initial values: a new head, a pooler. Heads that the model does not have are passed over, other
   * names are refused. Default: none.
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

const OP = "loadPretrained";

/** Constants in older files. */
const CONSTANTS = /(^|\.)(position_ids|attn\.bias|attn\.masked_bias)$/;

/**
 * Makes a model from a checkpoint. Weights of any float type are cast to `dtype`; default: float32.
 * Names may have the prefix of the base model (`bert.`) or not, and tied weights may be stored once
 * or twice; where both are stored and differ, the model has an output layer of its own, as in
 * transformers 5. `saveSafetensors(model.stateDict())` writes the weights under the same names.
 *
 * @throws FormatError for a config.json of another family of models (it says which classes read
 * it), of models that compute something else, or with sizes that are not those of the file, before
 * anything of these sizes is made; FormatError that lists missing and unexpected names and shapes
 * that differ; FormatError for quantised weights, and for files that are not safetensors.
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
  options?: PretrainedOptions,
): Loaded<M> {
  const {
    fresh: may = [],
    rng: random = rng(0),
    ...like
  } = given(OP, options, "fresh rng dtype device");
  checkCall(Model, files, may);
  const { pretrained } = Model;
  const asked = pretrained.config(files.config, Model.name);
  return scope(() => {
    const file = readAll(files.weights);
    const ties = pretrained.ties ?? [];
    checkSizes(pretrained.sizes, asked, {
      tensors: file.tensors,
      base: pretrained.base,
      aliases: new Map(ties.map(({ head, shared }) => [shared, head])),
      mayLack: (name) => may.some((m) => liesIn(name, m)),
    });
    const differ =
      pretrained.untied !== undefined && ties.some((tie) => isOther(file, tie, pretrained.base));
    const config = differ ? (pretrained.untied?.(asked) ?? asked) : asked;
    const model = made(Model, config, { rng: random, ...like });
    const own = model.stateDict();
    checkFresh(Object.keys(own), may);
    const { dict, unused } = renamed(file.tensors, own, pretrained);
    const missing = Object.keys(own).filter((name) => !dict.has(name));
    const fresh = missing.filter((name) => may.some((m) => liesIn(name, m)));
    const drawn = new Set(fresh);
    check(
      own,
      dict,
      missing.filter((name) => !drawn.has(name)),
    );
    model.loadStateDict(recordOf(dict), { strict: false });
    return { model: model.eval(), fresh, unused };
  });
}

/** Heads of all classes: one list of names may serve several classes. */
const HEADS = /^((bert|roberta|transformer|vit)\.)?(pooler|classifier|score|cls|lm_head)\b/;

/** @throws UsageError for a name that neither the model nor a head of any class has. */
function checkFresh(own: readonly string[], fresh: readonly string[]): void {
  const idle = fresh.find((module) => {
    return !(HEADS.test(module) || own.some((name) => liesIn(name, module)));
  });
  if (idle === undefined) return;
  const heads = [...new Set(own.map((name) => name.split(".")[0]))];
  const help = `the model has ${heads.join(", ")}, and names inside them`;
  throw new UsageError(OP, `fresh: the model has nothing called ${shown(idle)}`, help);
}

/** The model; sizes that make too large a parameter are those of the file. */
function made<M extends Module, C>(
  Model: PretrainedClass<M, C>,
  config: C,
  options: ModelOptions,
): M {
  try {
    return new Model(config, options);
  } catch (error) {
    if (!(error instanceof UsageError && error.op === "config")) throw error;
    throw new FormatError(OP, `config.json: ${snake(error.problem)}`, snake(error.help ?? ""));
  }
}

function checkCall(Model: unknown, files: unknown, fresh: unknown): void {
  if (typeof Model !== "function" || !("pretrained" in Model)) {
    const help = "give a class, such as BertForMaskedLM";
    throw new UsageError(OP, `needs a class of models, got ${shown(Model)}`, help);
  }
  const form = "write { config, weights }: the bytes of config.json and model.safetensors";
  const { config, weights } = (files ?? {}) as Partial<PretrainedFiles>;
  if (config === undefined || weights === undefined) {
    throw new UsageError(OP, `needs both files, got ${shown(files)}`, form);
  }
  const parts: readonly unknown[] = Array.isArray(weights) ? weights : [weights];
  for (const part of parts) {
    if (part instanceof Uint8Array) continue;
    throw new UsageError(OP, `weights are ${shown(weights)}, not bytes`, form);
  }
  if (Array.isArray(fresh) && fresh.every((name) => typeof name === "string")) return;
  const help = 'give a list of names: { fresh: ["classifier"] }';
  throw new UsageError(OP, `fresh is ${shown(fresh)}`, help);
}

/** The tensors of all parts of a file, and the part that each is in. */
interface File {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly partOf: ReadonlyMap<string, Uint8Array>;
}

function readAll(weights: Uint8Array | readonly Uint8Array[]): File {
  const tensors = new Map<string, Tensor>();
  const partOf = new Map<string, Uint8Array>();
  for (const part of weights instanceof Uint8Array ? [weights] : weights) {
    for (const [name, x] of Object.entries(loadSafetensors(part).tensors)) {
      if (tensors.has(name)) {
        throw new FormatError(OP, `two parts of the weights hold ${name}`, "give each part once");
      }
      if (!CONSTANTS.test(name) && !x.dtype.startsWith("float")) {
        const problem = `${name} holds ${x.dtype === "bool" ? "bools" : "integers"}`;
        throw new FormatError(OP, problem, "quantised weights are not read: export plain floats");
      }
      tensors.set(name, x);
      partOf.set(name, part);
    }
  }
  return { tensors, partOf };
}

/** Whether a file holds both parameters of a tie, as tables with other values. */
function isOther(file: File, { head, shared, either }: Tie, base: string): boolean {
  const bare = shared.startsWith(`${base}.`) ? shared.slice(base.length + 1) : shared;
  const names = [head, file.tensors.has(shared) ? shared : bare];
  if (either === true || !names.every((name) => file.tensors.has(name))) return false;
  return scope(() => {
    const [a, b] = names.map((name) => {
      const part = file.partOf.get(name) as Uint8Array;
      // On a device that can be read at once.
      return loadSafetensors(part, { names: [name], device: "reference" }).tensors[
        name
      ]?.dataSync();
    });
    return a?.length !== b?.length || a?.some((x, i) => x !== b?.[i]) === true;
  });
}

/** Whether a name is that of a module or parameter, or of one inside it. */
function liesIn(name: string, module: string): boolean {
  return name === module || name.startsWith(`${module}.`);
}

/** The tensors of the file under the names in the model, and the names that are not used. */
function renamed(
  file: ReadonlyMap<string, Tensor>,
  own: Readonly<Record<string, Tensor>>,
  { base, ties = [] }: { readonly base: string; readonly ties?: readonly Tie[] | undefined },
): { readonly dict: Map<string, Tensor>; readonly unused: string[] } {
  const prefix = `${base}.`;
  const inFile = [...file.keys()].some((name) => name.startsWith(prefix));
  const inModel = Object.keys(own).some((name) => name.startsWith(prefix));
  const isTied = new Set(ties.flatMap(({ head, shared }) => [head, shared]));
  const found = new Map<string, Tensor>();
  const unused: string[] = [];
  for (const [name, value] of file) {
    if (CONSTANTS.test(name)) continue;
    let to = name.replace(/\.gamma$/, ".weight").replace(/\.beta$/, ".bias");
    const ofBase = !inFile || to.startsWith(prefix);
    if (inFile && !inModel && ofBase) to = to.slice(prefix.length);
    const known = Object.hasOwn(own, to) || isTied.has(to);
    if (!inFile && inModel && !known) to = prefix + to;
    if (found.has(to)) {
      const help = "keep one of them: name.gamma is name.weight, and a prefix may be left out";
      throw new FormatError(OP, `the file holds ${to} under two names`, help);
    }
    if (known || Object.hasOwn(own, to) || (ofBase && !isPooler(to, prefix))) found.set(to, value);
    else unused.push(name);
  }
  for (const { head, shared, either } of ties) {
    const ofHead = found.get(head);
    const ofShared = found.get(shared);
    // What the output layer uses is the parameter of the head, wherever the file has it.
    if (Object.hasOwn(own, head)) {
      if (ofHead !== undefined || either !== true || ofShared === undefined) continue;
      found.set(head, ofShared);
      found.delete(shared);
    } else if (ofHead !== undefined) {
      found.set(shared, ofHead);
      found.delete(head);
    }
  }
  for (const { head, shared } of ties) {
    for (const name of [head, shared]) {
      if (!Object.hasOwn(own, name) && found.delete(name)) unused.push(name);
    }
  }
  return { dict: found, unused };
}

/** Whether a name belongs to the pooler, which files may have although the model has none. */
function isPooler(name: string, prefix: string): boolean {
  return name.startsWith("pooler.") || name.startsWith(`${prefix}pooler.`);
}

/** @throws FormatError unless the names and shapes fit the model. */
function check(
  own: Readonly<Record<string, Tensor>>,
  dict: ReadonlyMap<string, Tensor>,
  missing: readonly string[],
): void {
  const unexpected = [...dict.keys()].filter((name) => !Object.hasOwn(own, name));
  const differing = Object.entries(own).flatMap(([name, { shape }]) => {
    const given = dict.get(name)?.shape;
    if (given === undefined || shapesEqual(given, shape)) return [];
    return `${name} is ${formatShape(shape)} in the model, ${formatShape(given)} in the file`;
  });
  const lines = differences(missing, unexpected, differing);
  if (lines === "") return;
  const help =
    unexpected.length + differing.length > 0
      ? "do config.json and the weights belong to one model, and to this class?"
      : `to draw new values for what is missing, pass { fresh: ["${missing[0]}"] } or its module`;
  throw new FormatError(OP, `the weights do not fit the model${lines}`, help);
}
