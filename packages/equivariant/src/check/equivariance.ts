/** @file Measures how equivariant a function is: the error of each output under each transform. */
import { noGrad } from "@isograd/autograd";
import { type Rng, rng, scope, Tensor, UsageError } from "@isograd/tensor";
import { given, ownOf } from "@isograd/tensor/engine";
import { EquivarianceError } from "../errors.js";
import { expectParts, synonyms } from "../expect.js";
import {
  CHECK,
  checkModel,
  checkOptions,
  DRAWN,
  type DrawnOptions,
  type EquivarianceEntry,
  type EquivarianceOptions,
  type Equivariant,
  type ModelLike,
  type MotionGroup,
  transformsOf,
} from "./options.js";
import { describe, drawSample, type Kind } from "./sample.js";
import { type Compared, type Evaluate, type TransformName, transforms } from "./transforms.js";

/**
 * Measures how far a model or function deviates from equivariance. When the input is transformed,
 * scalars must stay the same, vectors must turn, and points must turn and move.
 *
 * Each entry has the error and its cause: rounding, the grid (the error falls when the number of
 * orientations doubles) or a defect. Without a sample, random inputs are drawn.
 *
 * @param sample inputs by name: positions [b, n, 3] for complete graphs, or [V, 3] with an edge
 * list; n is 3, or 2 in the plane
 * @returns one entry for each transform and output
 * @throws UsageError when the kind of an input or output is unknown.
 * @example
 * const centre = ({ positions }: { positions: Tensor }) =>
 *   positions.mean({ axis: 1, keepdims: true }).mul(2);
 * const found = equivarianceError(centre, { positions: rng(0).normal([4, 5, 3]) }, {
 *   outputs: { output: "point" },
 *   level: "graph",
 *   transforms: ["rotation", "translation"],
 * });
 * found.map((e) => `${e.transform} ${e.worst < 1e-5}`); // ["rotation true","translation false"]
 */
export function equivarianceError<S extends object>(
  model: Equivariant<S>,
  sample: S,
  options?: EquivarianceOptions,
): EquivarianceEntry[];
export function equivarianceError<S extends object>(
  model: Equivariant<S>,
  options: DrawnOptions,
): EquivarianceEntry[];
export function equivarianceError<S extends object>(
  model: Equivariant<S>,
  first: S | DrawnOptions,
  more?: EquivarianceOptions,
): EquivarianceEntry[] {
  const op = "equivarianceError";
  checkModel(op, model);
  const drawn = isOptions(op, first);
  const options = drawn ? given(op, first, DRAWN, synonyms) : given(op, more, CHECK, synonyms);
  checkOptions(op, options);
  const random = options.rng ?? rng(0);
  const dim = options.group?.endsWith("2") ? 2 : 3;
  const sample = drawn ? (drawSample(first, dim, random) as S) : first;
  const checked = options.group ? transformsOf(options.group) : Object.keys(transforms);
  const like = model as ModelLike;
  const entries = measured(model, sample, options, random, checked as TransformName[]);
  const refined = options.refined === undefined ? like.refined?.bind(model) : options.refined;
  return entries.map((entry) => {
    if (entry.cause !== "defect" || !refined) return entry;
    if (entry.transform !== "rotation" && entry.transform !== "reflection") return entry;
    const finer = [2, 4].map((factor) => {
      const again = { ...options, transforms: [entry.transform] };
      const found = measured(refined(factor) as Equivariant<S>, sample, again, rng(0), []);
      return found.find((e) => e.output === entry.output)?.error ?? Number.NaN;
    }) as [number, number];
    // Expected are 2^−1.7 = 0.3 and 4^−1.7 = 0.1; an error that does not come from the grid does
    // not fall.
    const falls = finer[1] < 0.7 * finer[0] || finer[1] < 0.4 * entry.error;
    return { ...entry, cause: falls ? "grid" : "defect", refined: finer };
  });
}

/** Whether the second argument contains options and not a sample. */
function isOptions(op: string, first: object): first is DrawnOptions {
  const help = 'give tensors by name, or options: { inputs: { positions: "point" } }';
  expectParts<object>(op, "the sample", first, [], help);
  return !Object.values(first).some((x) => x instanceof Tensor) && "inputs" in first;
}

/** Errors of all transforms. The cause "grid" is not yet told apart from "defect". */
function measured<S extends object>(
  model: Equivariant<S>,
  sample: S,
  options: EquivarianceOptions,
  random: Rng,
  usual: readonly TransformName[],
): EquivarianceEntry[] {
  const { trials = 4 } = options;
  const like = model as ModelLike;
  const grid = options.grid ?? like.gridSource;
  const described = describe(sample, options.inputs ?? {});
  const kindOf = (name: string): Kind => outputKind(name, options.outputs ?? {});
  const trial = {
    evaluate: evaluator(model),
    sample,
    described,
    kindOf,
    perNode: (options.level ?? like.level ?? "node") === "node",
    rng: random,
    gridRotations: grid?.rotations().slice(1) ?? [],
  };
  return (options.transforms ?? usual).flatMap((transform) => {
    const errors = new Map<string, Found[]>();
    for (let i = 0; i < trials; i++) {
      const compared = () =>
        measure(transforms[transform](trial), kindOf, described.dim, options.tolerance);
      for (const [name, e] of noGrad(() => scope(compared))) {
        errors.set(name, [...(errors.get(name) ?? []), e]);
      }
    }
    return [...errors].map(([output, found]) => {
      const worst = Math.max(...found.map((f) => f.error));
      const mean = found.reduce((s, f) => s + f.error * f.error, 0) / found.length;
      const noise = found.every((f) => f.error <= f.noise);
      const cause = noise ? ("noise" as const) : ("defect" as const);
      return { transform, output, kind: kindOf(output), error: Math.sqrt(mean), worst, cause };
    });
  });
}

/**
 * Throws unless a model or function follows every transform up to the relative `tolerance`
 * (default: 1e-4). Without `transforms` it tries translation, permutation, batching, and the
 * rotations of the model's grid, or all rotations for a model without a grid.
 *
 * @throws EquivarianceError with the transform, the output, its error and the cause.
 * @example
 * const forces = ({ positions, charges }: { positions: Tensor; charges: Tensor }) =>
 *   positions.sub(positions.mean({ axis: 1, keepdims: true })).mul(charges.expandDims(-1));
 * assertEquivariant(forces, {
 *   group: "E3",
 *   inputs: { positions: "point", charges: "scalar" },
 *   outputs: { output: "vector" },
 * });
 * const doubled = ({ positions }: { positions: Tensor }) => positions.mul(2);
 * assertEquivariant(doubled, { positions: rng(0).normal([2, 5, 3]) }, {
 *   outputs: { output: "vector" },
 *   transforms: ["rotation", "permutation"],
 * });
 */
export function assertEquivariant<S extends object>(
  model: Equivariant<S>,
  sample: S,
  options?: EquivarianceOptions,
): void;
export function assertEquivariant<S extends object>(
  model: Equivariant<S>,
  options: DrawnOptions,
): void;
export function assertEquivariant<S extends object>(
  model: Equivariant<S>,
  first: S | DrawnOptions,
  more?: EquivarianceOptions,
): void {
  const op = "assertEquivariant";
  checkModel(op, model);
  const drawn = isOptions(op, first);
  const all = drawn ? given(op, first, DRAWN, synonyms) : given(op, more, CHECK, synonyms);
  checkOptions(op, all);
  const { tolerance = 1e-4, ...options } = all;
  const onGrid = (options.grid ?? (model as ModelLike).gridSource) !== undefined;
  const names = options.transforms ?? promised(options.group, onGrid);
  const tried = { ...options, transforms: names };
  const entries = drawn
    ? equivarianceError(model, tried as DrawnOptions)
    : equivarianceError(model, first, tried);
  // Written so that NaN also fails.
  const failed = entries.filter((e) => !(e.worst <= tolerance));
  const worst = failed.sort((a, b) => b.worst - a.worst)[0];
  if (worst === undefined) return;
  throw new EquivarianceError(
    worst,
    `${worst.transform}: the ${worst.kind} output "${worst.output}" is off by ` +
      `${worst.worst.toPrecision(3)} (relative), tolerated is ${tolerance}${causeOf(worst)}`,
    adviceFor(worst, onGrid),
  );
}

/**
 * The default transforms: those of the group, on a grid with its rotations instead of all
 * rotations.
 */
function promised(group: MotionGroup | undefined, onGrid: boolean): TransformName[] {
  if (group === undefined) {
    return ["translation", onGrid ? "gridRotation" : "rotation", "permutation", "batching"];
  }
  const not: TransformName[] = onGrid ? ["rotation", "reflection"] : ["gridRotation"];
  return transformsOf(group).filter((name) => !not.includes(name));
}

function causeOf({ cause, refined }: EquivarianceEntry): string {
  if (cause !== "grid" || refined === undefined) return "";
  const [two, four] = refined.map((e) => e.toPrecision(2));
  const finer = `${two} with twice, ${four} with four times the orientations`;
  return `; it is an error of the grid: ${finer}`;
}

function adviceFor({ transform, worst, cause }: EquivarianceEntry, onGrid: boolean): string {
  if (Number.isNaN(worst))
    return "the output is not a number: do points meet, or is a norm taken of 0?";
  const free = transform === "rotation" || transform === "reflection";
  if (onGrid && free && cause === "grid") {
    return "a fixed grid follows other rotations only up to its resolution: take more orientations";
  }
  const causes: Record<TransformName, string> = {
    translation: "does the function use positions, not their differences?",
    rotation: "does it use components of vectors, not inner products and lengths?",
    gridRotation:
      "is the grid that of the weights, and does it use inner products and lengths only?",
    reflection: "does it use cross products or determinants? Then it is chiral by design",
    permutation: "does it use the order of nodes, or a sum over the wrong axis?",
    batching: "does something mix the graphs of a batch, such as a mean over all of them?",
  };
  return causes[transform];
}

function evaluator<S extends object>(model: Equivariant<S>): Evaluate<S> {
  return (sample) => {
    const result = typeof model === "function" ? model(sample) : model.forward(sample);
    if (result instanceof Tensor) return new Map([["output", result]]);
    const help = "return a tensor, or tensors by name";
    expectParts<object>("equivarianceError", "the output", result, [], help);
    const named = Object.entries(result).filter(([, x]) => x instanceof Tensor && x.size > 0);
    return new Map(named as [string, Tensor][]);
  };
}

const usualOutputs: Readonly<Record<string, Kind>> = {
  scalars: "scalar",
  vectors: "vector",
  positions: "point",
  velocities: "vector",
  forces: "vector",
};

function outputKind(name: string, given: Readonly<Record<string, Kind>>): Kind {
  const kind = ownOf(given, name) ?? ownOf(usualOutputs, name);
  if (kind !== undefined) return kind;
  throw new UsageError(
    "equivarianceError",
    `it is not known how the output "${name}" turns`,
    `give its kind: { outputs: { ${name}: "vector" } } (or "scalar", "point")`,
  );
}

/** The relative error of one trial, and the error that rounding can cause. */
interface Found {
  readonly error: number;
  readonly noise: number;
}

function measure(
  compared: Compared | null,
  kindOf: (name: string) => Kind,
  dim: number,
  tolerance: number | undefined,
): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const [name, [got, expected]] of compared ?? []) {
    const [a, b] = [got.dataSync(), expected.dataSync()];
    const centre = kindOf(name) === "point" ? meanPoint(b, dim) : new Array<number>(dim).fill(0);
    let [off, size] = [0, 0];
    for (let i = 0; i < b.length; i++) {
      off += (a[i]! - b[i]!) ** 2;
      size += (b[i]! - centre[i % dim]!) ** 2;
    }
    const noise = tolerance ?? (got.dtype === "float64" ? 1e-9 : 1e-4);
    found.set(name, { error: off === 0 ? 0 : Math.sqrt(off / size), noise });
  }
  return found;
}

function meanPoint(values: ArrayLike<number>, dim: number): number[] {
  const mean = new Array<number>(dim).fill(0);
  for (let i = 0; i < values.length; i++) mean[i % dim]! += (dim * values[i]!) / values.length;
  return mean;
}
