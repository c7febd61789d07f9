/** @file Products with the transpose of the Jacobian: one walk back each. */
import { dispose, GradientError, keep, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  expectTensor,
  formatShape,
  keepAll,
  openScope,
  shapesEqual,
} from "@isograd/tensor/engine";
import { type GradOf, leavesOf, rebuild, withLeaves } from "../tree.js";
import { checkValue, freed, needsGraph, pullBack, recorded, trackLeaves } from "./grad.js";

/** The value of a function and the way back from it. */
export interface Pullback<P> {
  readonly value: Tensor;
  /** `cotangent ↦ Jᵀ cotangent`, shaped like the parameters; may be called many times. */
  pull(cotangent: Tensor): GradOf<P>;
  /** Frees the graph (and the value's place in it). */
  dispose(): void;
}

/**
 * The value of `f` at `params` and the map `u ↦ Jᵀu`.
 *
 * @throws GradientError when a cotangent does not have the shape of the value.
 * @example
 * const back = vjp((x: Tensor) => x.square(), tensor([1, 2]));
 * back.pull(tensor([1, 10])).toString(); // Tensor(float32, [2]) [2, 40]
 */
export function vjp<P>(f: (params: P) => Tensor, params: P): Pullback<P> {
  const mark = openScope();
  try {
    const leaves = trackLeaves("vjp", leavesOf("vjp", params));
    const traced = recorded("vjp", leaves, () => withLeaves(params, leaves, f));
    checkValue("vjp", traced);
    const own = leaves.map((x) => x.alias());
    const graph = traced.alias();
    const createGraph = needsGraph();
    const value = traced.alias(true);
    if (!createGraph) value.dropNode();
    keep(value);
    return {
      value,
      pull(cotangent) {
        if (graph.disposed) throw freed("vjp", "pull");
        expectTensor("vjp", cotangent);
        if (!shapesEqual(cotangent.shape, graph.shape)) {
          throw new GradientError(
            "vjp",
            `a cotangent of shape ${formatShape(cotangent.shape)} for a value of shape ${formatShape(graph.shape)}`,
            "give one of the shape of the value",
          );
        }
        const inner = openScope();
        try {
          const grads = pullBack(graph, cotangent, own, { createGraph, retainGraph: true });
          keepAll(grads);
          return rebuild(params, grads);
        } finally {
          closeScope(inner);
        }
      },
      dispose() {
        dispose(graph);
        for (const x of own) dispose(x);
      },
    };
  } finally {
    closeScope(mark);
  }
}
