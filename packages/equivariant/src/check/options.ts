/** @file What a check is asked for, and what it answers. */
import type { Rng, Tensor } from "@isograd/tensor";
import type { Grid } from "../geometry/grids.js";
import type { Kind } from "./sample.js";
import type { TransformName } from "./transforms.js";

/** A model, or any function from named inputs to a tensor or tensors by name. */
export type Equivariant<S extends object> =
  | ((sample: S) => Tensor | object)
  | { forward(sample: S): Tensor | object };

/** Groups of motions: with reflections O(n) and E(n), without translations SO(n) and O(n). */
export type MotionGroup = "SO2" | "O2" | "SE2" | "E2" | "SO3" | "O3" | "SE3" | "E3";

/** How a check is done. */
export interface EquivarianceOptions {
  /** Which transforms to try: those of the group, or all that apply. */
  readonly transforms?: readonly TransformName[] | undefined;
  /**
   * The group that is claimed: its transforms, permutation and batching are tried. A model on a
   * grid is held to the rotations of its grid by `assertEquivariant`.
   */
  readonly group?: MotionGroup | undefined;
  /**
   * Kinds of inputs with names of their own; known are positions, velocities, vectors, scalars,
   * charges, edges, mask.
   */
  readonly inputs?: Readonly<Record<string, Kind>> | undefined;
  /**
   * Kinds of outputs: `scalars` are scalars and `vectors` vectors unless said; a tensor alone is
   * called `output`.
   */
  readonly outputs?: Readonly<Record<string, Kind>> | undefined;
  /** Whether outputs belong to nodes or to graphs: the model's `level`, else nodes. */
  readonly level?: "node" | "graph" | undefined;
  /** The grid whose rotations `gridRotation` takes; the model's unless said. */
  readonly grid?: Pick<Grid, "rotations"> | undefined;
  /**
   * The same function with `factor` times as many orientations, to tell grid errors from defects;
   * models that have `refined` bring their own. null to not look, which takes less time.
   */
  readonly refined?: ((factor: number) => Equivariant<never>) | null | undefined;
  /** How often each transform is drawn: 4. */
  readonly trials?: number | undefined;
  /** Where transforms are drawn from: `rng(0)`. */
  readonly rng?: Rng | undefined;
}

/** How a sample is drawn when none is given. */
export interface DrawnOptions extends EquivarianceOptions {
  /** All inputs and their kinds. */
  readonly inputs: Readonly<Record<string, Kind>>;
  /** Number of graphs: 3. */
  readonly graphs?: number | undefined;
  /** Number of nodes of each: 5. */
  readonly nodes?: number | undefined;
  /** Shapes of inputs, where they are not [graphs, nodes, …] of their kind. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
}

/** How well one output follows one transform. */
export interface EquivarianceEntry {
  readonly transform: TransformName;
  /** Name of the output. */
  readonly output: string;
  readonly kind: Kind;
  /**
   * `‖f(g x) − g f(x)‖ / ‖g f(x)‖`, the root mean square over the trials; of points, about their
   * mean.
   */
  readonly error: number;
  /** The largest over the trials. */
  readonly worst: number;
  /**
   * - `"noise"`: as large as rounding makes it (10⁻⁹ in float64, 10⁻⁴ in float32);
   * - `"grid"`: it falls when the number of orientations doubles;
   * - `"defect"`: neither, so something does not follow the transform.
   */
  readonly cause: "noise" | "grid" | "defect";
  /** The error with two and with four times as many orientations, where that was looked at. */
  readonly refined?: readonly [number, number];
}

/** What models may say of themselves. */
export interface ModelLike {
  readonly gridSource?: Pick<Grid, "rotations"> | undefined;
  readonly level?: "node" | "graph" | undefined;
  readonly refined?: EquivarianceOptions["refined"] | undefined;
}

/** The transforms of a group, and those that every function of point clouds follows. */
export function transformsOf(group: MotionGroup): TransformName[] {
  const names: TransformName[] = ["rotation", "gridRotation", "permutation", "batching"];
  if (group.includes("E")) names.push("translation");
  if (!group.startsWith("S")) names.push("reflection");
  return names;
}
