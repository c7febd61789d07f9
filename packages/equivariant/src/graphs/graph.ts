/** @file The input of networks: points with features and edges, in two equivalent forms. */
import { ShapeError, type Tensor, tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectParts, expectShape, expectTensorOf, expectWhole, wanted } from "../expect.js";

/**
 * Graphs of any sizes in one list of V nodes and one of E directed edges, from source to target.
 */
export interface EdgeListGraphs {
  /** Positions of the nodes [V, n], n = 3, or 2 in the plane. */
  readonly positions: Tensor;
  /** Features that do not turn, such as charges [V, cs]. */
  readonly scalars?: Tensor | undefined;
  /** Features that turn, such as velocities [V, cv, n]. */
  readonly vectors?: Tensor | undefined;
  /** The sender of each edge, int32 [E]. Self-loops count as edges. */
  readonly source: Tensor;
  /** The receiver of each edge, int32 [E]. */
  readonly target: Tensor;
  /** Features of the edges that do not turn, such as products of charges [E, ce]. */
  readonly edges?: Tensor | undefined;
  /**
   * Added to p_j − p_i [E, n]: in a periodic box, the displacement from the sender to its image.
   */
  readonly shifts?: Tensor | undefined;
  /**
   * The largest length of an edge, set by `radiusGraph`: the default cut-off of {@link EdgePonita}.
   */
  readonly cutoff?: number | undefined;
  /** The graph of each node, int32 [V]; default: one graph. */
  readonly graph?: Tensor | undefined;
  /** Number of graphs G; default: 1. */
  readonly graphs?: number | undefined;
}

/** b complete graphs of n nodes each, with self-loops. They need no indices and run faster. */
export interface DenseGraphs {
  /** [b, n, dim], dim = 3, or 2 in the plane. */
  readonly positions: Tensor;
  /** [b, n, cs] */
  readonly scalars?: Tensor | undefined;
  /** [b, n, cv, dim] */
  readonly vectors?: Tensor | undefined;
  /** Features of the edge from node j to node i at [b, i, j]: [b, n, n, ce]. */
  readonly edges?: Tensor | undefined;
  /**
   * Whether edges[b, i, j] = edges[b, j, i], as for products of charges; default: false. On grids
   * with central symmetry, such as the cube, kernels are then computed for only half of the edges.
   */
  readonly symmetric?: boolean | undefined;
  /** 1 for nodes, 0 for padding [b, n], for graphs with fewer than n nodes. */
  readonly mask?: Tensor | undefined;
}

export type Graphs = EdgeListGraphs | DenseGraphs;

/** Whether graphs are in the dense form. */
export function isDense(graphs: Graphs): graphs is DenseGraphs {
  expectParts<Graphs>("isDense", "graphs", graphs, ["positions"], "give { positions, … }");
  expectTensorOf("isDense", "positions", graphs.positions);
  return graphs.positions.shape.length === 3;
}

/**
 * Dense graphs as an edge list: the same nodes in the same order, every edge i ← j of every graph,
 * self-loops included. Networks give the same results for both.
 *
 * @throws ShapeError for graphs with a mask: make the list without padding instead.
 * @example
 * toEdgeList({ positions: zeros([2, 5, 3]) }).source.shape; // [50]
 */
export function toEdgeList(graphs: DenseGraphs): EdgeListGraphs {
  const op = "toEdgeList";
  expectParts<DenseGraphs>(op, "graphs", graphs, ["positions"], "give { positions, … }");
  const { positions, scalars, vectors, edges } = graphs;
  if (graphs.mask !== undefined) {
    throw new ShapeError(op, "cannot convert masked graphs", "make the list without padding");
  }
  expectShape(op, "positions", positions, ["b", "n", "dim"], "b complete graphs of n nodes each");
  expectParts<Tensor>;
  const [b, n, dim] = positions.shape as readonly [number, number, number];
  if (scalars) expectShape(op, "scalars", scalars, [b, n, "cs"]);
  if (vectors) expectShape(op, "vectors", vectors, [b, n, "cv", dim]);
  if (edges) expectShape(op, "edges", edges, [b, n, n, "ce"]);
  const { device } = positions;
  const ends = completeEdges(
    Array.from({ length: b }, () => n),
    { device },
  );
  const graph = Int32Array.from({ length: b * n }, (_, v) => Math.floor(v / n));
  return {
    positions: positions.reshape([b * n, dim]),
    ...(scalars && { scalars: scalars.reshape([b * n, scalars.shape[2] as number]) }),
    ...(vectors && { vectors: vectors.reshape([b * n, vectors.shape[2] as number, dim]) }),
    ...(edges && { edges: edges.reshape([b * n * n, edges.shape[3] as number]) }),
    ...ends,
    graph: tensor(graph, { device }),
    graphs: b,
  };
}

/** The most edges. */
const MOST = 2 ** 28;

/**
 * Edges of complete graphs with self-loops, with the given numbers of nodes, ordered by target,
 * then by source.
 *
 * @example
 * completeEdges([2, 1]).source.toString(); // Tensor(int32, [5]) [0, 1, 0, 1, 2]
 */
export function completeEdges(
  sizes: readonly number[],
  options?: { readonly device?: string | undefined },
): { source: Tensor; target: Tensor } {
  const { device } = given("completeEdges", options, "device");
  if (!Array.isArray(sizes)) {
    throw wanted("completeEdges", "sizes", "a list of numbers of nodes", sizes, "write [5, 5]");
  }
  for (const n of sizes) expectWhole("completeEdges", "the number of nodes", n, 0);
  const total = sizes.reduce((sum, n) => sum + n * n, 0);
  expectWhole(
    "completeEdges",
    "the number of edges",
    total,
    0,
    MOST,
    "use radiusGraph or knnGraph",
  );
  const [source, target] = [new Int32Array(total), new Int32Array(total)];
  let [at, first] = [0, 0];
  for (const n of sizes) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++, at++) {
        target[at] = first + i;
        source[at] = first + j;
      }
    }
    first += n;
  }
  return { source: tensor(source, { device }), target: tensor(target, { device }) };
}
