/**
 * @file The map from an adapter's trained numbers to ΔW, as a plain function that `distortion`
 * measures.
 */

import { functionalCall, type Module } from "@isograd/nn";
import { concat, ShapeError, scope, type Tensor } from "@isograd/tensor";
import { dropNode, expectTensor, formatShape, shapesEqual } from "@isograd/tensor/engine";
import type { Adapter } from "./adapter.js";
import { expectAdapter } from "./expect.js";

/** A map from trained numbers to the change of weights, and the adapter's current point. */
export interface DeltaMap {
  /** The current trained numbers, joined to one vector; float64. */
  readonly at: Tensor;
  /** Φ: from the trained numbers to ΔW of all targets, each joined to one vector. */
  map(flat: Tensor): Tensor;
}

/**
 * The map Φ from the trained numbers of a method to ΔW, in float64. Parameters trained in full are
 * not part of it.
 *
 * @example
 * const adapter = gpart(new MLP([4, 8, 2], { rng: rng(0) }), { d: 6 });
 * const { at, map } = deltaMap(adapter);
 * distortion(map, { at, steps: 20 }).max.toFixed(9); // 1.000000000
 */
export function deltaMap<M extends Module>(adapter: Adapter<M>): DeltaMap {
  expectAdapter("deltaMap", adapter);
  const entries = Object.entries(adapter.trained);
  const at = scope(() =>
    concat(entries.map(([, p]) => p.own.reshape([p.own.size]).cast("float64"))),
  );
  dropNode(at);
  const map = (flat: Tensor): Tensor => {
    expectTensor("deltaMap", flat);
    if (!shapesEqual(flat.shape, at.shape)) {
      const problem = `the point is ${formatShape(flat.shape)}, expected ${formatShape(at.shape)}`;
      throw new ShapeError("deltaMap", problem, "all trained numbers in one vector, as in at");
    }
    return scope(() => {
      const values: Record<string, Tensor> = {};
      let from = 0;
      for (const [name, { shape, own }] of entries) {
        values[`trained.${name}`] = flat.slice([[from, from + own.size]]).reshape(shape);
        from += own.size;
      }
      return functionalCall<Adapter<M>, Tensor>(adapter, values, (a) => a.delta());
    });
  };
  return { at, map };
}
