/** @file GPart: one vector θ, mapped to all targets by an isometric partition. */
import { type Module, Parameter } from "@isograd/nn";
import { scope, sub, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { configError, type Fields, readNumber, readSwitch } from "../adapters/config.js";
import { blockOf } from "../adapters/layers.js";
import {
  countWeights,
  findTargets,
  firstOf,
  flatValues,
  hashValues,
  hasSuffix,
  type Target,
  type TargetModules,
} from "../adapters/targets.js";
import { forgetIndices } from "../indices.js";
import { isScheme, type PartitionOptions, type Scheme } from "../partition/options.js";
import { type Partition, partition } from "../partition/partition.js";
import { project, subProjected } from "../project.js";
import { type Loader, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  type Json,
  type Method,
  moduleName,
  seedField,
  shapesOf,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link gpart} takes. */
export interface GPartOptions extends AdapterOptions {
  /**
   * Number of trained numbers, from 1 to N, the number of target weights. Or a number for each kind
   * of module, by its suffix: `{ query: 300, value: 100 }`. Each kind then has its own partition,
   * and the suffixes are the default of `targetModules`.
   */
  readonly d: number | Readonly<Record<string, number>>;
  /** How weights are grouped; default: `"feistel-v1"`. */
  readonly scheme?: Scheme | undefined;
  /**
   * `"global"`: one partition over all weights, the default. `"block"`: one partition for each
   * block of the model (`blocks.0`, `blocks.1`, …) and one for all targets outside of blocks; d is
   * divided in proportion to their weights.
   */
  readonly scope?: "global" | "block" | undefined;
  /** Whether weights have random signs; default: false. */
  readonly signed?: boolean | undefined;
  /**
   * Whether indices are kept, or computed again in each step with O(d) memory; default: `"cached"`.
   */
  readonly indices?: "cached" | "regenerated" | undefined;
  /** Called when groups are empty; default: `console.warn`. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Adapts a model by GPart: `W = W0 + Pθ`, with one partition P over all target weights, joined
 * row-major to one vector in the order of the model's parameters. θ starts at 0, where the adapted
 * model equals its base to the last bit. P is an isometry, so lengths, angles and weight decay of θ
 * are those of the change of weights. A file contains θ and a seed.
 *
 * With Adam, `lr_weights · √(N/d)` is a good first learning rate.
 *
 * Source: arXiv 2605.14841.
 *
 * @throws UsageError when d > N, a target matches nothing, or an option is out of range.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const adapter = gpart(model, { d: 6, seed: 1, targetModules: "all-linear" });
 * adapter.trained.theta.shape; // [6]
 * gpart(model, { d: { "layers.0": 4, "layers.1": 3 } }).parameterCount; // 7
 */
export function gpart<M extends Module>(model: M, asked: GPartOptions): Adapter<M> {
  checkModel("gpart", model);
  const options = given(
    "gpart",
    asked,
    `d scheme scope signed? indices warn() ${ADAPTER}` as const,
    synonyms,
  );
  const { d } = options;
  const budgets = typeof d === "object" && d !== null ? d : { d };
  for (const [name, value] of Object.entries(budgets)) checkCount("gpart", name, value);
  if (Object.keys(budgets).length === 0) {
    throw new UsageError("gpart", "d has no budget", "give a number, or { query: 300, … }");
  }
  const standard: TargetModules = budgets === d ? Object.keys(budgets) : "all-linear";
  const targets = findTargets(model, options, standard);
  const all = { ...options, targetModules: options.targetModules ?? standard };
  // clones share the groups, which depend on the weights of now where the scheme does
  const groups = partitionOf(targets, options);
  const { seed = 0, scheme = "feistel-v1" } = options;
  const config = {
    ...{ scheme, seed: seedField(seed), d: groups.d, n: groups.n },
    ...extras(options),
    ...baseHash(targets, scheme),
  };
  const make = () => gpartMethod(targets, groups, config);
  return new Adapter({ model, targets, make, options: all });
}

function gpartMethod(
  targets: readonly Target[],
  groups: Partition,
  config: Method["config"],
): Method {
  const { dtype, device } = firstOf(targets);
  const theta = new Parameter(zeros([groups.d], { dtype, device }));
  const shapes = shapesOf(targets);
  return {
    name: "GPART",
    addition: "linear",
    trained: { theta },
    minusDelta: () => scope(() => project(groups, sub(0, theta.value), shapes)),
    weights: (bases) => scope((): Tensor[] => subProjected(groups, sub(0, theta.value), bases)),
    config,
    fileName: () => THETA,
    dispose: () => forgetIndices(groups),
  };
}

/** The partition of an adapter with these options. */
export function partitionOf(targets: readonly Target[], options: GPartOptions): Partition {
  const { seed = 0, scheme = "feistel-v1", signed = false, indices = "cached", warn } = options;
  const sizes = targets.map(({ parameter }) => parameter.own.size);
  const values = scheme === "signed-magnitude" ? { values: flatValues(targets) } : {};
  const more = { ...values, ...(warn && { warn }), ...cellsOf(targets, options) };
  const d = typeof options.d === "number" ? options.d : sumOf(options.d);
  return partition({ n: countWeights(targets), d, seed, scheme, sizes, signed, indices, ...more });
}

function sumOf(budgets: Readonly<Record<string, number>>): number {
  return Object.values(budgets).reduce((a, b) => a + b, 0);
}

/** The cell of each target: its kind when d gives budgets, its block when the scope is "block". */
function cellsOf(
  targets: readonly Target[],
  { d, scope: reach = "global" }: GPartOptions,
): Pick<PartitionOptions, "cells" | "budgets"> {
  if (reach !== "global" && reach !== "block") {
    throw new UsageError(
      "gpart",
      `there is no scope ${shown(reach)}`,
      'choose "global" or "block"',
    );
  }
  if (typeof d !== "number") {
    if (reach === "global")
      return { cells: kindsOf(targets, Object.keys(d)), budgets: Object.values(d) };
    throw new UsageError("gpart", "budgets say which weights share groups", "leave scope out");
  }
  if (reach === "global") return {};
  const blocks = targets.map(({ name }) => blockOf(name));
  const known = [...new Set(blocks)];
  return { cells: blocks.map((block) => known.indexOf(block)) };
}

/** For each target the index of the one suffix that it matches. */
function kindsOf(targets: readonly Target[], suffixes: readonly string[]): number[] {
  const kinds = targets.map((target) => {
    const own = suffixes.filter((suffix) => {
      return hasSuffix(moduleName(target), suffix) || hasSuffix(target.name, suffix);
    });
    if (own.length === 1) return suffixes.indexOf(own[0] as string);
    const found = own.length === 0 ? "none" : own.join(", ");
    throw new UsageError("gpart", `${target.name} needs one budget`, `its budgets: ${found}`);
  });
  suffixes.forEach((suffix, kind) => {
    if (kinds.includes(kind)) return;
    throw new UsageError("gpart", `the budget of "${suffix}" has no weights`, "leave it out");
  });
  return kinds;
}

/** Further fields of the file, only for options that differ from their defaults. */
function extras({ d, scope: reach, signed }: GPartOptions): Record<string, Json> {
  return {
    ...(typeof d === "object" && { budgets: d }),
    ...(reach === "block" && { scope: reach }),
    ...(signed === true && { signed }),
  };
}

/** The name of θ in a file. */
export const THETA = "base_model.gpart_theta_d";

/** Loads a saved GPart adapter. */
export const gpartLoader: Loader = {
  make(model, options, fields, choices) {
    const { scheme, scope: reach = "global" } = fields;
    if (!isScheme(scheme)) {
      throw configError(`adapter_config.json: unknown scheme ${JSON.stringify(scheme)}`);
    }
    const own = {
      scheme,
      d: readBudgets(fields) ?? readNumber(fields, "d"),
      seed: readSeed(fields, "seed"),
      scope: reach as "global" | "block", // gpart checks it
      signed: readSwitch(fields, "signed"),
    };
    return gpart(model, { ...options, ...own, ...choices });
  },
  *trained(_, fields) {
    yield [THETA, [readNumber(fields, "d")]];
  },
  sizes: [[THETA, "d"]],
};

/** Reads the budgets, if the file has any. @throws FormatError unless they add up to d. */
function readBudgets(fields: Fields): Readonly<Record<string, number>> | undefined {
  const { budgets } = fields;
  if (budgets === undefined) return undefined;
  const d = readNumber(fields, "d");
  if (areNumbers(budgets) && sumOf(budgets) === d) return budgets;
  throw configError("adapter_config.json: budgets are not numbers that add up to d");
}

function areNumbers(value: Json): value is Readonly<Record<string, number>> {
  const parts = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return parts.every((part) => typeof part === "number");
}

/** When groups depend on the weights, the file has a hash of the weights. */
function baseHash(targets: readonly Target[], scheme: Scheme): { base_hash?: string } {
  return scheme === "signed-magnitude" ? { base_hash: hashValues(flatValues(targets)) } : {};
}
