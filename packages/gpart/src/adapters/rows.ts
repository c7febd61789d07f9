/**
 * @file Picks rows of a batch from trees of tensors, and joins the results in the order of the
 * rows.
 */
import { concat, ShapeError, Tensor, take, tensor, UsageError } from "@isograd/tensor";
import {
  childAt,
  childrenOf,
  formatShape,
  mapTree,
  type Path,
  rebuiltFrom,
  shown,
} from "@isograd/tensor/engine";

const indices = (rows: readonly number[], { device }: Tensor) =>
  tensor(Int32Array.from(rows), { device });

/**
 * The given rows of every tensor in a tree.
 *
 * @throws ShapeError for a tensor that does not have `count` rows.
 */
export function pickRows<T>(tree: T, rows: readonly number[], count: number): T {
  const pick = (x: Tensor, path: Path): Tensor => {
    if (x.shape[0] === count) return take(x, indices(rows, x));
    const shape = formatShape(x.shape);
    throw new ShapeError(
      "forwardMixed",
      `a tensor of shape ${shape} among the inputs (${path}) does not have ${count} rows`,
      "each sample needs one name, and one row in every tensor",
    );
  };
  return mapTree(tree, pick, { op: "forwardMixed" }) as T;
}

/** Joins results for groups of rows in the order of the rows. */
export function joinRows<T>(results: readonly T[], groups: readonly (readonly number[])[]): T {
  const order = groups.flat();
  const places = new Array<number>(order.length);
  order.forEach((row, place) => {
    places[row] = place;
  });
  const join = (parts: readonly unknown[]): unknown => {
    const [first] = parts;
    if (first instanceof Tensor) return take(concat(parts as Tensor[]), indices(places, first));
    if (typeof first !== "object" || first === null) {
      const help =
        "return a tensor, or arrays and objects of tensors: numbers do not tell their rows";
      throw new UsageError("forwardMixed", `the model returns ${shown(first)}`, help);
    }
    const { keys, values } = childrenOf(first);
    const joined = values.map((_, i) => {
      const key = keys === null ? i : keys[i];
      return join(parts.map((part) => childAt(part, key)));
    });
    return rebuiltFrom(first, keys, joined);
  };
  return join(results) as T;
}
