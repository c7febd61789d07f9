/**
 * @file Adapters as files in the layout of PEFT: adapter_config.json and adapter_model.safetensors.
 */
import type { Buffer, Module, Parameter } from "@isograd/nn";
import {
  type DType,
  FormatError,
  isFinite as finite,
  IsogradError,
  type Shape,
  scope,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import {
  formatShape,
  fromTypedArray,
  given,
  isFloat,
  recordOf,
  shapesEqual,
  shown,
} from "@isograd/tensor/engine";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { THETA } from "../methods/gpart.js";
import type { LoadChoices } from "../methods/loader.js";
import { inModel } from "../methods/method.js";
import { checkModel } from "../methods/options.js";
import type { Adapter } from "./adapter.js";
import {
  type Config,
  checkFields,
  configError,
  fieldsOf,
  parseConfig,
  readConfig,
  readNumber,
} from "./config.js";
import { expectAdapter } from "./expect.js";
import { loaders } from "./loaders.js";
import { isReference, readReference } from "./reference.js";
import { countWeights, findSaved, findTargets, hashTargets, type Target } from "./targets.js";

/** The two files of an adapter. */
export interface AdapterFiles {
  /** Text of `adapter_config.json`. */
  readonly config: string;
  /** Bytes of `adapter_model.safetensors`. */
  readonly weights: Uint8Array;
}

/** The name in the file of every parameter that an adapter trains, and of its buffers. */
function fileNames(adapter: Adapter): Map<string, Parameter | Buffer> {
  const names = new Map<string, Parameter | Buffer>();
  for (const [name, p] of Object.entries(adapter.trained)) {
    names.set(adapter.method.fileName(name), p);
  }
  for (const [name, p] of Object.entries(adapter.saved)) names.set(inModel(name), p);
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
  expectAdapter("saveAdapter", adapter);
  const slots = fileNames(adapter);
  for (const [name, buffer] of adapter.changedBuffers()) slots.set(inModel(name), buffer);
  for (const [name, slot] of slots) {
    if (!allFinite(slot.own)) {
      throw new UsageError("saveAdapter", `${name} holds numbers that are not finite`, DIVERGED);
    }
  }
  const tensors = recordOf([...slots].map(([name, slot]) => [name, slot.own] as const));
  const config = `${JSON.stringify(fieldsOf(adapter), null, 2)}\n`;
  return { config, weights: saveSafetensors(tensors) };
}

const DIVERGED = "it diverged in training: take an earlier checkpoint or a lower learning rate";

/** @throws UsageError unless both files are there. */
function checkFiles(files: unknown): void {
  const { config, weights } = (files ?? {}) as Partial<AdapterFiles>;
  if (typeof config === "string" && (weights instanceof Uint8Array || isBuffer(weights))) return;
  const help = "give { config, weights }: the text and the bytes of both files";
  throw new UsageError("loadAdapter", `needs the files of an adapter, got ${shown(files)}`, help);
}

const isBuffer = (x: unknown): boolean => x instanceof ArrayBuffer;

/** What {@link loadAdapter} takes. */
export interface LoadOptions extends LoadChoices {
  /** Name of GPart's θ in the file; default: `base_model.gpart_theta_d`. */
  readonly thetaKey?: string | undefined;
}

/**
 * Loads a saved adapter onto a base model with the same names and shapes. Its outputs are the same
 * to the last bit. The model does not change. Files of GPart's reference implementation can be read
 * when they use its stateless hash; they contain neither N nor shapes, so those are not checked.
 *
 * @throws FormatError for damaged files and for files made for another base; the message says what
 * differs; UsageError for `thetaKey` and `indices` on a file of a method without groups.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const files = saveAdapter(gpart(model, { d: 6, seed: 7 }));
 * loadAdapter(model, files).parameterCount; // 6
 */
export function loadAdapter<M extends Module>(
  model: M,
  files: AdapterFiles,
  options?: LoadOptions,
): Adapter<M> {
  const { thetaKey, ...choices } = given("loadAdapter", options, "thetaKey indices warn()");
  checkModel("loadAdapter", model);
  checkFiles(files);
  const fields = parseConfig(files.config, Object.keys(loaders));
  const reference = isReference(fields);
  const config = reference ? readReference(model, fields, files.config) : readConfig(fields);
  const loader = loaders[config.method];
  checkChoices(config.method, { thetaKey, indices: choices.indices });
  return scope(() => {
    const tensors = renamed(loadSafetensors(files.weights).tensors, thetaKey);
    checkSizes(config, tensors);
    const expected = refuseAsFormatError(() => expectedIn(model, config));
    checkTensors(expected, tensors);
    const adapter = refuseAsFormatError(() =>
      loader.make(model, config.options, config.fields, choices),
    );
    if (!reference) {
      checkWeights(config, adapter);
      checkFields(fields, adapter);
    }
    const slots = fileNames(adapter);
    for (const [name, buffer] of Object.entries(adapter.buffers)) slots.set(inModel(name), buffer);
    for (const [name, x] of tensors) {
      const slot = slots.get(name);
      if (slot !== undefined) slot.value = placed(x, slot);
    }
    adapter.training = config.training;
    return adapter;
  });
}

/** @throws UsageError for an option that says nothing to a method. */
function checkChoices(method: Config["method"], choices: LoadOptions): void {
  for (const [name, value] of Object.entries(choices)) {
    if (value === undefined || method === "GPART") continue;
    const problem = `${name} is for GPart, the files are of ${method}`;
    throw new UsageError("loadAdapter", problem, "leave it out");
  }
}

/**
 * Compares the sizes in the configuration with the file of weights, before anything of these sizes
 * is made.
 */
function checkSizes(config: Config, tensors: ReadonlyMap<string, Tensor>): void {
  for (const [ending, field] of loaders[config.method].sizes) {
    const said = readNumber(config.fields, field);
    const found = [...tensors].find(([name]) => name.endsWith(ending));
    if (found?.[1].shape[0] === said) continue;
    const holds = found === undefined ? "nothing of that name" : formatShape(found[1].shape);
    throw configError(`adapter_config.json says ${field} = ${said}, the weights hold ${holds}`);
  }
}

/** The tensors, with θ under its usual name. */
function renamed(
  tensors: Readonly<Record<string, Tensor>>,
  thetaKey = THETA,
): ReadonlyMap<string, Tensor> {
  if (thetaKey !== THETA && Object.hasOwn(tensors, THETA)) {
    const holds = Object.hasOwn(tensors, thetaKey) ? `${thetaKey} and ${THETA}` : `θ as ${THETA}`;
    throw configError(`the file holds ${holds}`, "leave thetaKey out");
  }
  const entries = Object.entries(tensors);
  return new Map(entries.map(([name, x]) => [name === thetaKey ? THETA : name, x]));
}

/** What a tensor of the file must be. */
interface Expected {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly optional?: true;
}

/**
 * The tensors of the file of an adapter, by name, before it is made. @throws FormatError for a base
 * with other targets.
 */
function expectedIn(model: Module, config: Config): Map<string, Expected> {
  const { method, options, fields } = config;
  const targets = method === "HEAD" ? [] : findTargets(model, options);
  checkBase(config, targets);
  const expected = new Map<string, Expected>();
  const dtype = targets[0]?.parameter.dtype ?? "float32";
  for (const [name, shape] of loaders[method].trained(targets, fields)) {
    expected.set(name, { shape, dtype });
  }
  for (const { name, parameter } of findSaved(model, options.modulesToSave ?? [])) {
    expected.set(inModel(name), { shape: parameter.shape, dtype: parameter.dtype });
  }
  for (const [name, { shape, dtype, persistent }] of model.namedBuffers()) {
    if (persistent) expected.set(inModel(name), { shape, dtype, optional: true });
  }
  return expected;
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

function checkBase(config: Config, targets: readonly Target[]): void {
  const help = "load it on the model it was made for, built in the same way";
  const n = countWeights(targets);
  if (config.n !== null && n !== config.n) {
    const problem = `the adapter is for ${config.n} target weights, this model has ${n}`;
    throw configError(problem, help);
  }
  const hash = hashTargets(targets);
  if (config.targetsHash !== null && hash !== config.targetsHash) {
    const hashes = `hash ${config.targetsHash.slice(0, 99)}, here ${hash}`;
    throw configError(`names or shapes of the targets differ: ${hashes}`, help);
  }
}

/** @throws FormatError when the groups depend on weights, and those are others. */
function checkWeights({ fields }: Config, { method }: Adapter): void {
  if (fields.base_hash === method.config.base_hash) return;
  const problem = "the weights of this model are not those whose sizes made the groups";
  throw configError(problem, "signed-magnitude needs the very same base");
}

function checkTensors(
  expected: ReadonlyMap<string, Expected>,
  tensors: ReadonlyMap<string, Tensor>,
): void {
  for (const name of tensors.keys()) {
    if (!expected.has(name)) {
      throw configError(`the file holds ${name}, which the adapter does not have`);
    }
  }
  for (const [name, { shape, dtype, optional }] of expected) {
    const x = tensors.get(name);
    if (x === undefined && optional === true) continue;
    if (x === undefined) throw configError(`the file does not hold ${name}`);
    if (!shapesEqual(x.shape, shape) || x.dtype !== dtype) {
      const [found, wanted] = [formatShape(x.shape), formatShape(shape)];
      throw configError(`${name} is ${x.dtype} ${found} in the file, ${dtype} ${wanted} here`);
    }
    if (!allFinite(x)) throw configError(`${name} holds numbers that are not finite`, DIVERGED);
  }
}

function allFinite(x: Tensor): boolean {
  return !isFloat(x.dtype) || scope(() => finite(x).all().item()) === 1;
}

/** The tensor on the device of its parameter. */
function placed(x: Tensor, { device }: Parameter | Buffer): Tensor {
  return x.device === device ? x : fromTypedArray(x.dataSync(), x.shape, x.dtype, device);
}
