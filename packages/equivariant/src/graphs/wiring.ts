/**
 * @file The types of message passing in a batch of graphs, independent of the form of the graphs.
 */
import type { Tensor } from "@isograd/tensor";
import type { Halves } from "./halves.js";
import type { Plan } from "./plan.js";

/** Edges from senders to receivers, with the operations of message passing. */
export interface Links {
  /** Number V of receivers. */
  readonly nodes: number;
  /** Number of senders: V, unless the edges link two different sets of nodes. */
  readonly senders: number;
  readonly edges: number;
  /** The sender and the receiver of each edge, int32 [E]. */
  ends(): { readonly source: Tensor; readonly target: Tensor };
  /** x = p_j − p_i of each edge from j to i: [E, n]. */
  readonly displacements: Tensor;
  /** Features of edges [E, ce], or null. */
  readonly attributes: Tensor | null;
  /** 0 for edges from padding [E, 1], or null without padding. */
  readonly edgeMask: Tensor | null;
  /**
   * `out_i = Σ_{j→i} kernel_ij · x_j` elementwise: from kernels [E, R] and values [senders, R] to
   * [V, R].
   */
  aggregate(kernel: Tensor, x: Tensor): Tensor;
  /** Values of senders at their edges: [senders, R] → [E, R]. */
  sent(x: Tensor): Tensor;
  /** Values of receivers at their edges: [V, R] → [E, R]. */
  received(x: Tensor): Tensor;
  /** Sums over the edges of each receiver: [E, R] → [V, R]. */
  collect(messages: Tensor): Tensor;
  /** The largest over the edges of each receiver, −∞ without edges: [E, R] → [V, R]. */
  largest(messages: Tensor): Tensor;
  /** The walk of the fused message step; null if the indices cannot be read synchronously. */
  plan(orientations: number, channels: number): Plan | null;
  /** Edges that share kernels, if there are any; see {@link Halves}. */
  halves(antipodes: Int32Array): Halves | null;
}

/** A batch of graphs with V nodes and E edges. */
export interface Wiring extends Links {
  /** [V, n] */
  readonly positions: Tensor;
  /** [V, cs], or null. */
  readonly scalars: Tensor | null;
  /** [V, cv, n], or null. */
  readonly vectors: Tensor | null;
  /** Added to differences of positions [E, n], or null: see {@link EdgeListGraphs}. */
  readonly shifts: Tensor | null;
  /** The largest length of an edge, or null if unknown. */
  readonly cutoff: number | null;
  /** Number of graphs. */
  readonly graphs: number;
  /** The graph of each node, int32 [V]; null for one graph. */
  readonly graph: Tensor | null;
  /** Values of nodes [V, …] in the form of the input; 0 on padding. */
  perNode(x: Tensor): Tensor;
  /** Sum or mean over the nodes of each graph: from [V, …] to [G, …]. */
  pool(x: Tensor, how: "sum" | "mean"): Tensor;
}
