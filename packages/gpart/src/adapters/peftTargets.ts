/**
 * @file The modules that PEFT chooses by a configuration: its rules for names, patterns and layers,
 * on a model. Independent of files.
 */
import { isLinear, type Module } from "@isograd/nn";
import { type Matcher, regExpFromFile } from "../patterns/fromFile.js";
import { configError } from "./config.js";
import { hasSuffix, type TargetModules } from "./targets.js";

/** What a configuration of PEFT chooses by. */
export interface PeftChoice {
  /** Names of modules or their ends, a pattern for whole names, or all linear layers. */
  readonly targets: readonly string[] | Matcher | "all-linear";
  readonly excluded: readonly string[] | Matcher;
  /** Numbers of layers; null for all. They hold for the ends of names only. */
  readonly layers: readonly number[] | null;
  /** Steps before the number of a layer. */
  readonly patterns: readonly string[];
  readonly saved: readonly string[];
  /** Whether the model is a classifier of sequences. */
  readonly classifies: boolean;
}

/** What this library calls the chosen modules. */
export interface Resolved {
  readonly targetModules: TargetModules;
  readonly modulesToSave: readonly string[];
}

/** The output layers that PEFT leaves out of "all-linear", where they are linear. */
const OUTPUTS = ["lm_head", "lm_head.decoder", "cls.predictions.decoder"];
const HEADS = ["score", "classifier"];

const ends = (key: string, names: readonly string[]) => names.some((name) => hasSuffix(key, name));

const passes = (key: string, wanted: readonly string[] | Matcher) =>
  typeof wanted === "function" ? wanted(key) : ends(key, wanted);

/** Whether a module is in one with such a name, or is it. */
function isInside(key: string, names: readonly string[]): boolean {
  return names.some((name) => `.${key}.`.includes(`.${name}.`));
}

/** The number of a module's layer, by the rule of PEFT; null where it sees none. */
function layerOf(key: string, patterns: readonly string[]): number | null {
  const steps = key.split(".");
  if (patterns.length === 0) {
    // the first number with two steps before it and one behind it
    const found = steps.slice(2, -1).find((step) => /^\d+$/.test(step));
    return found === undefined ? null : Number(found);
  }
  for (const pattern of patterns) {
    const own = pattern.split(".");
    for (let i = 0; i + own.length + 1 < steps.length; i++) {
      const number = steps[i + own.length] as string;
      if (own.every((step, j) => step === steps[i + j]) && /^\d+$/.test(number)) {
        return Number(number);
      }
    }
  }
  return null;
}

/** Whether the rules for names and layers choose a module. */
function isChosen(key: string, { targets, layers, patterns }: PeftChoice, inner: boolean): boolean {
  if (typeof targets === "function") return targets(key);
  if (targets === "all-linear" || targets.includes(key)) return true;
  if (!ends(key, targets)) return false;
  if (layers === null) return true;
  const layer = layerOf(inner ? `model.${key}` : key, patterns);
  return layer !== null && layers.includes(layer);
}

/**
 * The parameters and modules that PEFT adapts and saves, by their names here.
 *
 * @throws FormatError when there are none to adapt, or a module is not one that PEFT adapts.
 */
export function resolvePeft(model: Module, choice: PeftChoice): Resolved {
  const modules = [...model.namedModules()].filter(([name]) => name !== "");
  const modulesToSave = modules
    .map(([name]) => name)
    .filter((key) => choice.saved.some((name) => key.endsWith(name)));
  const free = modules.filter(
    ([key]) => !passes(key, choice.excluded) && !isInside(key, choice.saved),
  );
  const linear =
    choice.targets === "all-linear"
      ? free.filter(([key, module]) => isLinear(module) && !isOutput(key, choice.classifies))
      : free;
  const find = (inner: boolean) => linear.filter(([key]) => isChosen(key, choice, inner));
  // the base may be the inside of the model that was trained, where names have one step more
  const outer = find(false);
  const chosen = outer.length > 0 || choice.patterns.length > 0 ? outer : find(true);
  const parameters = [...model.namedParameters().keys()];
  const names = chosen.map(([key, module]) => {
    const name = `${key}.weight`;
    if (!isLinear(module)) {
      throw configError(`${key} is no linear layer`, "PEFT adapts only those: is this the base?");
    }
    if (!parameters.includes(name)) {
      throw configError(`${name} is shared with another module`, "it cannot change alone here");
    }
    if (modulesToSave.some((saved) => key === saved || key.startsWith(`${saved}.`))) {
      throw configError(`${key} is both adapted and saved`, "give the base that was trained");
    }
    return name;
  });
  if (names.length === 0) throw noneChosen(choice, modules);
  return { targetModules: only(names, parameters), modulesToSave };
}

function isOutput(key: string, classifies: boolean): boolean {
  return OUTPUTS.includes(key) || (classifies && HEADS.includes(key));
}

/** These names and no other: a list, unless one of them ends another name. */
function only(names: readonly string[], parameters: readonly string[]): TargetModules {
  const chosen = new Set(names);
  const more = parameters.some((name) => !chosen.has(name) && ends(name, names));
  if (!more) return names;
  const source = names.map((name) => name.replace(/[^\w]/g, "\\$&")).join("|");
  return regExpFromFile("target_modules", `^(?:${source})$`, "");
}

function noneChosen({ targets }: PeftChoice, modules: readonly (readonly [string, Module])[]) {
  const wanted =
    typeof targets === "object" ? targets.map((t) => `"${t}"`).join(", ") : "its pattern";
  const linear = modules.filter(([, module]) => isLinear(module)).map(([key]) => key);
  const some = linear.slice(0, 12).join(", ") + (linear.length > 12 ? ", …" : "");
  return configError(
    `nothing in the model is named ${wanted}, or all of it is left out`,
    `its linear layers are: ${some === "" ? "none" : some}`,
  );
}
