/** @file Options and results of a check. */
import type { Rng, Tensor } from "@isograd/tensor";
import type { Grid } from "../geometry/grids.js";
import type { Kind } from "./sample.js";
import type { TransformName } from "./transforms.js";

/** A model, or any function from named inputs to a tensor or tensors by name. */
export type Equivariant<S extends object> =
  | ((sample: S) => Tensor | object)
  | { forward(sample: S): Tensor | object };

/** Groups of motions. O(n) and E(n) contain reflections; SE(n) and E(n) contain translations. */
export type MotionGroup = "SO2" | "O2" | "SE2" | "E2" | "SO3" | "O3" | "SE3" | "E3";

/** Options of a check. */
export interface EquivarianceOptions {
  /** Which transforms to try; default: those of the group, or all that apply. */
  readonly transforms?: readonly TransformName[] | undefined;
  /**
   * The group to check: its transforms, permutation and batching. For a model on a grid
   * `assertEquivariant` checks only the rotations of the grid.
   */
  readonly group?: MotionGroup | undefined;
  /**
   * Kinds of inputs with other names than positions, velocities, vectors, scalars, charges, edges
   * and mask.
   */
  readonly inputs?: Readonly<Record<string, Kind>> | undefined;
  /**
   * Kinds of outputs; default: `scalars` are scalars and `vectors` are vectors. A single tensor has
   * the name `output`.
   */
  readonly outputs?: Readonly<Record<string, Kind>> | undefined;
  /** Whether outputs belong to nodes or to graphs; default: the model's `level`, else "node". */
  readonly level?: "node" | "graph" | undefined;
  /** The grid whose rotations `gridRotation` uses; default: the model's. */
  readonly grid?: Pick<Grid, "rotations"> | undefined;
  /**
   * The same function with `factor` times as many orientations, to tell grid errors from defects;
   * default: the model's `refined`. null skips this step and saves time.
   */
  readonly refined?: ((factor: number) => Equivariant<never>) | null | undefined;
  /** Number of random draws of each transform; default: 4. */
  readonly trials?: number | undefined;
  /** Generator of the transforms; default: `rng(0)`. */
  readonly rng?: Rng | undefined;
}

/** How a sample is drawn when none is given. */
export interface DrawnOptions extends EquivarianceOptions {
  /** All inputs and their kinds. */
  readonly inputs: Readonly<Record<string, Kind>>;
  /** Number of graphs; default: 3. */
  readonly graphs?: number | undefined;
  /** Number of nodes of each graph; default: 5. */
  readonly nodes?: number | undefined;
  /** Shapes of inputs that differ from the usual shape of their kind. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
}

/** How well one output follows one transform. */
export interface EquivarianceEntry {
  readonly transform: TransformName;
  /** Name of the output. */
  readonly output: string;
  readonly kind: Kind;
  /**
   * `‖f(g x) − g f(x)‖ / ‖g f(x)‖`, the root mean square over the trials; for points, ‖g f(x)‖ is
   * taken about their mean.
   */
  readonly error: number;
  /** The largest error of a trial. */
  readonly worst: number;
  /**
   * - `"noise"`: small enough for rounding (10⁻⁹ in float64, 10⁻⁴ in float32);
   * - `"grid"`: it falls when the number of orientations doubles;
   * - `"defect"`: neither, so something does not follow the transform.
   */
  readonly cause: "noise" | "grid" | "defect";
  /** The error with two and with four times as many orientations, if measured. */
  readonly refined?: readonly [number, number];
}

/** Optional properties of a model that checks use. */
export interface ModelLike {
  readonly gridSource?: Pick<Grid, "rotations"> | undefined;
  readonly level?: "node" | "graph" | undefined;
  readonly refined?: EquivarianceOptions["refined"] | undefined;
}

/** The transforms of a group, with those that every function of point clouds follows. */
export function transformsOf(group: MotionGroup): TransformName[] {
  const names: TransformName[] = ["rotation", "gridRotation", "permutation", "batching"];
  if (group.includes("E")) names.push("translation");
  if (!group.startsWith("S")) names.push("reflection");
  return names;
}
