/**
 * @file Any change of weights as a GPart adapter: the nearest θ, and the share of the change that
 * it keeps.
 */
import { noGrad } from "@isograd/autograd";
import type { Module } from "@isograd/nn";
import { scope, square, sum, type Tensor, UsageError } from "@isograd/tensor";
import {
  expectTensor,
  formatShape,
  isPlain,
  ownOf,
  shapesEqual,
  shown,
} from "@isograd/tensor/engine";
import { forgetIndices } from "../indices.js";
import { type GPartOptions, gpart, partitionOf } from "../methods/gpart.js";
import { projectTranspose } from "../project.js";
import type { Adapter } from "./adapter.js";

/** What {@link compressDelta} finds. */
export interface Compressed<M extends Module> {
  readonly adapter: Adapter<M>;
  /** `‖θ‖² / ‖ΔW‖²`: the share of the change that the adapter keeps; 1 when ΔW = 0. */
  readonly energy: number;
}

/**
 * The GPart adapter nearest to a change of weights, such as the difference between a model that was
 * fine-tuned in full and its base: `θ = Pᵀ ΔW` minimises `‖Pθ − ΔW‖`, since `PᵀP = I`. The captured
 * energy is `‖θ‖² / ‖ΔW‖²`, on average d/N for a random change.
 *
 * @param delta ΔW of each target, by its name in the model
 * @throws UsageError when a target has no ΔW or a ΔW has no target, and as `gpart` does.
 * @example
 * const model = new MLP([4, 2], { rng: rng(0) });
 * const delta = { "layers.0.weight": ones([2, 4]) };
 * const { adapter, energy } = compressDelta(model, delta, { d: 2 });
 * adapter.trained.theta.value.toString(); // Tensor(float32, [2]) [2, 2]
 * energy; // 1
 */
export function compressDelta<M extends Module>(
  model: M,
  delta: Readonly<Record<string, Tensor>>,
  options: GPartOptions,
): Compressed<M> {
  if (!isPlain(delta)) {
    const help = 'give ΔW by names: { "layers.0.weight": change }';
    throw new UsageError(
      "compressDelta",
      `the change must be an object, got ${shown(delta)}`,
      help,
    );
  }
  const adapter = gpart(model, options);
  const changes = adapter.targets.map(({ name, parameter }) => {
    const change = ownOf(delta, name);
    if (change !== undefined) expectTensor("compressDelta", change);
    if (change !== undefined && shapesEqual(change.shape, parameter.shape)) return change;
    const found = change === undefined ? "missing" : formatShape(change.shape);
    const wanted = `the change of ${name} is ${found}, not ${formatShape(parameter.shape)}`;
    throw new UsageError("compressDelta", wanted, "give a ΔW of each target, in its shape");
  });
  const known = new Set(adapter.targets.map(({ name }) => name));
  for (const name of Object.keys(delta)) {
    if (known.has(name)) continue;
    const listed = [...known].join(", ");
    throw new UsageError("compressDelta", `${name} is no target`, `targets are: ${listed}`);
  }
  return noGrad(() =>
    scope(() => {
      const groups = partitionOf(adapter.targets, options);
      const theta = projectTranspose(groups, changes);
      forgetIndices(groups);
      const { theta: trained } = adapter.trained;
      if (trained !== undefined) trained.value = theta;
      const energyOf = (xs: readonly Tensor[]) =>
        xs.reduce((total, x) => total + sum(square(x.cast("float64"))).item(), 0);
      const whole = energyOf(changes);
      return { adapter, energy: whole === 0 ? 1 : energyOf([theta]) / whole };
    }),
  );
}
