/** @file Matrices of derivatives: the Jacobian, the Hessian, and the Hessian times a vector. */
import {
  add,
  eye,
  keep,
  reshape,
  stack,
  Tensor,
  UsageError,
  zeros,
  zerosLike,
} from "@isograd/tensor";
import { closeScope, expectFunction, given, openScope, Past, shown } from "@isograd/tensor/engine";
import { fitting } from "../tape/fitting.js";
import { type GradOf, leavesLike, leavesOf, rebuild, replaced } from "../tree.js";
import { grad } from "./grad.js";
import { linearize } from "./linearize.js";
import { expectAlone } from "./region.js";
import { vjp } from "./vjp.js";

/** How a Jacobian is computed; the result does not depend on it. */
export interface JacobianOptions {
  /**
   * "reverse": one walk for each element of the value; "forward": one for each element of x.
   * Default: "reverse".
   */
  readonly mode?: "reverse" | "forward" | undefined;
}

/** Second derivatives: for each tensor of the parameters, a tree like the parameters. */
export type HessianOf<P> = Crossed<GradOf<P>, GradOf<P>>;

type Crossed<T, R> = T extends Tensor
  ? R
  : T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Crossed<V, R>>
    : { -readonly [K in keyof T]: Crossed<T[K], R> };

/** All tensors of a shape with one 1 and zeros elsewhere. */
function units(like: Tensor): Tensor[] {
  const { dtype, device, size, shape } = like;
  if (dtype !== "float32" && dtype !== "float64") return [];
  const rows = eye(size, size, { dtype, device });
  return Array.from({ length: size }, (_, i) => reshape(rows.slice([i]), shape));
}

/** Tensors of one shape, stacked along a new axis; zeros if there are none. */
function stacked(parts: readonly Tensor[], shape: readonly number[], axis: number, like: Tensor) {
  if (parts.length > 0) return reshape(stack(parts, { axis }), shape);
  return zeros(shape, { dtype: like.dtype, device: like.device });
}

/**
 * All partial derivatives: for each tensor of x, a tensor whose shape is that of the value followed
 * by that of the tensor. Forward mode is cheaper if x has fewer elements than the value.
 *
 * @example
 * jacobian((x: Tensor) => x.square())(tensor([1, 2])).toArray(); // [[2,0],[0,4]]
 * jacobian((x: Tensor) => x.square(), { mode: "forward" })(tensor([3])).toArray(); // [[6]]
 */
export function jacobian<P = Tensor>(
  f: (x: P) => Tensor,
  options?: JacobianOptions,
): (x: P) => GradOf<P> {
  expectAlone("jacobian", f, options);
  const { mode = "reverse" } = given("jacobian", options, "mode");
  if (mode !== "forward" && mode !== "reverse") {
    throw new UsageError("jacobian", `there is no mode ${shown(mode)}`, "reverse or forward");
  }
  const build = mode === "forward" ? byColumns : byRows;
  return (x) => {
    const mark = openScope();
    try {
      const parts = build(f, x);
      return keep(rebuild(x, parts));
    } finally {
      closeScope(mark);
    }
  };
}

function byRows<P>(f: (x: P) => Tensor, x: P): Tensor[] {
  const back = vjp(f, x);
  try {
    const { shape } = back.value;
    const rows = units(back.value).map((u) => leavesLike("jacobian", x, back.pull(u)));
    return leavesOf("jacobian", x).map((leaf, k) => {
      const own = rows.map((row) => row[k] as Tensor);
      return stacked(own, [...shape, ...leaf.shape], 0, leaf);
    });
  } finally {
    back.dispose();
  }
}

function byColumns<P>(f: (x: P) => Tensor, x: P): Tensor[] {
  const map = linearize(f, x);
  try {
    const leaves = leavesOf("jacobian", x);
    const none = leaves.map((leaf) => zerosLike(leaf));
    return leaves.map((leaf, k) => {
      const columns = units(leaf).map((unit) =>
        map.push(
          rebuild(
            x,
            none.map((zero, i) => (i === k ? unit : zero)),
          ),
        ),
      );
      const { shape } = map.value;
      return stacked(columns, [...shape, ...leaf.shape], shape.length, map.value);
    });
  } finally {
    map.dispose();
  }
}

/**
 * All second derivatives of a single number. For a tensor the shape is that of the tensor twice;
 * for a tree it is a tree of trees, and `h.a.b` has the shape of a followed by that of b. `f` runs
 * once for each tensor, with the same random numbers; running statistics move once.
 *
 * @example
 * hessian((x: Tensor) => x.square().sum())(tensor([1, 2])).toArray(); // [[2,0],[0,2]]
 */
export function hessian<P = Tensor>(f: (x: P) => Tensor): (x: P) => HessianOf<P>;
export function hessian<P = Tensor>(f: (x: P) => Tensor, second?: unknown): (x: P) => HessianOf<P> {
  expectAlone("hessian", f, second);
  const gradient = grad(f);
  return (x) => {
    if (x instanceof Tensor) return jacobian((y: P) => gradient(y) as Tensor)(x) as HessianOf<P>;
    const start = new Past();
    try {
      const rows = leavesOf("hessian", x).map((_, k) => {
        const row = jacobian((y: P) => leavesLike("hessian", y, gradient(y))[k] as Tensor);
        const run = () => row(x);
        return k === 0 ? start.first(run) : start.revisit(run);
      });
      return replaced(x, rows) as HessianOf<P>;
    } finally {
      start.close();
    }
  };
}

/**
 * The product of the Hessian of `f` at `x` with `v`, without the Hessian: the gradient of
 * `⟨∇f, v⟩`, at the cost of about two gradients. `x` may be a tree; `v` and the result have its
 * form.
 *
 * @throws GradientError when f does not return a single float, or v does not have the shapes of x.
 * @example
 * const f = (x: Tensor) => x.pow(3).sum();
 * hvp(f, tensor([1, 2]), tensor([1, 1])).toString(); // Tensor(float32, [2]) [6, 12]
 */
export function hvp<P = Tensor>(f: (x: P) => Tensor, x: P, v: GradOf<P>): GradOf<P> {
  expectFunction("hvp", f, "write hvp((x) => …, x, v)");
  const tangents = leavesLike("hvp", x, v);
  const gradient = grad(f);
  const along = (y: P): Tensor =>
    leavesLike("hvp", y, gradient(y))
      .map((g, i) => g.mul(fitting("hvp", "tangent", tangents[i] as Tensor, g)).sum())
      .reduce((a, b) => add(a, b));
  return grad(along)(x);
}
