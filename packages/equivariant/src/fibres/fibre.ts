/**
 * @file The interface of the orientations at a point, for positions alone, unit vectors and frames.
 */
import type { Tensor } from "@isograd/tensor";
import type { FeatureSizes } from "../graphs/checks.js";

/** Scalars [V, ds] and vectors [V, dv, n]. */
export interface Read {
  readonly scalars: Tensor;
  readonly vectors: Tensor;
}

/** Invariants of displacements. */
export interface SpatialInvariants {
  /** Number of orientations O. */
  readonly orientations: number;
  /**
   * The index of −o for each orientation o, if the kernels of x at o and of −x at −o are equal;
   * else null.
   */
  readonly antipodes: Int32Array | null;
  /** From displacements [E, n] to one column [E·O] for each invariant. */
  of(displacements: Tensor): Tensor[];
}

/** The orientations at a point, as a network uses them. */
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

/** Numbers that determine the sizes of layers. */
export interface FibreSizes {
  readonly dim: 2 | 3;
  readonly spatial: number;
  /** Invariants of pairs of orientations; 0 without orientations. */
  readonly pairs: number;
  readonly attributes: number;
  /** Number of features that a vector is lifted to and read from. */
  readonly perVector: number;
  /**
   * Number of features of lifted points, if they are not those of the nodes; it then includes edge
   * features.
   */
  readonly features?: (inputs: FeatureSizes) => number;
}
