/** @file GPart: one vector θ, spread over all targets by an isometric partition. */
import { type Module, Parameter } from "@isograd/nn";
import { scope, sub, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { Adapter } from "../adapters/adapter.js";
import { configError, type Fields, readNumber } from "../adapters/config.js";
import { blockOf } from "../adapters/layers.js";
import {
  countWeights,
  findTargets,
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
import type { Loader } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  type Json,
  type Method,
  moduleName,
  shapesOf,
} from "./method.js";

/** What {@link gpart} takes. */
export interface GPartOptions extends AdapterOptions {
  /**
   * Trained numbers: 1 … N, the number of weights targeted. Or a budget for each kind of module, by
   * its suffix, with a partition of its own: `{ query: 300, value: 100 }`; they are the targets
   * then, unless `targetModules` says.
   */
  readonly d: number | Readonly<Record<string, number>>;
  /** How weights are grouped; `"feistel-v1"` unless said. */
  readonly scheme?: Scheme | undefined;
  /**
   * `"block"`: a partition for each block of the model (`blocks.0`, `blocks.1`, …; targets outside
   * of blocks make one together), with d shared in proportion. One over all weights, `"global"`,
   * unless said.
   */
  readonly scope?: "global" | "block" | undefined;
  /** Weights bear random signs; false unless said. */
  readonly signed?: boolean | undefined;
  /**
   * Whether indices are kept, or made afresh in each step with O(d) memory; `"cached"` unless said.
   */
  readonly indices?: "cached" | "regenerated" | undefined;
  /** Told of empty groups; `console.warn` unless said. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Adapts a model by GPart: `W = W0 + Pθ`, with one partition P over all targeted weights laid end
 * to end in the order of the model's parameters, each row-major. θ starts at 0, where the model is
 * its base to the last bit. P is an isometry, so lengths, angles and weight decay on θ are those of
 * the weights' displacement. Stored: θ and a seed.
 *
 * With Adam, a learning rate of about `lr_weights · √(N/d)` is a good first guess.
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
export function gpart<M extends Module>(model: M, options: GPartOptions): Adapter<M> {
  const { d } = options;
  const budgets = typeof d === "object" && d !== null ? d : { d };
  for (const [name, value] of Object.entries(budgets)) checkCount("gpart", name, value);
  if (Object.keys(budgets).length === 0) {
    throw new UsageError("gpart", "d has no budget", "give a number, or { query: 300, … }");
  }
  const standard: TargetModules = budgets === d ? Object.keys(budgets) : "all-linear";
  const targets = findTargets(model, options, standard);
  const all = { ...options, targetModules: options.targetModules ?? standard };
  return new Adapter({ model, targets, make: () => gpartMethod(targets, options), options: all });
}

function gpartMethod(targets: readonly Target[], options: GPartOptions): Method {
  const { seed = 0, scheme = "feistel-v1" } = options;
  const groups = partitionOf(targets, options);
  const { dtype, device } = (targets[0] as Target).parameter;
  const theta = new Parameter(zeros([groups.d], { dtype, device }));
  const shapes = shapesOf(targets);
  return {
    name: "GPART",
    addition: "linear",
    trained: { theta },
    minusDelta: () => scope(() => project(groups, sub(0, theta.value), shapes)),
    weights: (bases) => scope((): Tensor[] => subProjected(groups, sub(0, theta.value), bases)),
    config: {
      scheme,
      seed,
      d: groups.d,
      n: groups.n,
      ...extras(options),
      ...baseHash(targets, scheme),
    },
    fileName: () => "base_model.gpart_theta_d",
    dispose: () => forgetIndices(groups),
  };
}

/** The partition that adapters of these options have. */
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

/**
 * The cell of each target: by its kind where d says budgets, by its block where the scope is a
 * block.
 */
function cellsOf(
  targets: readonly Target[],
  { d, scope: reach = "global" }: GPartOptions,
): Pick<PartitionOptions, "cells" | "budgets"> {
  if (reach !== "global" && reach !== "block") {
    throw new UsageError("gpart", `there is no scope "${reach}"`, 'choose "global" or "block"');
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

/** For each target the number of the one suffix that it has. */
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

/** What the file says beside scheme, seed and sizes, where it is not what is usual. */
function extras({ d, scope: reach, signed }: GPartOptions): Record<string, Json> {
  return {
    ...(typeof d === "object" && { budgets: d }),
    ...(reach === "block" && { scope: reach }),
    ...(signed === true && { signed }),
  };
}

/** How a saved GPart adapter is made again. */
export const gpartLoader: Loader = {
  make(model, options, fields, choices) {
    const { scheme, scope: reach = "global", signed } = fields;
    if (!isScheme(scheme)) {
      throw configError(`adapter_config.json: unknown scheme ${JSON.stringify(scheme)}`);
    }
    const own = {
      scheme,
      d: readBudgets(fields) ?? readNumber(fields, "d"),
      seed: readNumber(fields, "seed"),
      scope: reach as "global" | "block", // gpart refuses any other
      signed: signed === true,
    };
    return gpart(model, { ...options, ...own, ...choices });
  },
  sizes: [["base_model.gpart_theta_d", "d"]],
};

/** The budgets of a file that has them. @throws FormatError unless they add up to d. */
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

/** Where the weights decide about groups, the file must know which weights. */
function baseHash(targets: readonly Target[], scheme: Scheme): { base_hash?: string } {
  return scheme === "signed-magnitude" ? { base_hash: hashValues(flatValues(targets)) } : {};
}
