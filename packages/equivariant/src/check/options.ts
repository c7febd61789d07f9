/** @file Options and results of a check. */
import type { Rng, Tensor } from "@isograd/tensor";
import {
  expectFunction,
  expectOneOf,
  expectParts,
  expectRng,
  expectWhole,
  wanted,
} from "../expect.js";
import type { Grid } from "../geometry/grids.js";
import { allKinds, type Kind } from "./sample.js";
import { type TransformName, transforms } from "./transforms.js";

/** A model, or any function from named inputs to a tensor or tensors by name. */
export type Equivariant<S extends object> =
  | ((sample: S) => Tensor | object)
  | { forward(sample: S): Tensor | object };

/** Groups of motions. O(n) and E(n) contain reflections; SE(n) and E(n) contain translations. */
export type MotionGroup = "SO2" | "O2" | "SE2" | "E2" | "SO3" | "O3" | "SE3" | "E3";

const groups: readonly MotionGroup[] = ["SO2", "O2", "SE2", "E2", "SO3", "O3", "SE3", "E3"];

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
  /**
   * For `assertEquivariant`, the largest relative error; default: 1e-4. For `equivarianceError`,
   * the largest that counts as noise; default: 1e-9 in float64, 1e-4 in float32.
   */
  readonly tolerance?: number | undefined;
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
   * - `"noise"`: small enough for rounding (10⁻⁹ in float64, 10⁻⁴ in float32, or `tolerance`);
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

/** Names of the options of a check, and of those that draw a sample, for `given`. */
export const CHECK = "outputs inputs transforms group level grid refined trials# tolerance# rng";
export const DRAWN = `${CHECK} graphs# nodes# shapes` as const;

/** The most trials of a transform. */
const TRIALS = 2 ** 16;

/** @throws UsageError for a value that a check cannot use. */
export function checkOptions(op: string, options: EquivarianceOptions): void {
  const { transforms: tried, group, inputs, outputs, level, grid, refined, trials = 4 } = options;
  if (tried !== undefined) {
    if (!Array.isArray(tried)) {
      throw wanted(op, "transforms", "a list of names", tried, 'write ["rotation"]');
    }
    for (const name of tried) {
      expectOneOf(op, "no transform is called", name, Object.keys(transforms));
    }
  }
  if (group !== undefined) expectOneOf(op, "no group is called", group, groups);
  for (const kinds of [inputs, outputs]) if (kinds !== undefined) checkKinds(op, kinds);
  if (level !== undefined) expectOneOf(op, "level is not", level, ["node", "graph"]);
  if (grid !== undefined) {
    expectParts<Pick<Grid, "rotations">>(op, "grid", grid, ["rotations"], "make one by grids");
  }
  if (refined !== undefined && refined !== null) {
    expectFunction(op, "refined", refined, "write (factor) => model, or null to skip this step");
  }
  expectWhole(op, "trials", trials, 1, TRIALS);
  const { tolerance = 1e-4 } = options;
  if (!(tolerance >= 0)) {
    throw wanted(op, "tolerance", "0 or more", tolerance, "leave it out for its default");
  }
  if (options.rng !== undefined) expectRng(op, options.rng);
}

function checkKinds(op: string, kinds: Readonly<Record<string, Kind>>): void {
  if (typeof kinds !== "object" || kinds === null || Array.isArray(kinds)) {
    throw wanted(op, "kinds", "an object", kinds, 'write { positions: "point" }');
  }
  for (const [name, kind] of Object.entries(kinds)) {
    expectOneOf(op, `${name} is of no kind called`, kind, allKinds);
  }
}

/** @throws UsageError unless `model` is a function, or has a forward pass. */
export function checkModel(op: string, model: unknown): void {
  if (typeof model === "function") return;
  const help = "give a function of a sample, or a model with forward";
  expectParts<{ forward: unknown }>(op, "the model", model, ["forward"], help);
}

/** The transforms of a group, with those that every function of point clouds follows. */
export function transformsOf(group: MotionGroup): TransformName[] {
  const names: TransformName[] = ["rotation", "gridRotation", "permutation", "batching"];
  if (group.includes("E")) names.push("translation");
  if (!group.startsWith("S")) names.push("reflection");
  return names;
}
