/** @file Rows of a batch, by number, out of trees of tensors and back into them. */
import { concat, ShapeError, Tensor, take, tensor, UsageError } from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";

/** Plain objects are walked into; instances of classes are handed on as they are. */
function isBranch(tree: unknown): tree is Record<string, unknown> {
  if (typeof tree !== "object" || tree === null) return false;
  const prototype = Object.getPrototypeOf(tree);
  return prototype === Object.prototype || prototype === null;
}

/** The same tree with `change` applied to its tensors. */
function mapTree(tree: unknown, change: (x: Tensor) => Tensor): unknown {
  if (tree instanceof Tensor) return change(tree);
  if (Array.isArray(tree)) return tree.map((value) => mapTree(value, change));
  if (!isBranch(tree)) return tree;
  const entries = Object.entries(tree).map(([key, value]) => [key, mapTree(value, change)]);
  return Object.fromEntries(entries);
}

const indices = (rows: readonly number[], { device }: Tensor) =>
  tensor(Int32Array.from(rows), { device });

/**
 * Some rows of every tensor in a tree.
 *
 * @throws ShapeError for a tensor that does not have `count` rows.
 */
export function pickRows<T>(tree: T, rows: readonly number[], count: number): T {
  return mapTree(tree, (x) => {
    if (x.shape[0] === count) return take(x, indices(rows, x));
    throw new ShapeError(
      "forwardMixed",
      `a tensor of shape ${formatShape(x.shape)} among the inputs does not have ${count} rows`,
      "each sample needs one name, and one row in every tensor",
    );
  }) as T;
}

/** Results for groups of rows, put together in the order of the rows. */
export function joinRows<T>(results: readonly T[], groups: readonly (readonly number[])[]): T {
  const order = groups.flat();
  const places = new Array<number>(order.length);
  order.forEach((row, place) => {
    places[row] = place;
  });
  const join = (parts: readonly unknown[]): unknown => {
    const [first] = parts;
    if (first instanceof Tensor) return take(concat(parts as Tensor[]), indices(places, first));
    if (Array.isArray(first))
      return first.map((_, i) => join(parts.map((p) => (p as unknown[])[i])));
    if (!isBranch(first)) throw new UsageError("forwardMixed", `the model returns ${typeof first}`);
    const keys = Object.keys(first);
    const entries = keys.map((key) => [key, join(parts.map((p) => (p as typeof first)[key]))]);
    return Object.fromEntries(entries);
  };
  return join(results) as T;
}
