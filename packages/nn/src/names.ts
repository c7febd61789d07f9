/** @file Names in trees: the paths of tensors, and trees rebuilt with other tensors. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { mapTree, visitTree } from "@isograd/tensor/engine";

/** `"a.b"`, or `"b"` at the root. */
export function join(prefix: string, key: string): string {
  return prefix === "" ? key : `${prefix}.${key}`;
}

/** The first eight names, for messages. */
export function listed(names: readonly string[]): string {
  return names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
}

/** A tensor, or arrays, maps and objects of tensors. */
export type TensorTree =
  | Tensor
  | readonly TensorTree[]
  | ReadonlyMap<unknown, TensorTree>
  | { readonly [name: string]: TensorTree | undefined };

/** A map that accepts each name once. */
export function namedOnce<T>(op: string, what: string) {
  const found = new Map<string, T>();
  const add = (name: string, x: T): void => {
    if (found.has(name)) {
      throw new UsageError(
        op,
        `two ${what} of the tree have the name "${name}"`,
        "dots in a name separate levels: rename one of the keys",
      );
    }
    found.set(name, x);
  };
  return { found, add };
}

/**
 * The tensors of a tree by their paths: `{ a: [x, y] }` gives `a.0` and `a.1`; a single tensor has
 * the name `""`. Tensors inside modules are not listed.
 */
export function namedTensors(tree: unknown, op = "tree"): Map<string, Tensor> {
  const { found, add } = namedOnce<Tensor>(op, "tensors");
  const module = (): void => undefined;
  visitTree(tree, (x, path) => add(path.toString(), x), { op, module });
  return found;
}

/**
 * A tree of the same structure with every tensor replaced by `change(tensor, name)`; modules stay
 * as they are.
 */
export function mapTensors<T>(tree: T, change: (tensor: Tensor, name: string) => Tensor): T {
  return mapTree(tree, (x, path) => change(x, path.toString())) as T;
}
