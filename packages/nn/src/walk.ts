/** @file Names in trees: paths of tensors, parameters and modules inside arrays and objects. */
import type { Tensor } from "@isograd/tensor";

/** `"a.b"`, or `"b"` at the root. */
export function join(prefix: string, key: string): string {
  return prefix === "" ? key : `${prefix}.${key}`;
}

/** Plain arrays and objects are walked into; instances of classes are not. */
export function isPlain(value: unknown): value is Record<string, unknown> | readonly unknown[] {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A tensor, or arrays and objects of tensors. */
export type TensorTree =
  | Tensor
  | readonly TensorTree[]
  | { readonly [name: string]: TensorTree | undefined };

/**
 * The tensors of a tree by their paths: `{ a: [x, y] }` gives `a.0` and `a.1`; a tensor alone has
 * the name `""`.
 */
export function namedTensors(
  tree: unknown,
  prefix = "",
  into = new Map<string, Tensor>(),
): Map<string, Tensor> {
  if ((tree as { isTensor?: boolean } | null)?.isTensor === true) into.set(prefix, tree as Tensor);
  else if (isPlain(tree)) {
    for (const [key, value] of Object.entries(tree)) namedTensors(value, join(prefix, key), into);
  }
  return into;
}

/** A tree of the same form with every tensor replaced by `change(tensor, name)`. */
export function mapTensors<T>(
  tree: T,
  change: (tensor: Tensor, name: string) => Tensor,
  prefix = "",
): T {
  if ((tree as { isTensor?: boolean } | null)?.isTensor === true) {
    return change(tree as unknown as Tensor, prefix) as T;
  }
  if (Array.isArray(tree)) {
    return tree.map((value, i) => mapTensors(value, change, join(prefix, String(i)))) as T;
  }
  if (!isPlain(tree)) return tree;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree)) {
    out[key] = mapTensors(value, change, join(prefix, key));
  }
  return out as T;
}
