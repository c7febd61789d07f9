/**
 * @file Which weights of a model an adapter changes: PEFT's targetModules and modulesToSave.
 * Independent of the methods.
 */
import { isLinear, Linear, type Module, type Parameter } from "@isograd/nn";
import { UsageError } from "@isograd/tensor";
import { mix32 } from "../partition/mix.js";
import { matcherOf } from "../patterns/fromFile.js";
import { inLayers, type LayerChoice } from "./layers.js";
import { checkNames, noMatch } from "./names.js";

/**
 * Which weights are adapted: suffixes of module or parameter names (`["query", "mlp.0"]`), a
 * regular expression tested against the names, or every linear layer. A module stands for its
 * `weight`.
 */
export type TargetModules = readonly string[] | RegExp | "all-linear";

/** A weight that an adapter changes, by its name in the model. */
export interface Target {
  readonly name: string;
  readonly parameter: Parameter;
  /** Whether the weight is [in, out], as in GPT-2's layers, and not [out, in]. */
  readonly transposed: boolean;
}

/** What chooses the weights to adapt, and those to train in full. */
export interface TargetOptions extends LayerChoice {
  readonly targetModules?: TargetModules | undefined;
  readonly modulesToSave?: readonly string[] | undefined;
}

/** Whether `name` is `suffix` or ends with `.suffix`. */
export function hasSuffix(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}

/** Whether a parameter is in one of the named modules, or is named itself. */
function liesIn(name: string, suffixes: readonly string[]): boolean {
  const steps = name.split(".");
  const paths = steps.map((_, i) => steps.slice(0, i + 1).join("."));
  return suffixes.some((suffix) => paths.some((path) => hasSuffix(path, suffix)));
}

/** Weights of modules that pass, and parameters that pass themselves. */
function selected(
  model: Module,
  parameters: ReadonlyMap<string, Parameter>,
  passes: (name: string, module: Module | null) => boolean,
): string[] {
  const weights = new Set<string>();
  for (const [name, module] of model.namedModules()) {
    if (passes(name, module)) weights.add(name === "" ? "weight" : `${name}.weight`);
  }
  return [...parameters.keys()].filter((name) => weights.has(name) || passes(name, null));
}

/**
 * The weights to adapt, in the order of the model's parameters.
 *
 * @throws UsageError when an entry or a layer matches nothing: ignoring a misspelt name would
 * silently train other weights.
 */
export function findTargets(
  model: Module,
  options: TargetOptions,
  standard: TargetModules = "all-linear",
): Target[] {
  const { targetModules: wanted = standard, modulesToSave = [] } = options;
  checkNames("modulesToSave", modulesToSave, 0);
  const parameters = model.namedParameters();
  const free = new Map([...parameters].filter(([name]) => !liesIn(name, modulesToSave)));
  const find = (passes: (name: string, module: Module | null) => boolean): string[] =>
    selected(model, free, passes);
  let names: string[];
  if (wanted === "all-linear") names = find((_, module) => module !== null && isLinear(module));
  else if (wanted instanceof RegExp) names = find(matcherOf(wanted));
  else {
    checkNames("targetModules", wanted, 1);
    for (const suffix of wanted) {
      if (find((name) => hasSuffix(name, suffix)).length > 0) continue;
      checkFree(model, suffix, modulesToSave);
      throw noMatch(suffix, [...free.keys()]);
    }
    names = find((name) => wanted.some((suffix) => hasSuffix(name, suffix)));
  }
  if (names.length === 0) throw noMatch(String(wanted), [...free.keys()]);
  return checkOneKind(targetsOf(model, inLayers(names, options), free));
}

/** @throws UsageError when all weights of a name are in `modulesToSave`. */
function checkFree(model: Module, suffix: string, modulesToSave: readonly string[]): void {
  const all = selected(model, model.namedParameters(), (name) => hasSuffix(name, suffix));
  if (all.length === 0) return;
  const problem = `all of "${suffix}" is trained in full: ${modulesToSave.join(", ")}`;
  throw new UsageError("adapter", problem, "remove it from targetModules or from modulesToSave");
}

/** The parameters to train in full, by name. @throws UsageError when an entry matches nothing. */
export function findSaved(model: Module, modulesToSave: readonly string[]): Target[] {
  checkNames("modulesToSave", modulesToSave, 0);
  const parameters = model.namedParameters();
  for (const suffix of modulesToSave) {
    if (![...parameters.keys()].some((name) => liesIn(name, [suffix]))) {
      throw noMatch(suffix, [...parameters.keys()]);
    }
  }
  const names = [...parameters.keys()].filter((name) => liesIn(name, modulesToSave));
  return targetsOf(model, names, parameters);
}

/** The parameters of these names, as targets. */
function targetsOf(
  model: Module,
  names: readonly string[],
  parameters: ReadonlyMap<string, Parameter>,
): Target[] {
  const transposed = new Set<Parameter>();
  for (const module of model.namedModules().values()) {
    // a linear layer that is no Linear is GPT-2's
    const other = isLinear(module) && !(module instanceof Linear);
    if (other && "weight" in module) transposed.add(module.weight as Parameter);
  }
  return names.map((name) => {
    const parameter = parameters.get(name) as Parameter;
    return { name, parameter, transposed: transposed.has(parameter) };
  });
}

/** The parameter of the first target; `findTargets` finds at least one. */
export function firstOf(targets: readonly Target[]): Parameter {
  return (targets[0] as Target).parameter;
}

/** @throws UsageError unless all targets have one dtype and one device. */
function checkOneKind(targets: Target[]): Target[] {
  const first = firstOf(targets);
  for (const { name, parameter } of targets) {
    if (parameter.dtype === first.dtype && parameter.device === first.device) continue;
    throw new UsageError(
      "adapter",
      `targets differ: ${name} is ${kindOf(parameter)}, others ${kindOf(first)}`,
      "one vector covers all targets: cast or move the model first",
    );
  }
  return targets;
}

function kindOf({ dtype, device }: Parameter): string {
  return `${dtype} on ${device}`;
}

/** Total number of weights in the targets. */
export function countWeights(targets: readonly Target[]): number {
  return targets.reduce((sum, { parameter }) => sum + parameter.own.size, 0);
}

/** A hash of 16 hexadecimal digits of the names, shapes and order of all targets. */
export function hashTargets(targets: readonly Target[]): string {
  const text = targets.map(({ name, parameter }) => `${name}[${parameter.shape.join(",")}]`);
  return hashBytes(new TextEncoder().encode(text.join("\n")));
}

/** A hash of 16 hexadecimal digits of values. */
export function hashValues(values: ArrayLike<number>): string {
  const bytes = Float64Array.from(values).buffer;
  return hashBytes(new Uint8Array(bytes));
}

/** All weights of the targets, flat, in order. */
export function flatValues(targets: readonly Target[]): Float64Array {
  const flat = new Float64Array(countWeights(targets));
  let at = 0;
  for (const { parameter } of targets) {
    flat.set(parameter.own.dataSync(), at);
    at += parameter.own.size;
  }
  return flat;
}

function hashBytes(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, bytes.length | 0];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    a = Math.imul(a ^ byte, 0x01000193);
    b = mix32(b + byte) ^ a;
  }
  const digits = (word: number) => (mix32(word) >>> 0).toString(16).padStart(8, "0");
  return digits(a) + digits(b);
}
