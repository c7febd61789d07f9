/** @file Options of optimisers, and the rate and weight decay that they give each parameter. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { expectFunction, given, shown } from "@isograd/tensor/engine";
import { isNumber } from "../expect.js";
import type { Target } from "./targets.js";

/** Parameters with their own options; for each parameter the first matching group counts. */
export interface ParameterGroup {
  readonly match: (name: string, value: Tensor) => boolean;
  /** Initial rate; setting `optimizer.lr` later scales the rates of all groups alike. */
  readonly lr?: number | undefined;
  readonly weightDecay?: number | undefined;
}

export interface OptimizerOptions {
  readonly lr: number;
  /** Default: 0. */
  readonly weightDecay?: number | undefined;
  /** Which parameters decay; default: all. `(name, w) => w.rank > 1` spares biases and norms. */
  readonly decay?: ((name: string, value: Tensor) => boolean) | undefined;
  readonly groups?: readonly ParameterGroup[] | undefined;
}

/** @throws UsageError unless x is finite and 0 or more. */
export function checkRate(op: string, name: string, x: unknown): void {
  if (isNumber(x, (rate) => rate >= 0 && Number.isFinite(rate))) return;
  const problem = `${name} must be a number from 0, got ${shown(x)}`;
  throw new UsageError(op, problem, "0 turns it off; leave it out for its default");
}

/** @throws UsageError for options out of range, or without effect. */
export function checkOptions(op: string, options: OptimizerOptions): void {
  const { lr, weightDecay, decay, groups } = options;
  if (!isNumber(lr, (rate) => rate > 0 && Number.isFinite(rate))) {
    throw new UsageError(
      op,
      `lr must be a positive number, got ${shown(lr)}`,
      "write { lr: 1e-3 }",
    );
  }
  checkRate(op, "weightDecay", weightDecay ?? 0);
  if (groups !== undefined && !Array.isArray(groups)) {
    const help = "write groups: [{ match: (name) => …, lr: 1e-4 }]";
    throw new UsageError(op, `groups is ${shown(groups)}, no list`, help);
  }
  const list: readonly ParameterGroup[] = groups ?? [];
  for (const group of list) {
    const { match, lr: rate = 0, weightDecay: own = 0 } = given(op, group, GROUP);
    expectFunction(op, match, "a group has match: (name, value) => boolean");
    checkRate(op, "lr of a group", rate);
    checkRate(op, "weightDecay of a group", own);
  }
  if (decay === undefined || weightDecay !== undefined) return;
  throw new UsageError(op, "decay needs weightDecay", "write { weightDecay: 0.01, decay }");
}

const GROUP = "lr# weightDecay# match()";

/** @throws UsageError for a group that is the first match of no parameter. */
export function checkGroups(
  op: string,
  targets: Iterable<Target>,
  { groups = [] }: OptimizerOptions,
): void {
  if (groups.length === 0) return;
  const used = new Set([...targets].map((target) => groupOf(target, groups)));
  const idle = groups.findIndex((group) => !used.has(group));
  if (idle === -1) return;
  const why = "it matches none, or earlier groups take them";
  throw new UsageError(
    op,
    `groups[${idle}] is for no parameter: ${why}`,
    "names are those of model.namedParameters()",
  );
}

function groupOf(target: Target, groups: readonly ParameterGroup[] | undefined) {
  return groups?.find(({ match }) => match(target.name, target.handle()));
}

/** Rate and weight decay of a parameter. */
export function settings(
  target: Target,
  options: OptimizerOptions,
): { readonly lrFactor: number; readonly weightDecay: number } {
  const value = target.handle();
  const group = groupOf(target, options.groups);
  const decays = group?.weightDecay !== undefined || (options.decay?.(target.name, value) ?? true);
  const weightDecay = group?.weightDecay ?? options.weightDecay ?? 0;
  return {
    lrFactor: (group?.lr ?? options.lr) / options.lr,
    weightDecay: decays ? weightDecay : 0,
  };
}
