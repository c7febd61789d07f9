/**
 * @file How messages travel in a batch of graphs: the one place where the dense and edge-list forms
 * differ.
 */
import { mul, ones, reshape, segmentSum, sub, sum, type Tensor, take } from "@isograd/tensor";
import { checkDense, checkEdgeList, type FeatureSizes } from "./checks.js";
import { type DenseGraphs, type EdgeListGraphs, type Graphs, isDense } from "./graph.js";
import { type Halves, halvesOf } from "./halves.js";

/** A batch of graphs with V nodes and E edges, ready for message passing. */
export interface Wiring {
  readonly nodes: number;
  readonly edges: number;
  /** x = p_j − p_i of each edge from j to i: [E, 3]. */
  readonly displacements: Tensor;
  /** [V, cs], or null. */
  readonly scalars: Tensor | null;
  /** [V, cv, 3], or null. */
  readonly vectors: Tensor | null;
  /** [E, ce], or null. */
  readonly attributes: Tensor | null;
  /** 0 for edges from padding [E, 1], or null without padding. */
  readonly edgeMask: Tensor | null;
  /**
   * `out_i = Σ_{j→i} kernel_ij · x_j` elementwise: from kernels [E, R] and values [V, R] to [V, R].
   */
  aggregate(kernel: Tensor, x: Tensor): Tensor;
  /** Edges that share kernels, if the graphs have such; see {@link Halves}. */
  halves(antipodes: Int32Array): Halves | null;
  /** Values of nodes [V, …] in the form of the input; 0 on padding. */
  perNode(x: Tensor): Tensor;
  /** Sum or mean over the nodes of each graph: from [V, …] to [G, …]. */
  pool(x: Tensor, how: "sum" | "mean"): Tensor;
}

/**
 * Checks a batch and wires it.
 *
 * @throws ShapeError, naming what does not fit.
 */
export function wire(op: string, graphs: Graphs, sizes: FeatureSizes): Wiring {
  if (isDense(graphs)) {
    checkDense(op, graphs, sizes);
    return wireDense(graphs);
  }
  checkEdgeList(op, graphs, sizes);
  return wireEdgeList(graphs);
}

function wireDense(graphs: DenseGraphs): Wiring {
  const { positions, scalars, vectors, edges, mask } = graphs;
  const [b, n, dim] = positions.shape as readonly [number, number, number];
  const [V, E] = [b * n, b * n * n];
  const to = reshape(positions, [b, n, 1, dim]);
  const from = reshape(positions, [b, 1, n, dim]);
  const rows = (x: Tensor, tail: readonly number[]) => reshape(x, [b, n, ...tail]);
  const masked = (x: Tensor): Tensor => {
    const shaped = rows(x, x.shape.slice(1));
    if (mask === undefined) return shaped;
    return mul(shaped, reshape(mask, [b, n, ...x.shape.slice(1).map(() => 1)]));
  };
  return {
    nodes: V,
    edges: E,
    get displacements() {
      return reshape(sub(from, to), [E, dim]);
    },
    scalars: scalars ? reshape(scalars, [V, scalars.shape[2] as number]) : null,
    vectors: vectors ? reshape(vectors, [V, vectors.shape[2] as number, dim]) : null,
    attributes: edges ? reshape(edges, [E, edges.shape[3] as number]) : null,
    edgeMask: mask
      ? reshape(
          mul(
            reshape(mask, [b, 1, n]),
            ones([b, n, 1], { dtype: mask.dtype, device: mask.device }),
          ),
          [E, 1],
        )
      : null,
    aggregate(kernel, x) {
      const R = x.size / Math.max(V, 1);
      const messages = mul(reshape(kernel, [b, n, n, R]), reshape(x, [b, 1, n, R]));
      return reshape(sum(messages, { axis: 2 }), [V, R]);
    },
    halves: (antipodes) => halvesOf(graphs, antipodes),
    perNode: masked,
    pool(x, how) {
      const total = sum(masked(x), { axis: 1 });
      if (how === "sum") return total;
      if (mask === undefined) return total.mul(1 / n);
      const counts = sum(mask, { axis: 1 }).maximum(1);
      return total.div(reshape(counts, [b, ...x.shape.slice(1).map(() => 1)]));
    },
  };
}

function wireEdgeList(graphs: EdgeListGraphs): Wiring {
  const { positions, source, target, graph } = graphs;
  const V = positions.shape[0] as number;
  const pooled = (x: Tensor): Tensor =>
    graph ? segmentSum(x, graph, graphs.graphs as number) : sum(x, { axis: 0, keepdims: true });
  return {
    nodes: V,
    edges: source.size,
    displacements: sub(take(positions, source), take(positions, target)),
    scalars: graphs.scalars ?? null,
    vectors: graphs.vectors ?? null,
    attributes: graphs.edges ?? null,
    edgeMask: null,
    aggregate: (kernel, x) => segmentSum(mul(kernel, take(x, source)), target, V),
    halves: () => null,
    perNode: (x) => x,
    pool(x, how) {
      if (how === "sum") return pooled(x);
      const counts = pooled(ones([V], { dtype: x.dtype, device: x.device })).maximum(1);
      return pooled(x).div(reshape(counts, [counts.size, ...x.shape.slice(1).map(() => 1)]));
    },
  };
}
