/** @file Products with the Jacobian, as the transpose of a transpose: ops have no forward rules. */
import { add, arange, dispose, keep, onesLike, scope, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  dropNode,
  expectFunction,
  expectTensor,
  openScope,
} from "@isograd/tensor/engine";
import { tracked } from "../tape/alone.js";
import { fitting } from "../tape/fitting.js";
import { records } from "../tape/modes.js";
import { collectNodes } from "../tape/record.js";
import { type GradOf, leavesLike, leavesOf, withLeaves } from "../tree.js";
import { checkValue, freed, needsGraph, pullBack, recorded, trackLeaves } from "./region.js";

/** The value of a function and its derivative there, as a linear map. */
export interface Pushforward<P> {
  readonly value: Tensor;
  /** `v ↦ J v`, of the shape of the value; may be called again, and differentiated by v. */
  push(tangent: GradOf<P>): Tensor;
  /** Frees the graph. */
  dispose(): void;
}

/** Different numbers near 0: rules may branch on cotangents that are 0, or that are equal. */
function someLike({ shape, size, dtype, device }: Tensor): Tensor {
  const parts = arange(1, size + 1, 1, { dtype, device })
    .mul((Math.sqrt(5) - 1) / 2)
    .mod(1);
  return parts
    .add(1)
    .mul(2 ** -20)
    .reshape(shape);
}

/**
 * The value of `f` at `params` and the map `v ↦ Jv`. The backward walk `u ↦ Jᵀu` is linear in u; it
 * is recorded once, and each product with J is a walk back over that record.
 *
 * @throws GradientError when a tangent does not have the shapes of the parameters.
 * @example
 * const map = linearize((x: Tensor) => x.square(), tensor([1, 2]));
 * map.push(tensor([1, 10])).toString(); // Tensor(float32, [2]) [2, 40]
 */
export function linearize<P>(f: (params: P) => Tensor, params: P): Pushforward<P> {
  expectFunction("linearize", f, "write linearize((x) => …, x)");
  const mark = openScope();
  try {
    const outer = needsGraph();
    const leaves = trackLeaves("linearize", leavesOf("linearize", params));
    const [traced, made] = collectNodes(() =>
      recorded("linearize", leaves, () => withLeaves(params, leaves, f)),
    );
    checkValue("linearize", traced);
    const u = trackLeaves("linearize", [someLike(traced)])[0] as Tensor;
    const options = { createGraph: true, retainGraph: outer };
    // Jᵀu, a function of u (and, for outer derivatives, of the parameters)
    const [rows, more] = collectNodes(() =>
      recorded("linearize", [], () => pullBack(traced, u, leaves, options)),
    );
    const nodes = outer ? [...made, ...more] : more;
    // A walk of an outer transform may pass before the last push.
    for (const node of nodes) node.pin();
    const own = { u: u.alias(), rows: rows.map((x) => x.alias()) };
    const value = traced.alias(true);
    if (!outer) dropNode(value);
    keep(value);
    return {
      value,
      push(tangent) {
        if (own.u.disposed) throw freed("linearize", "push");
        const tangents = leavesLike("jvp", params, tangent);
        for (const x of tangents) expectTensor("jvp", x);
        return pushed(own, tangents);
      },
      dispose() {
        dispose(own.u);
        for (const x of own.rows) dispose(x);
        for (const node of nodes.splice(0)) node.unpin();
      },
    };
  } finally {
    closeScope(mark);
  }
}

interface LinearMap {
  readonly u: Tensor;
  readonly rows: readonly Tensor[];
}

/** `∂⟨Jᵀu, v⟩/∂u = J v`. */
function pushed({ u, rows }: LinearMap, given: readonly Tensor[]): Tensor {
  const mark = openScope();
  try {
    const tangents = rows.map((row, i) => fitting("jvp", "tangent", given[i] as Tensor, row));
    const createGraph = needsGraph() || (tangents.some((v) => tracked(v)) && records());
    const options = { createGraph, retainGraph: true };
    const [row, tangent] = [rows[0] as Tensor, tangents[0] as Tensor];
    if (rows.length === 1) return keep(pullBack(row, tangent, [u], options)[0] as Tensor);
    const products = () => rows.map((x, i) => x.mul(tangents[i] as Tensor).sum());
    const dot = recorded("jvp", [], () => products().reduce((a, b) => add(a, b)));
    return keep(pullBack(dot, onesLike(dot), [u], options)[0] as Tensor);
  } finally {
    closeScope(mark);
  }
}

/**
 * The value of `f` at `x` and its derivative in the direction `v`: `J v`. `x` may be a tree; `v`
 * has its form.
 *
 * @throws GradientError when v does not have the shapes of x.
 * @example
 * const [, tangent] = jvp((x: Tensor) => x.square(), tensor([1, 2]), tensor([1, 1]));
 * tangent.toString(); // Tensor(float32, [2]) [2, 4]
 */
export function jvp<P = Tensor>(f: (x: P) => Tensor, x: P, v: GradOf<P>): [Tensor, Tensor] {
  expectFunction("jvp", f, "write jvp((x) => …, x, v)");
  return scope((): [Tensor, Tensor] => {
    const map = linearize(f, x);
    try {
      return [map.value, map.push(v)];
    } finally {
      map.dispose();
    }
  });
}
