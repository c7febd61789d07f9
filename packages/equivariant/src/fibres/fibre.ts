/**
 * @file What a network must know of the orientations at a point: the interface that positions
 * alone, unit vectors and frames share.
 */
import type { Tensor } from "@isograd/tensor";
import type { FeatureSizes } from "../graphs/checks.js";

/** Scalars [V, ds] and vectors [V, dv, n]. */
export interface Read {
  readonly scalars: Tensor;
  readonly vectors: Tensor;
}

/** What a space says of displacements. */
export interface SpatialInvariants {
  /** Number of orientations O. */
  readonly orientations: number;
  /**
   * The place of −o for each orientation o, if kernels of x at o and of −x at −o are the same; null
   * otherwise.
   */
  readonly antipodes: Int32Array | null;
  /** From displacements [E, n] to one column [E·O] for each invariant. */
  of(displacements: Tensor): Tensor[];
}

/** How orientations enter a network. */
export interface Fibre extends SpatialInvariants {
  /** Invariants of every pair of orientations, columns [O·O]; none without orientations. */
  pairs(): Tensor[];
  /**
   * Attributes of displacements and pairs of orientations, o_i of the receiver before o_j of the
   * sender: columns [E·O·O].
   */
  attributes(displacements: Tensor): Tensor[];
  /** Features of nodes as functions of orientations: [V·O, features]. */
  lift(scalars: Tensor | null, vectors: Tensor | null): Tensor;
  /** Functions [V·O, k] as scalars and vectors. */
  read(functions: Tensor, scalars: number): Read;
}

/** Numbers that fix the sizes of layers before there is a batch. */
export interface FibreSizes {
  readonly dim: 2 | 3;
  readonly spatial: number;
  /** Invariants of pairs of orientations; 0 without orientations. */
  readonly pairs: number;
  readonly attributes: number;
  /** Features that a vector becomes when it is lifted, and that are read as one. */
  readonly perVector: number;
  /**
   * Features of lifted points, where they are not those of the nodes; edge features are then among
   * them.
   */
  readonly features?: (inputs: FeatureSizes) => number;
}
