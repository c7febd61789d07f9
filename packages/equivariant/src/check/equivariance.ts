/** @file How equivariant a function is, measured: which transform, which output, by how much. */
import { noGrad } from "@isograd/autograd";
import { type Rng, rng, scope, Tensor, UsageError } from "@isograd/tensor";
import { EquivarianceError } from "../errors.js";
import type { Grid } from "../geometry/grids.js";
import { describe, type Kind } from "./sample.js";
import { type Compared, type Evaluate, type TransformName, transforms } from "./transforms.js";

/** A model, or any function from named inputs to a tensor or tensors by name. */
export type Equivariant<S extends object> =
  | ((sample: S) => Tensor | object)
  | { forward(sample: S): Tensor | object };

/** How a check is done. */
export interface EquivarianceOptions {
  /** Which transforms to try: all that apply. */
  readonly transforms?: readonly TransformName[];
  /**
   * Kinds of inputs with names of their own; known are positions, velocities, vectors, scalars,
   * charges, edges, mask.
   */
  readonly inputs?: Readonly<Record<string, Kind>>;
  /**
   * Kinds of outputs: `scalars` are scalars and `vectors` vectors unless said; a tensor alone is
   * called `output`.
   */
  readonly outputs?: Readonly<Record<string, Kind>>;
  /** Whether outputs belong to nodes or to graphs: the model's `level`, else nodes. */
  readonly level?: "node" | "graph";
  /** The grid whose rotations `gridRotation` takes; the model's unless said. */
  readonly grid?: Grid;
  /** How often each transform is drawn: 4. */
  readonly trials?: number;
  /** Where transforms are drawn from: `rng(0)`. */
  readonly rng?: Rng;
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
}

interface ModelLike {
  readonly gridSource?: Grid;
  readonly level?: "node" | "graph";
}

/**
 * Measures how far a model or function is from following transforms of its input. Scalars must
 * stay, vectors turn, points turn and move.
 *
 * @param sample inputs by name: positions [b, n, 3] for complete graphs, or [V, 3] with an edge
 * list
 * @returns one entry for each transform and output
 * @throws UsageError when it is not known how an input or an output turns.
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
  options: EquivarianceOptions = {},
): EquivarianceEntry[] {
  const { trials = 4, rng: random = rng(0) } = options;
  const like = model as ModelLike;
  const grid = options.grid ?? like.gridSource;
  const described = describe(sample, options.inputs ?? {});
  const kindOf = (name: string): Kind => outputKind(name, options.outputs ?? {});
  const trial = {
    evaluate: evaluator(model) as Evaluate,
    sample,
    described,
    kindOf,
    perNode: (options.level ?? like.level ?? "node") === "node",
    rng: random,
    gridRotations: grid?.rotations().slice(1) ?? [],
  };
  const names = options.transforms ?? (Object.keys(transforms) as TransformName[]);
  return names.flatMap((transform) => {
    const errors = new Map<string, number[]>();
    for (let i = 0; i < trials; i++) {
      const found = noGrad(() => scope(() => measure(transforms[transform](trial), kindOf)));
      for (const [name, e] of found) errors.set(name, [...(errors.get(name) ?? []), e]);
    }
    return [...errors].map(([output, found]) => ({
      transform,
      output,
      kind: kindOf(output),
      error: Math.sqrt(found.reduce((s, e) => s + e * e, 0) / found.length),
      worst: Math.max(...found),
    }));
  });
}

/**
 * Throws unless a model or function follows every transform up to `tolerance`, relative. Without
 * `transforms` it tries those that a model on a grid promises exactly (translation, gridRotation,
 * permutation, batching), and all rotations where there is no grid.
 *
 * @throws EquivarianceError that names the transform, the output and its error.
 * @example
 * const doubled = ({ positions }: { positions: Tensor }) => positions.mul(2);
 * assertEquivariant(doubled, { positions: rng(0).normal([2, 5, 3]) }, {
 *   outputs: { output: "vector" },
 *   transforms: ["rotation", "permutation"],
 * });
 */
export function assertEquivariant<S extends object>(
  model: Equivariant<S>,
  sample: S,
  options: EquivarianceOptions & { readonly tolerance?: number } = {},
): void {
  const { tolerance = 1e-4 } = options;
  const onGrid = (options.grid ?? (model as ModelLike).gridSource) !== undefined;
  const promised: TransformName[] = [
    "translation",
    onGrid ? "gridRotation" : "rotation",
    "permutation",
    "batching",
  ];
  const entries = equivarianceError(model, sample, { transforms: promised, ...options });
  // Written so that NaN fails, too.
  const failed = entries.filter((e) => !(e.worst <= tolerance));
  const first = failed.sort((a, b) => b.worst - a.worst)[0];
  if (first === undefined) return;
  throw new EquivarianceError(
    first,
    `${first.transform}: the ${first.kind} output "${first.output}" is off by ` +
      `${first.worst.toPrecision(3)} (relative), tolerated is ${tolerance}`,
    adviceFor(first, onGrid),
  );
}

function adviceFor({ transform, worst }: EquivarianceEntry, onGrid: boolean): string {
  if (Number.isNaN(worst))
    return "the output is not a number: do points meet, or is a norm taken of 0?";
  if (onGrid && (transform === "rotation" || transform === "reflection")) {
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

function evaluator<S extends object>(model: Equivariant<S>): Evaluate {
  return (sample) => {
    const given = sample as S;
    const result = typeof model === "function" ? model(given) : model.forward(given);
    if (result instanceof Tensor) return new Map([["output", result]]);
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
  const kind = given[name] ?? usualOutputs[name];
  if (kind !== undefined) return kind;
  throw new UsageError(
    "equivarianceError",
    `it is not known how the output "${name}" turns`,
    `say so: { outputs: { ${name}: "vector" } } (or "scalar", "point")`,
  );
}

/** Relative error of each output of one trial. */
function measure(compared: Compared | null, kindOf: (name: string) => Kind): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, [got, expected]] of compared ?? []) {
    const [a, b] = [got.dataSync(), expected.dataSync()];
    const centre = kindOf(name) === "point" ? meanPoint(b) : [0, 0, 0];
    let [off, size] = [0, 0];
    for (let i = 0; i < b.length; i++) {
      off += (a[i]! - b[i]!) ** 2;
      size += (b[i]! - centre[i % 3]!) ** 2;
    }
    found.set(name, off === 0 ? 0 : Math.sqrt(off / size));
  }
  return found;
}

function meanPoint(values: ArrayLike<number>): number[] {
  const mean = [0, 0, 0];
  for (let i = 0; i < values.length; i++) mean[i % 3]! += (3 * values[i]!) / values.length;
  return mean;
}
