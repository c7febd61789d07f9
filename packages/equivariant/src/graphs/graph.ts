/**
 * @file What networks take: points with features, and which of them see which. Two forms that mean
 * the same.
 */
import { ShapeError, type Tensor, tensor } from "@isograd/tensor";

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
  /** The node that each edge comes from, int32 [E]. Self loops are edges like others. */
  readonly source: Tensor;
  /** The node that each edge goes to, int32 [E]. */
  readonly target: Tensor;
  /** Features of the edges that do not turn, such as products of charges [E, ce]. */
  readonly edges?: Tensor | undefined;
  /**
   * What is added to p_j − p_i [E, n]: in a periodic box, from the sender to its image that is
   * meant.
   */
  readonly shifts?: Tensor | undefined;
  /**
   * Where edges end, as `radiusGraph` says: {@link EdgePonita} fades there unless it has a cut-off
   * of its own.
   */
  readonly cutoff?: number | undefined;
  /** The graph that each node belongs to, int32 [V]; all to one when absent. */
  readonly graph?: Tensor | undefined;
  /** Number of graphs G; 1 when `graph` is absent. */
  readonly graphs?: number | undefined;
}

/** b complete graphs of n nodes each, with self loops: no indices, and faster. */
export interface DenseGraphs {
  /** [b, n, dim], dim = 3, or 2 in the plane. */
  readonly positions: Tensor;
  /** [b, n, cs] */
  readonly scalars?: Tensor | undefined;
  /** [b, n, cv, dim] */
  readonly vectors?: Tensor | undefined;
  /** Of the edge from node j to node i, at [b, i, j]: [b, n, n, ce]. */
  readonly edges?: Tensor | undefined;
  /**
   * Says that edges[b, i, j] = edges[b, j, i], as products of charges are. On grids with central
   * symmetry, such as the cube, kernels are then computed for half of the edges only.
   */
  readonly symmetric?: boolean | undefined;
  /** 1 for nodes, 0 for padding [b, n]: graphs smaller than n. */
  readonly mask?: Tensor | undefined;
}

export type Graphs = EdgeListGraphs | DenseGraphs;

/** Whether graphs are in the dense form. */
export function isDense(graphs: Graphs): graphs is DenseGraphs {
  return graphs.positions.shape.length === 3;
}

/**
 * Dense graphs as an edge list: the same nodes in the same order, every edge i ← j of every graph,
 * self loops included. Networks give the same for both.
 *
 * @throws ShapeError for graphs with a mask: leave the padding out instead.
 * @example
 * toEdgeList({ positions: zeros([2, 5, 3]) }).source.shape; // [50]
 */
export function toEdgeList(graphs: DenseGraphs): EdgeListGraphs {
  const { positions, scalars, vectors, edges } = graphs;
  if (graphs.mask !== undefined) throw new ShapeError("toEdgeList", "cannot convert masked graphs");
  const [b, n, dim] = positions.shape as readonly [number, number, number];
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

/**
 * Edges of complete graphs with self loops, of the given numbers of nodes, ordered by target, then
 * by source; on the default device unless said.
 *
 * @example
 * completeEdges([2, 1]).source.toString(); // Tensor(int32, [5]) [0, 1, 0, 1, 2]
 */
export function completeEdges(
  sizes: readonly number[],
  options: { readonly device?: string | undefined } = {},
): { source: Tensor; target: Tensor } {
  const total = sizes.reduce((sum, n) => sum + n * n, 0);
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
  return { source: tensor(source, options), target: tensor(target, options) };
}
