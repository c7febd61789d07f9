/**
 * @file The transforms that an equivariant function must follow: the changed input, and the
 * expected output.
 */
import { concat, type Rng, type Tensor, take, tensor } from "@isograd/tensor";
import { compose, identity, type Matrix } from "../geometry/matrix.js";
import { randomRotation } from "../geometry/rotations.js";
import { type Described, type Kind, mapParts, turned } from "./sample.js";

/**
 * - `translation`: all points move by one vector;
 * - `rotation`: a random rotation of space;
 * - `gridRotation`: a rotation that maps the model's grid onto itself;
 * - `reflection`: a random rotation followed by x ↦ −x, in the plane by x₁ ↦ −x₁;
 * - `permutation`: nodes, and edges of a list, in another order;
 * - `batching`: each graph alone gives the same result as in the batch.
 */
export type TransformName =
  | "translation"
  | "rotation"
  | "gridRotation"
  | "reflection"
  | "permutation"
  | "batching";

/** A function from samples to tensors by name. */
export type Evaluate<S extends object> = (sample: S) => ReadonlyMap<string, Tensor>;

/** One trial: pairs of outputs that should be equal, by name. */
export type Compared = ReadonlyMap<string, readonly [got: Tensor, expected: Tensor]>;

/** What a trial needs. */
export interface Trial<S extends object> {
  readonly evaluate: Evaluate<S>;
  readonly sample: S;
  readonly described: Described;
  readonly kindOf: (output: string) => Kind;
  /** Whether outputs belong to nodes. */
  readonly perNode: boolean;
  readonly rng: Rng;
  /** Rotations of the grid other than the identity. */
  readonly gridRotations: readonly Matrix[];
}

/** A motion `x ↦ R x + t` of the input; outputs must change by their kind. */
function moved<S extends object>(
  trial: Trial<S>,
  rotation: Matrix,
  shift: readonly number[] | null,
): Compared {
  const move = (x: Tensor, kind: Kind): Tensor => {
    if (kind === "vector") return turned(x, rotation);
    if (kind !== "point") return x;
    const now = turned(x, rotation);
    return shift ? now.add(tensor([...shift], { dtype: x.dtype, device: x.device })) : now;
  };
  const before = trial.evaluate(trial.sample);
  const after = trial.evaluate(mapParts(trial.sample, trial.described, move));
  return paired(after, (name) => move(before.get(name) as Tensor, trial.kindOf(name)));
}

function paired(got: ReadonlyMap<string, Tensor>, expected: (name: string) => Tensor): Compared {
  return new Map([...got].map(([name, x]) => [name, [x, expected(name)] as const]));
}

function permuted<S extends object>(trial: Trial<S>): Compared {
  const { evaluate, sample, described, rng, perNode } = trial;
  const { dense, nodes } = described;
  const order = rng.permutation(nodes);
  const inverse = new Int32Array(nodes);
  order.dataSync().forEach((from, to) => {
    inverse[from] = to;
  });
  const edges = (sample as { source?: Tensor }).source;
  const edgeOrder = edges && rng.permutation(edges.size);
  const axis = dense ? 1 : 0;
  const reorder = (x: Tensor, kind: Kind): Tensor => {
    if (kind === "node") return take(take(tensor(inverse), x), edgeOrder as Tensor);
    if (kind !== "edge") return take(x, order, { axis });
    if (edgeOrder) return take(x, edgeOrder);
    return take(take(x, order, { axis: 1 }), order, { axis: 2 });
  };
  const before = evaluate(sample);
  const after = evaluate(mapParts(sample, described, reorder));
  return paired(after, (name) => {
    const y = before.get(name) as Tensor;
    return perNode ? take(y, order, { axis }) : y;
  });
}

/** The results of single graphs, joined to a batch. */
function unbatched<S extends object>(trial: Trial<S>): Compared {
  const { evaluate, sample, described } = trial;
  const apart = Array.from({ length: described.graphs }, (_, g) => evaluate(oneGraph(trial, g)));
  const whole = evaluate(sample);
  return paired(whole, (name) => {
    const parts = apart.map((outputs) => outputs.get(name) as Tensor);
    return concat(parts, { axis: 0 });
  });
}

function oneGraph<S extends object>({ sample, described }: Trial<S>, g: number): S {
  if (described.dense) {
    const only = tensor([g], { dtype: "int32" });
    return mapParts(sample, described, (x) => take(x, only));
  }
  const { graph, source } = sample as { graph: Tensor; source: Tensor };
  const [owner, from] = [graph.dataSync(), source.dataSync()];
  const nodes = places(owner, (of) => of === g);
  const edges = places(from, (node) => owner[node] === g);
  const renumbered = new Int32Array(owner.length);
  nodes.forEach((node, i) => {
    renumbered[node] = i;
  });
  const cut = mapParts(sample, described, (x, kind) => {
    if (kind === "node") return take(tensor(renumbered), take(x, tensor(edges)));
    if (kind === "edge") return take(x, tensor(edges));
    return kind === "graph" ? take(x, tensor(nodes)).mul(0) : take(x, tensor(nodes));
  });
  return { ...cut, graphs: 1 };
}

function places(values: ArrayLike<number>, pass: (value: number) => boolean): Int32Array {
  return Int32Array.from(Array.from(values, (v, i) => (pass(v) ? i : -1)).filter((i) => i >= 0));
}

/** x ↦ −x in space; in the plane, where that is a rotation, x₁ ↦ −x₁. */
const mirrors: Readonly<Record<2 | 3, Matrix>> = {
  2: [
    [-1, 0],
    [0, 1],
  ],
  3: [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, -1],
  ],
};

/** One trial of each transform; null when it does not apply to the sample or the model. */
export const transforms: Readonly<
  Record<TransformName, <S extends object>(trial: Trial<S>) => Compared | null>
> = {
  translation: (trial) => {
    const { dim } = trial.described;
    const shift = Array.from({ length: dim }, () => 4 * trial.rng.next() - 2);
    return moved(trial, identity(dim), shift);
  },
  rotation: (trial) => moved(trial, randomRotation(trial.rng, trial.described.dim), null),
  gridRotation: (trial) => {
    const { gridRotations: known, rng } = trial;
    if (known.length === 0) return null;
    return moved(trial, known[rng.nextInt(known.length)] as Matrix, null);
  },
  reflection: (trial) => {
    const { dim } = trial.described;
    return moved(trial, compose(mirrors[dim], randomRotation(trial.rng, dim)), null);
  },
  permutation: permuted,
  batching: (trial) => (trial.described.graphs > 1 ? unbatched(trial) : null),
};
