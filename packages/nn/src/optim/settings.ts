/** @file Options of optimisers, and the rate and weight decay that they give each parameter. */
import { type Tensor, UsageError } from "@isograd/tensor";
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
export function checkRate(op: string, name: string, x: number): void {
  if (x >= 0 && Number.isFinite(x)) return;
  throw new UsageError(op, `${name} must be a number from 0, got ${x}`);
}

/** Rate and weight decay of a parameter. */
export function settings(
  op: string,
  target: Target,
  options: OptimizerOptions,
): { readonly lrFactor: number; readonly weightDecay: number } {
  const value = target.handle();
  const group = options.groups?.find(({ match }) => match(target.name, value));
  const decays = group?.weightDecay !== undefined || (options.decay?.(target.name, value) ?? true);
  const weightDecay = group?.weightDecay ?? options.weightDecay ?? 0;
  checkRate(op, "weightDecay", weightDecay);
  if (group?.lr !== undefined) checkRate(op, "lr of a group", group.lr);
  return {
    lrFactor: (group?.lr ?? options.lr) / options.lr,
    weightDecay: decays ? weightDecay : 0,
  };
}
