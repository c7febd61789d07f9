/** @file Products with the transpose of the Jacobian: one backward walk for each. */
import { dispose, keep, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  dropNode,
  expectFunction,
  expectTensor,
  keepAll,
  openScope,
} from "@isograd/tensor/engine";
import { tracked } from "../tape/alone.js";
import { fitting } from "../tape/fitting.js";
import { records } from "../tape/modes.js";
import { collectNodes } from "../tape/record.js";
import { type GradOf, leavesOf, rebuild, withLeaves } from "../tree.js";
import { checkValue, freed, needsGraph, pullBack, recorded, trackLeaves } from "./region.js";

/** The value of a function and the transpose of its derivative there. */
export interface Pullback<P> {
  readonly value: Tensor;
  /**
   * `cotangent ↦ Jᵀ cotangent`, in the form of the parameters; may be called again. It can be
   * differentiated by the cotangent; by the parameters only if a transform around the call of vjp
   * tracks them.
   */
  pull(cotangent: Tensor): GradOf<P>;
  /** Frees the graph (and the value's place in it). */
  dispose(): void;
}

/**
 * The value of `f` at `params` and the map `u ↦ Jᵀu`.
 *
 * @throws GradientError when a cotangent does not have the shape of the value, or is not of floats.
 * @example
 * const back = vjp((x: Tensor) => x.square(), tensor([1, 2]));
 * back.pull(tensor([1, 10])).toString(); // Tensor(float32, [2]) [2, 40]
 */
export function vjp<P>(f: (params: P) => Tensor, params: P): Pullback<P> {
  expectFunction("vjp", f, "write vjp((x) => …, x)");
  const mark = openScope();
  try {
    const leaves = trackLeaves("vjp", leavesOf("vjp", params));
    const [traced, nodes] = collectNodes(() =>
      recorded("vjp", leaves, () => withLeaves(params, leaves, f)),
    );
    checkValue("vjp", traced);
    const own = leaves.map((x) => x.alias());
    const graph = traced.alias();
    const value = traced.alias(true);
    if (!needsGraph()) dropNode(value);
    keep(value);
    // A walk of an outer transform may pass before the last pull.
    for (const node of nodes) node.pin();
    return {
      value,
      pull(cotangent) {
        if (graph.disposed) throw freed("vjp", "pull");
        expectTensor("vjp", cotangent);
        const inner = openScope();
        try {
          const u = fitting("vjp", "cotangent", cotangent, graph);
          const createGraph = needsGraph() || (tracked(u) && records());
          const grads = pullBack(graph, u, own, { createGraph, retainGraph: true });
          keepAll(grads);
          return rebuild(params, grads);
        } finally {
          closeScope(inner);
        }
      },
      dispose() {
        dispose(graph);
        for (const x of own) dispose(x);
        for (const node of nodes.splice(0)) node.unpin();
      },
    };
  } finally {
    closeScope(mark);
  }
}
