/** @file Functions of trees with a derivative of your own: by its transpose (vjp) or by tangents (jvp). */
import { dispose, keep, scope, type Tensor, zerosLike } from "@isograd/tensor";
import { apply, defineOp, isFloat } from "@isograd/tensor/engine";
import { setRule } from "../rules/lookup.js";
import { fromBoth } from "../rules/rule.js";
import { unrecorded } from "../tape.js";
import { type GradOf, leavesLike, rebuild, tensorsOf, withLeaves } from "../tree.js";
import { grad } from "./grad.js";

/** What a derivative sees of one call. */
export interface Called<A extends readonly unknown[]> {
  readonly args: A;
  readonly out: Tensor;
}

/** For each argument, a tree of its form; or null, where none is needed. */
export type PerArgument<A extends readonly unknown[]> = {
  readonly [K in keyof A]: GradOf<A[K]> | null;
};

/**
 * `f` with a derivative of your own: `backward({ args, out }, g)` gives for each argument (tensors, trees, modules)
 * the cotangent that g becomes, `Jᵀg`, or null. `f` itself is not differentiated; `backward` is, for higher orders.
 *
 * @throws GradientError in the backward pass when a cotangent is not shaped like its argument.
 * @example
 * const clipped = customVjp(
 *   (x: Tensor, limit: number) => x.mul(1),
 *   ({ args: [, limit] }, g) => [g.clip({ min: -limit, max: limit }), null],
 * );
 * grad((x: Tensor) => clipped(x, 1).mul(5).sum())(tensor([2])).toString(); // Tensor(float32, [1]) [1]
 */
export function customVjp<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  backward: (called: Called<A>, g: Tensor) => PerArgument<A>,
): (...args: A) => Tensor {
  return (...args) => {
    const inputs = tensorsOf(args);
    if (inputs.length === 0) return f(...args);
    const value = scope(() => unrecorded(() => f(...args)));
    const made = defineOp<readonly Tensor[]>({
      name: f.name || "customVjp",
      infer: () => ({ shape: value.shape, dtype: value.dtype }),
      compose: (xs) =>
        xs.every((x, i) => x === inputs[i]) ? value : withLeaves(args, xs, (own) => f(...own)),
    });
    const rule = fromBoth<readonly Tensor[], undefined>(({ inputs: xs, out }) => {
      let known: readonly (Tensor | null)[] | null = null;
      const cotangents = (g: Tensor) => {
        known ??= withLeaves(args, xs, (own) => flat(own, backward({ args: own, out }, g)));
        return known;
      };
      return xs.map((_, i) => (g: Tensor) => cotangents(g)[i] ?? null);
    });
    setRule(made, rule);
    try {
      return apply(made, inputs, undefined);
    } finally {
      dispose(value);
    }
  };
}

/** The tensors of each argument's tree; nulls for an argument that has none. */
function flat(args: readonly unknown[], given: readonly unknown[]): (Tensor | null)[] {
  return args.flatMap((arg, i) => {
    if (given[i] !== null && given[i] !== undefined) return leavesLike("customVjp", arg, given[i]);
    return tensorsOf(arg).map(() => null);
  });
}

/**
 * `f` with a derivative of your own, given as it acts on tangents: `tangent({ args, out }, v)` is `J v`, linear in v,
 * where v has a tree for each argument (null for arguments that are not made of floats). Its transpose, which
 * gradients need, is found by differentiating it.
 *
 * @example
 * const softStep = customJvp(
 *   (x: Tensor) => x.sign(),
 *   ({ args: [x] }, [v]) => (v as Tensor).mul(x.tanh().square().neg().add(1)), // that of tanh
 * );
 * grad((x: Tensor) => softStep(x).sum())(tensor([0])).toString(); // Tensor(float32, [1]) [1]
 */
export function customJvp<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  tangent: (called: Called<A>, v: PerArgument<A>) => Tensor,
): (...args: A) => Tensor {
  // ∂⟨J v, g⟩/∂v = Jᵀg, the same at every v
  return customVjp(f, (called, g) => {
    const zero = called.args.map((arg) => {
      const leaves = tensorsOf(arg);
      const smooth = leaves.length > 0 && leaves.every((x) => isFloat(x.dtype));
      return smooth ? rebuild(arg, leaves.map(zerosLike as (x: Tensor) => Tensor)) : null;
    });
    const dot = (v: PerArgument<A>) => tangent(called, v).mul(g).sum();
    return keep(grad(dot, { createGraph: true })(zero as never)) as PerArgument<A>;
  });
}
