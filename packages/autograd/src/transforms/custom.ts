/** @file Functions of trees with your own derivative: as a vjp or as a jvp. */
import {
  dispose,
  GradientError,
  keep,
  scope,
  Tensor,
  UsageError,
  zerosLike,
} from "@isograd/tensor";
import {
  apply,
  defineOp,
  expectSync,
  expectTensor,
  formatShape,
  isFloat,
  kindOf,
  shapesEqual,
} from "@isograd/tensor/engine";
import { type Ready, ready } from "../batching/ready.js";
import { setRule } from "../rules/lookup.js";
import { fromBoth } from "../rules/rule.js";
import { alone, constant } from "../tape/alone.js";
import { records } from "../tape/modes.js";
import { cotangentsLike, type GradOf, replaced, tensorsOf, withLeaves } from "../tree.js";
import { grad } from "./grad.js";
import { checkValue } from "./region.js";

/** What a derivative sees of one call. */
export interface Called<A extends readonly unknown[]> {
  readonly args: A;
  readonly out: Tensor;
}

/** For each argument a tree of the same form, or null for no gradient. */
export type PerArgument<A extends readonly unknown[]> = {
  readonly [K in keyof A]: GradOf<A[K]> | null;
};

/**
 * `f` with your own derivative: `backward({ args, out }, g)` gives, for each argument (tensors,
 * trees, modules), the cotangent `Jᵀg` or null. `f` itself is not differentiated. Higher
 * derivatives differentiate `backward`, also by other tensors that it reads.
 *
 * @throws GradientError when f reads or returns a tracked tensor that is no argument; in the
 * backward pass when there is not one cotangent for each argument, or one does not have the shape
 * of its argument.
 * @example
 * const clipped = customVjp(
 *   (x: Tensor, limit: number) => x.mul(1),
 *   ({ args: [, limit] }, g) => [g.clip({ min: -limit, max: limit }), null],
 * );
 * const slope = grad((x: Tensor) => clipped(x, 1).mul(5).sum());
 * slope(tensor([2])).toString(); // Tensor(float32, [1]) [1]
 */
export function customVjp<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  backward: (called: Called<A>, g: Tensor) => PerArgument<A>,
): (...args: A) => Tensor {
  expectFunctions("customVjp", { f, backward });
  return withDerivative(f.name || "customVjp", f, backward);
}

function expectFunctions(op: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") continue;
    throw new UsageError(op, `${name} is ${kindOf(value)}`, "give a function and its derivative");
  }
}

/** One call: its arguments and its value, which is known before the op runs. */
interface CustomCall<A> extends Ready {
  readonly args: A;
  readonly [ready]: Tensor;
}

function withDerivative<A extends readonly unknown[]>(
  name: string,
  f: (...args: A) => Tensor,
  backward: (called: Called<A>, g: Tensor) => PerArgument<A>,
): (...args: A) => Tensor {
  const op = defineOp<readonly Tensor[], CustomCall<A>>({
    name,
    infer: (_, { [ready]: value }) => ({ shape: value.shape, dtype: value.dtype }),
    compose: (_, call) => call[ready],
  });
  const rule = fromBoth<readonly Tensor[], CustomCall<A>>(({ inputs: xs, out, attrs }) => {
    let known: readonly (Tensor | null)[] | null = null;
    const cotangents = (g: Tensor) => {
      known ??= withLeaves(attrs.args, xs, (own) =>
        perTensor(name, own, settled(name, backward({ args: own, out }, g))),
      );
      return known;
    };
    return xs.map((_, i) => (g: Tensor) => cotangents(g)[i] ?? null);
  });
  setRule(op, rule);
  return (...args) => {
    const inputs = tensorsOf(args, name);
    for (const x of inputs) expectTensor(name, x);
    const value = scope(() => {
      const made = alone(name, inputs, (xs) => withLeaves(args, xs, (own) => f(...own)));
      checkValue(name, made);
      return constant(made); // a handle of its own: f may return an argument or a kept tensor
    });
    if (inputs.length === 0) return value;
    try {
      return apply(op, inputs, { args, [ready]: value });
    } finally {
      dispose(value);
    }
  };
}

function settled<T>(op: string, result: T): T {
  expectSync(op, result, "a derivative is made of ops, which are synchronous");
  return result;
}

/** The given cotangents as a list, one for each tensor of the arguments. */
function perTensor(
  op: string,
  args: readonly unknown[],
  given: readonly unknown[],
): (Tensor | null)[] {
  const fits =
    Array.isArray(given) &&
    given.length >= args.length &&
    given.slice(args.length).every((g) => g === null || g === undefined);
  if (!fits) {
    const count = Array.isArray(given) ? `${given.length} cotangents` : kindOf(given);
    const call = args.length === 1 ? "1 argument" : `${args.length} arguments`;
    throw new GradientError(
      op,
      `the backward gives ${count} for a call of ${call}`,
      "return an array: for each argument its cotangent, or null",
    );
  }
  return args.flatMap((arg, i) => cotangentsLike(op, arg, given[i], i));
}

/**
 * `f` with your own derivative, as it acts on tangents: `tangent({ args, out }, v)` is `J v`,
 * linear in v, and v has a tree for each argument (null for an argument without floats). Gradients
 * need its transpose, which they get by differentiating it.
 *
 * @throws GradientError like customVjp, and when a tangent does not have the shape of the value.
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
  expectFunctions("customJvp", { f, tangent });
  const name = f.name || "customJvp";
  // ∂⟨J v, g⟩/∂v = Jᵀg at every v, so also at v = 0
  return withDerivative(name, f, (called, g) => {
    const zero: readonly unknown[] = called.args.map((arg) => {
      const leaves = tensorsOf(arg);
      if (!leaves.some((x) => isFloat(x.dtype))) return null;
      return replaced(
        arg,
        leaves.map((x) => (isFloat(x.dtype) ? zerosLike(x) : null)),
      );
    });
    const dot = (v: PerArgument<A>) => {
      const along = settled(name, tangent(called, v));
      checkTangent(name, along, called.out);
      return along.mul(g).sum();
    };
    const options = { createGraph: records() };
    return keep(grad(dot, options)(zero as PerArgument<A>)) as PerArgument<A>;
  });
}

function checkTangent(op: string, along: unknown, out: Tensor): void {
  if (along instanceof Tensor && isFloat(along.dtype) && shapesEqual(along.shape, out.shape))
    return;
  const found =
    along instanceof Tensor ? `${along.dtype} ${formatShape(along.shape)}` : kindOf(along);
  throw new GradientError(
    op,
    `the tangent gives ${found}, the value is ${out.dtype} ${formatShape(out.shape)}`,
    "return J v: a tensor of floats, of the shape of the value",
  );
}
