/**
 * @file Inputs and outputs of a function on point clouds, and their kinds: what turns and what
 * moves.
 */

import { matmul, type Rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { ownOf } from "@isograd/tensor/engine";
import { expectLengths, expectOneOf, expectParts, expectTensorOf, expectWhole } from "../expect.js";
import type { Matrix } from "../geometry/matrix.js";

/**
 * How a quantity changes under `x ↦ R x + t`: points turn and move, vectors turn, scalars stay the
 * same. All belong to nodes. An `edge` is a scalar of a pair, `node` and `graph` are indices, and a
 * `count` never changes.
 */
export type Kind = "point" | "vector" | "scalar" | "edge" | "node" | "graph" | "count";

export const allKinds: readonly Kind[] = [
  "point",
  "vector",
  "scalar",
  "edge",
  "node",
  "graph",
  "count",
];

/** Inputs by name. */
export type Sample = Readonly<Record<string, Tensor | number | undefined>>;

/** Kinds of inputs with common names. */
const usual: Readonly<Record<string, Kind>> = {
  positions: "point",
  vectors: "vector",
  velocities: "vector",
  scalars: "scalar",
  charges: "scalar",
  mask: "scalar",
  edges: "edge",
  source: "node",
  target: "node",
  graph: "graph",
  graphs: "count",
  cutoff: "count",
};

/**
 * A sample with the kinds of its parts, and its layout: complete graphs [b, n, …], or a list of
 * nodes [V, …].
 */
export interface Described {
  readonly parts: readonly { readonly name: string; readonly kind: Kind; readonly value: Tensor }[];
  readonly dense: boolean;
  /** Nodes of each graph in the dense layout, else of all graphs together. */
  readonly nodes: number;
  /** Number of graphs. */
  readonly graphs: number;
  /** Dimension of the space. */
  readonly dim: 2 | 3;
}

/** @throws UsageError for an input of unknown kind, or a sample without points. */
export function describe(sample: object, kinds: Readonly<Record<string, Kind>>): Described {
  const parts = Object.entries(sample as Sample).flatMap(([name, value]) => {
    const kind = ownOf(kinds, name) ?? ownOf(usual, name);
    if (value === undefined || kind === "count" || typeof value === "number") return [];
    if (kind !== undefined) {
      expectTensorOf("equivarianceError", name, value);
      return [{ name, kind, value }];
    }
    throw new UsageError(
      "equivarianceError",
      `it is not known how the input "${name}" turns`,
      `give its kind: { inputs: { ${name}: "scalar" } } (or "vector", "point", "edge")`,
    );
  });
  const points = parts.find((p) => p.kind === "point")?.value;
  if (points === undefined) {
    throw new UsageError("equivarianceError", "the sample has no points", "give positions");
  }
  const dense = points.shape.length === 3;
  const dim = points.shape.at(-1);
  if (dim !== 2 && dim !== 3) {
    throw new UsageError(
      "equivarianceError",
      `points of shape [${points.shape.join(", ")}] are neither of the plane nor of space`,
      "their last axis has length 2 or 3",
    );
  }
  const counted = (sample as { graphs?: number }).graphs ?? 1;
  return {
    parts,
    dense,
    nodes: points.shape[dense ? 1 : 0] as number,
    graphs: dense ? (points.shape[0] as number) : counted,
    dim,
  };
}

/** The sample with every tensor changed by its kind; other values stay as they are. */
export function mapParts<S extends object>(
  sample: S,
  described: Described,
  change: (value: Tensor, kind: Kind, name: string) => Tensor,
): S {
  const changed = described.parts.map(({ name, kind, value }) => [name, change(value, kind, name)]);
  return { ...sample, ...Object.fromEntries(changed) };
}

/** `x Rᵀ` on the last axis. */
export function turned(x: Tensor, rotation: Matrix): Tensor {
  return matmul(x, tensor(rotation, { dtype: x.dtype, device: x.device }).mT);
}

/** The most numbers of an input. */
const MOST = 2 ** 24;

/** How to draw a sample from kinds. */
export interface Drawing {
  readonly inputs: Readonly<Record<string, Kind>>;
  readonly graphs?: number | undefined;
  readonly nodes?: number | undefined;
  /** Shapes of inputs that differ from the usual shape of their kind. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
}

/**
 * A random sample of complete graphs in float64: points and vectors [graphs, nodes, dim], scalars
 * [graphs, nodes], edges [graphs, nodes, nodes], all from N(0, 1).
 */
export function drawSample(drawing: Drawing, dim: 2 | 3, random: Rng): object {
  const op = "equivarianceError";
  const { inputs: kinds, graphs = 3, nodes = 5, shapes = {} } = drawing;
  expectWhole(op, "graphs", graphs, 1, MOST);
  expectWhole(op, "nodes", nodes, 1, MOST);
  expectParts<object>(op, "shapes", shapes, [], "write { charges: [3, 5, 1] }");
  const usualShape: Partial<Record<Kind, readonly number[]>> = {
    point: [graphs, nodes, dim],
    vector: [graphs, nodes, dim],
    scalar: [graphs, nodes],
    edge: [graphs, nodes, nodes],
  };
  for (const name of Object.keys(shapes)) {
    expectOneOf(op, "shapes has no input called", name, Object.keys(kinds));
  }
  const drawn = Object.entries(kinds).map(([name, kind]) => {
    const shape = ownOf(shapes, name) ?? ownOf(usualShape, kind);
    if (shape !== undefined) {
      expectLengths(op, shape, MOST);
      return [name, random.normal(shape, { dtype: "float64" })];
    }
    throw new UsageError(
      op,
      `the input "${name}" of kind ${kind} cannot be drawn at random`,
      "give a sample as the second argument",
    );
  });
  return Object.fromEntries(drawn);
}
