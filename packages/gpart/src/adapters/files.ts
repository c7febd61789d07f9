/**
 * @file Adapters as files in the layout of PEFT: adapter_config.json and adapter_model.safetensors.
 */
import type { Module, Parameter } from "@isograd/nn";
import {
  FormatError,
  isFinite as finite,
  IsogradError,
  scope,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import { formatShape, fromTypedArray, shapesEqual } from "@isograd/tensor/engine";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import type { LoadChoices } from "../methods/loader.js";
import type { Adapter } from "./adapter.js";
import {
  type Config,
  configError,
  parseConfig,
  readConfig,
  readNumber,
  writeConfig,
} from "./config.js";
import { loaders } from "./loaders.js";
import { isReference, readReference } from "./reference.js";
import { countWeights, hashTargets } from "./targets.js";

/** The two files of an adapter. */
export interface AdapterFiles {
  /** Text of `adapter_config.json`. */
  readonly config: string;
  /** Bytes of `adapter_model.safetensors`. */
  readonly weights: Uint8Array;
}

/** The name of GPart's vector in a file. */
const THETA = "base_model.gpart_theta_d";

/** The name in the file of every parameter that an adapter trains. */
function fileNames(adapter: Adapter): Map<string, Parameter> {
  const names = new Map<string, Parameter>();
  for (const [name, p] of Object.entries(adapter.trained)) {
    names.set(adapter.method.fileName(name), p);
  }
  for (const [name, p] of Object.entries(adapter.saved)) {
    names.set(`base_model.model.${name}`, p);
  }
  return names;
}

/**
 * An adapter as two small files. For GPart the weights are d numbers and the parameters trained in
 * full; the configuration has the scheme, the seed, d, N, and a hash of the names and shapes of all
 * targets.
 *
 * @throws UsageError for numbers that are not finite; DeviceError on devices without synchronous
 * reads: move the adapter to `"cpu"` first.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const { config, weights } = saveAdapter(gpart(model, { d: 6, seed: 7 }));
 * JSON.parse(config).seed; // 7
 * weights.length < 200; // true
 */
export function saveAdapter(adapter: Adapter): AdapterFiles {
  const { targets, method, options } = adapter;
  const config = {
    method: method.name,
    options,
    n: countWeights(targets),
    targetsHash: hashTargets(targets),
  };
  const tensors: Record<string, Tensor> = {};
  for (const [name, p] of fileNames(adapter)) {
    if (!allFinite(p.own)) {
      const help = "it diverged in training: take an earlier checkpoint or a lower learning rate";
      throw new UsageError("saveAdapter", `${name} holds numbers that are not finite`, help);
    }
    tensors[name] = p.own;
  }
  return { config: writeConfig(config, method.config), weights: saveSafetensors(tensors) };
}

/** What {@link loadAdapter} takes. */
export interface LoadOptions extends LoadChoices {
  /** Name of θ in the file; default: `base_model.gpart_theta_d`. */
  readonly thetaKey?: string | undefined;
}

/**
 * Loads a saved adapter onto a base model with the same names and shapes. Its outputs are the same
 * to the last bit. The model does not change. Files of GPart's reference implementation can be read
 * when they use its stateless hash; they contain neither N nor shapes, so those are not checked.
 *
 * @throws FormatError for damaged files and for files made for another base; the message says what
 * differs.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const files = saveAdapter(gpart(model, { d: 6, seed: 7 }));
 * loadAdapter(model, files).parameterCount; // 6
 */
export function loadAdapter<M extends Module>(
  model: M,
  files: AdapterFiles,
  options: LoadOptions = {},
): Adapter<M> {
  const { thetaKey, ...choices } = options;
  const fields = parseConfig(files.config, Object.keys(loaders));
  const config = isReference(fields) ? readReference(fields) : readConfig(fields);
  return scope(() => {
    const tensors = renamed(loadSafetensors(files.weights).tensors, thetaKey);
    checkSizes(config, tensors);
    const adapter = refuseAsFormatError(() =>
      loaders[config.method].make(model, config.options, config.fields, choices),
    );
    const names = fileNames(adapter);
    checkBase(config, adapter);
    checkTensors(names, tensors);
    for (const [name, p] of names) p.value = placed(tensors[name] as Tensor, p);
    return adapter;
  });
}

/**
 * Compares the sizes in the configuration with the file of weights, before anything of these sizes
 * is made.
 */
function checkSizes(config: Config, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [ending, field] of loaders[config.method].sizes) {
    const said = readNumber(config.fields, field);
    const found = Object.entries(tensors).find(([name]) => name.endsWith(ending));
    if (found?.[1].shape[0] === said) continue;
    const holds = found === undefined ? "nothing of that name" : formatShape(found[1].shape);
    throw configError(`adapter_config.json says ${field} = ${said}, the weights hold ${holds}`);
  }
}

/** The tensors, with θ under its usual name. */
function renamed(
  tensors: Readonly<Record<string, Tensor>>,
  thetaKey = THETA,
): Readonly<Record<string, Tensor>> {
  const entries = Object.entries(tensors);
  return Object.fromEntries(entries.map(([name, x]) => [name === thetaKey ? THETA : name, x]));
}

/** Turns errors about options into a FormatError about the file. */
function refuseAsFormatError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof IsogradError) || error instanceof FormatError) throw error;
    throw configError(
      `the file does not fit this model: ${error.op}: ${error.problem}`,
      error.help,
    );
  }
}

function checkBase(config: Config, adapter: Adapter): void {
  const help = "load it on the model it was made for, built in the same way";
  const n = countWeights(adapter.targets);
  if (config.n !== null && n !== config.n) {
    const problem = `the adapter is for ${config.n} target weights, this model has ${n}`;
    throw configError(problem, help);
  }
  const hash = hashTargets(adapter.targets);
  if (config.targetsHash !== null && hash !== config.targetsHash) {
    const hashes = `hash ${config.targetsHash}, here ${hash}`;
    throw configError(`names or shapes of the targets differ: ${hashes}`, help);
  }
  const { base_hash: saved } = config.fields;
  const { base_hash: found } = adapter.method.config;
  if (saved !== found) {
    const problem = "the weights of this model are not those whose sizes made the groups";
    throw configError(problem, "signed-magnitude needs the very same base");
  }
}

function checkTensors(
  names: ReadonlyMap<string, Parameter>,
  tensors: Readonly<Record<string, Tensor>>,
): void {
  for (const name of Object.keys(tensors)) {
    if (!names.has(name))
      throw configError(`the file holds ${name}, which the adapter does not have`);
  }
  for (const [name, p] of names) {
    const x = tensors[name];
    if (x === undefined) throw configError(`the file does not hold ${name}`);
    if (!shapesEqual(x.shape, p.shape) || x.dtype !== p.dtype) {
      const [found, wanted] = [formatShape(x.shape), formatShape(p.shape)];
      throw configError(`${name} is ${x.dtype} ${found} in the file, ${p.dtype} ${wanted} here`);
    }
    if (!allFinite(x)) throw configError(`${name} holds numbers that are not finite`);
  }
}

function allFinite(x: Tensor): boolean {
  return scope(() => finite(x).all().item()) === 1;
}

/** The tensor on the device of its parameter. */
function placed(x: Tensor, { device }: Parameter): Tensor {
  return x.device === device ? x : fromTypedArray(x.dataSync(), x.shape, x.dtype, device);
}
