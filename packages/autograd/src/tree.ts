/** @file Trees of parameters: their leaves in a fixed order, and trees with other leaves. */
import { GradientError, Tensor } from "@isograd/tensor";
import {
  type Box,
  childAt,
  expectLive,
  formatShape,
  type HasParameters,
  isFloat,
  kindOf,
  mapTree,
  type Path,
  parameterBoxes,
  recordOf,
  shapesEqual,
  visitTree,
} from "@isograd/tensor/engine";

export { type Box, type HasParameters, parameterBoxes };

/**
 * The type of a gradient for parameters of type T: arrays, maps, sets and objects keep their form
 * and class, a module becomes the record of its parameters, and other values stay as they are.
 */
export type GradOf<T> = T extends Tensor
  ? Tensor
  : T extends HasParameters
    ? Record<string, Tensor>
    : T extends ((...args: never) => unknown) | ArrayBufferView
      ? T
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, GradOf<V>>
        : T extends ReadonlySet<infer V>
          ? Set<GradOf<V>>
          : T extends readonly unknown[]
            ? { -readonly [K in keyof T]: GradOf<T[K]> }
            : T extends object
              ? { -readonly [K in keyof T]: GradOf<T[K]> }
              : T;

/** All tensors of a tree, of any dtype, in the order of {@link leavesOf}. */
export function tensorsOf(tree: unknown, op?: string): Tensor[] {
  const found: Tensor[] = [];
  visitTree(tree, (x) => found.push(x), { op });
  return found;
}

/**
 * All tensors of a tree with their paths, such as `layers.0.w`, in the order of {@link leavesOf}.
 */
export function namedLeaves(tree: unknown): [name: string, x: Tensor][] {
  const found: [string, Tensor][] = [];
  visitTree(tree, (x, path) => found.push([path.toString(), x]), { knots: true });
  return found;
}

/** All float tensors of a tree in a fixed order: array order, key order, parameter order. */
export function leavesOf(op: string, tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  const see = (x: Tensor, path: Path): void => {
    expectLive(op, x, path);
    if (!isFloat(x.dtype)) {
      throw new GradientError(
        op,
        `the parameter${named(path)}, of shape ${formatShape(x.shape)}, is ${x.dtype}; ` +
          "only floats have gradients",
        "cast it, or pass it as a further argument",
      );
    }
    leaves.push(x);
  };
  visitTree(tree, see, { op });
  if (leaves.length === 0) {
    throw new GradientError(
      op,
      "there is no tensor to differentiate with respect to",
      "give a tensor, a module, or arrays, maps and objects of tensors",
    );
  }
  return leaves;
}

function named(path: Path): string {
  return path.keys.length === 0 ? "" : ` ${path}`;
}

/**
 * The leaves of `other`, in the order of the leaves of `tree`, matched by index and by name.
 *
 * @throws GradientError where one is missing or has another shape.
 */
export function leavesLike(op: string, tree: unknown, other: unknown): Tensor[] {
  const found: Tensor[] = [];
  const see = (x: Tensor, path: Path): void => {
    const match = path.keys.reduce(childAt, other);
    if (match instanceof Tensor && shapesEqual(match.shape, x.shape)) {
      found.push(match);
      return;
    }
    const got = match instanceof Tensor ? `shape ${formatShape(match.shape)}` : typeof match;
    throw new GradientError(
      op,
      `the tangent${path.keys.length === 0 ? "" : `.${path}`} is ${got}, ` +
        `the parameter has shape ${formatShape(x.shape)}`,
      "give a tensor for each parameter",
    );
  };
  visitTree(tree, see, { op });
  return found;
}

/**
 * For each tensor of `tree`, in the order of {@link tensorsOf}, its cotangent in `other`: null for
 * null, and for tensors that are not of floats. Errors name `argument`, the number of the argument.
 *
 * @throws GradientError where one is missing or has another shape.
 */
export function cotangentsLike(
  op: string,
  tree: unknown,
  other: unknown,
  argument: number,
): (Tensor | null)[] {
  const found: (Tensor | null)[] = [];
  const below = (at: unknown, key: unknown) => (at === null ? null : childAt(at, key));
  const see = (x: Tensor, path: Path): void => {
    const match = path.keys.reduce(below, other);
    if (match === null || !isFloat(x.dtype)) {
      found.push(null);
      return;
    }
    if (match instanceof Tensor && shapesEqual(match.shape, x.shape)) {
      found.push(match);
      return;
    }
    const place = path.keys.length === 0 ? argument : `${argument}.${path}`;
    const got = match instanceof Tensor ? `of shape ${formatShape(match.shape)}` : kindOf(match);
    throw new GradientError(
      op,
      `the cotangent of argument ${place} is ${got}; ` +
        `the argument has shape ${formatShape(x.shape)}`,
      "give a tensor of the shape of each argument, or null where there is no gradient",
    );
  };
  visitTree(tree, see, { op });
  return found;
}

/** Gives one leaf after the other. */
function supply<X>(leaves: readonly X[]): () => X {
  let next = 0;
  return () => leaves[next++] as X;
}

/**
 * A tree of the same form with other leaves: maps and objects keep their class, a module becomes
 * the record of its parameters.
 */
export function rebuild<T>(tree: T, leaves: readonly Tensor[]): GradOf<T> {
  return replaced(tree, leaves) as GradOf<T>;
}

/** {@link rebuild} with any values as leaves. */
export function replaced(tree: unknown, leaves: readonly unknown[]): unknown {
  if (tree instanceof Tensor) return leaves[0];
  const take = supply(leaves);
  const module = (x: HasParameters) =>
    recordOf([...x[parameterBoxes]().keys()].map((name) => [name, take()]));
  return mapTree(tree, take, { module });
}

/**
 * Runs `use` on the tree with other leaves: plain trees are rebuilt; modules get the new values in
 * their boxes, and the old ones back afterwards, also after an error.
 */
export function withLeaves<T, R>(tree: T, leaves: readonly Tensor[], use: (tree: T) => R): R {
  if (tree instanceof Tensor) return use(leaves[0] as T);
  const take = supply(leaves);
  const undo: (() => void)[] = [];
  const module = (x: HasParameters): HasParameters => {
    for (const box of x[parameterBoxes]().values()) {
      const old = box.value;
      box.value = take();
      undo.push(() => {
        box.value = old;
      });
    }
    return x;
  };
  try {
    return use(mapTree(tree, take, { module }) as T);
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) (undo[i] as () => void)();
  }
}
