/**
 * @file How far a parametrisation is from an isometry: step ratios and the Jacobian's singular
 * values.
 */
import { grad, vjp } from "@isograd/autograd";
import type { Module } from "@isograd/nn";
import { rng, scope, svdvals, type Tensor, UsageError, zerosLike } from "@isograd/tensor";
import { expectFunction, expectTensor, fromTypedArray, given } from "@isograd/tensor/engine";
import { Adapter } from "./adapters/adapter.js";
import { deltaMap } from "./adapters/deltaMap.js";

/** How {@link distortion} measures. */
export interface DistortionOptions {
  /**
   * The point θ at which to measure: floats [d], best in float64; default: an adapter's own
   * numbers.
   */
  readonly at?: Tensor | undefined;
  /** Number of random steps; default: 500. */
  readonly steps?: number | undefined;
  /** Length of each step; default: 0.1. */
  readonly norm?: number | undefined;
  /** Seed of the steps; default: 0. */
  readonly seed?: number | undefined;
  /** Whether to compute the Jacobian's singular values and rank; default: true. */
  readonly spectrum?: boolean | undefined;
}

/** What {@link distortion} finds. */
export interface Distortion {
  /** `‖Φ(θ + δ) − Φ(θ)‖ / ‖δ‖` of every step, for example for a histogram. */
  readonly ratios: Float64Array;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Singular values of ∂Φ/∂θ at θ, largest first; empty without `spectrum`. */
  readonly singularValues: Float64Array;
  /** Number of singular values above 1e-9 times the largest; 0 without `spectrum`. */
  readonly rank: number;
}

/** The most steps. */
const STEPS = 2 ** 20;

/**
 * Measures how a map Φ from trained numbers to weights changes lengths near a point: ratios
 * `‖ΔΦ‖ / ‖δ‖` of random steps δ of a fixed length, uniform in direction, and the singular values
 * of the Jacobian. For an isometry all of them are 1.
 *
 * @param method an adapter, measured in float64 at its current numbers; or Φ, from floats [d] to a
 * tensor of any shape
 * @throws UsageError when there is no point, when it is not a vector, or when steps or norm are not
 * positive.
 * @example
 * const model = new MLP([4, 8, 2], { rng: rng(0) });
 * const found = distortion(gpart(model, { d: 6 }));
 * found.rank; // 6
 * found.max.toFixed(12); // 1.000000000000
 * distortion(lora(model, { rank: 1 })).rank; // 10
 * const at = tensor([1, 2], { dtype: "float64" });
 * const square = distortion((theta) => theta.square(), { at });
 * Array.from(square.singularValues); // [4, 2]
 */
export function distortion<M extends Module>(
  method: Adapter<M>,
  options?: DistortionOptions,
): Distortion;
export function distortion(
  method: (theta: Tensor) => Tensor,
  options: DistortionOptions & { readonly at: Tensor },
): Distortion;
export function distortion(
  method: Adapter | ((theta: Tensor) => Tensor),
  asked?: DistortionOptions,
): Distortion {
  const options = given("distortion", asked, "at steps# norm# seed# spectrum?");
  const { steps = 500, norm = 0.1, seed = 0, spectrum = true } = options;
  if (!(method instanceof Adapter)) expectFunction("distortion", method, "or give an adapter");
  const own = method instanceof Adapter ? deltaMap(method) : { map: method, at: undefined };
  const { map } = own;
  const at = options.at ?? own.at;
  if (at === undefined) {
    throw new UsageError("distortion", "there is no point to measure at", "give { at }");
  }
  expectTensor("distortion", at);
  if (at.shape.length !== 1 || at.size === 0) {
    throw new UsageError(
      "distortion",
      `the point is a vector: got shape [${at.shape.join(", ")}]`,
      "flatten it",
    );
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > STEPS || !(norm > 0 && norm < 1 / 0)) {
    const problem = `takes positive steps and norm: got ${steps} and ${norm}`;
    throw new UsageError("distortion", problem, `steps are whole, at most ${STEPS}`);
  }
  const ratios = scope(() => stepRatios(map, at, steps, norm, seed));
  const values = spectrum ? scope(() => spectrumOf(map, at)) : new Float64Array(0);
  const largest = values[0] ?? 0;
  return {
    ratios,
    mean: ratios.reduce((a, b) => a + b, 0) / steps,
    min: ratios.reduce((a, b) => Math.min(a, b)),
    max: ratios.reduce((a, b) => Math.max(a, b)),
    singularValues: values,
    rank: values.filter((s) => s > 1e-9 * largest).length,
  };
}

function stepRatios(
  map: (theta: Tensor) => Tensor,
  at: Tensor,
  steps: number,
  norm: number,
  seed: number,
): Float64Array {
  const random = rng(seed, { device: at.device });
  const base = map(at);
  return Float64Array.from({ length: steps }, () =>
    scope(() => {
      const direction = random.normal([at.size], { dtype: at.dtype });
      const to = at.add(direction.mul(norm / Math.sqrt(direction.square().sum().item())));
      const step = to.sub(at).square().sum().item();
      return Math.sqrt(map(to).sub(base).square().sum().item() / step);
    }),
  );
}

/**
 * The d singular values of the Jacobian. u ↦ Jᵀu is linear; its transpose, recorded once, gives the
 * columns J e_j.
 */
function spectrumOf(map: (theta: Tensor) => Tensor, at: Tensor): Float64Array {
  const transposed = (u: Tensor) => grad((theta: Tensor) => map(theta).mul(u).sum())(at);
  const from = zerosLike(map(at));
  const back = vjp(transposed, from);
  const [d, n] = [at.size, from.size];
  const columns = new Float64Array(d * n);
  try {
    for (let j = 0; j < d; j++) {
      scope(() => {
        const unit = new Float64Array(d);
        unit[j] = 1;
        const direction = fromTypedArray(unit, [d], "float64", at.device).cast(at.dtype);
        columns.set(back.pull(direction).dataSync(), j * n);
      });
    }
  } finally {
    back.dispose();
  }
  // with d > n, the last d − n singular values are 0
  const values = new Float64Array(d);
  values.set(svdvals(fromTypedArray(columns, [d, n], "float64", "cpu")).dataSync());
  return values;
}
