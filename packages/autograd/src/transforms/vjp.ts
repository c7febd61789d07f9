/** @file Products with the Jacobian and its transpose, and the Jacobian itself. */
import {
  dispose,
  eye,
  GradientError,
  keep,
  reshape,
  stack,
  type Tensor,
  zerosLike,
} from "@isograd/tensor";
import { closeScope, formatShape, keepAll, openScope, shapesEqual } from "@isograd/tensor/engine";
import { type GradOf, leavesOf, rebuild, withLeaves } from "../tree.js";
import { grad, needsGraph, pullBack, recorded, trackLeaves } from "./grad.js";

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
    const leaves = trackLeaves(leavesOf("vjp", params));
    const traced = recorded("vjp", () => withLeaves(params, leaves, f));
    const own = leaves.map((x) => x.alias());
    const graph = traced.alias();
    const createGraph = needsGraph();
    const value = createGraph ? traced : traced.alias(true);
    if (!createGraph) value.dropNode();
    keep(value);
    return {
      value,
      pull(cotangent) {
        if (!shapesEqual(cotangent.shape, graph.shape)) {
          throw new GradientError(
            "vjp",
            `a cotangent of shape ${formatShape(cotangent.shape)} for a value of shape ${formatShape(graph.shape)}`,
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

/**
 * The value of `f` at `x` and the directional derivative `J v`, as the transpose of the transpose: the map
 * `u ↦ Jᵀu` is linear in u, so its own vjp is J.
 *
 * @example
 * const [, tangent] = jvp((x: Tensor) => x.square(), tensor([1, 2]), tensor([1, 1]));
 * tangent.toString(); // Tensor(float32, [2]) [2, 4]
 */
export function jvp(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor): [Tensor, Tensor] {
  const mark = openScope();
  try {
    const value = f(x);
    const transposed = (u: Tensor): Tensor => grad((p: Tensor) => f(p).mul(u).sum())(x);
    const tangent = grad((u: Tensor) => transposed(u).mul(v).sum())(zerosLike(value));
    return keep([value, tangent]);
  } finally {
    closeScope(mark);
  }
}

/**
 * All partial derivatives: shape of the value followed by the shape of x.
 *
 * @example
 * jacobian((x: Tensor) => x.square())(tensor([1, 2])).toArray(); // [[2,0],[0,4]]
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => {
    const mark = openScope();
    const back = vjp(f, x);
    try {
      const { shape, size } = back.value;
      const options = { dtype: back.value.dtype, device: back.value.device } as const;
      const basis = eye(size, size, options);
      const rows = Array.from(
        { length: size },
        (_, i) => back.pull(reshape(basis.slice([i]), shape)) as Tensor,
      );
      if (size === 0) return keep(zerosLike(reshape(back.value, [...shape, ...x.shape])));
      return keep(reshape(stack(rows), [...shape, ...x.shape]));
    } finally {
      back.dispose();
      closeScope(mark);
    }
  };
}

/**
 * All second derivatives of a single number: shape of x twice.
 *
 * @example
 * hessian((x: Tensor) => x.square().sum())(tensor([1, 2])).toArray(); // [[2,0],[0,2]]
 */
export function hessian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return jacobian((x) => grad(f)(x));
}
