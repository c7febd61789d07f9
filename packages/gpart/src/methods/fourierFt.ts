/** @file FourierFT: trains a few coefficients of each ΔW's spectrum, at random places. */
import { type Module, Parameter } from "@isograd/nn";
import {
  arange,
  cast,
  concat,
  cos,
  expandDims,
  floorDivide,
  matmul,
  mod,
  mul,
  neg,
  type Rng,
  rng,
  scope,
  sin,
  sub,
  type Tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  checkFactor,
  constant,
  inModel,
  type Method,
  matrixShape,
  moduleName,
  seedField,
  storage,
  stored,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link fourierFt} takes. */
export interface FourierFtOptions extends AdapterOptions {
  /** Number of coefficients for each target; default: 1000. */
  readonly coefficients?: number | undefined;
  /** The factor s; default: 150, PEFT's value for large weights. */
  readonly scaling?: number | undefined;
  /** Whether coefficients start at 0 or from N(0, 1), as in PEFT; default: "zeros". */
  readonly init?: "zeros" | "normal" | undefined;
}

/**
 * Adapts a model by FourierFT: `W = W0 + s · Re IFFT2(F)`, F [out, in] with trained real
 * coefficients at n random places and 0 elsewhere:
 * `ΔW[p, q] = s/(out·in) · Σ_k c_k cos(2π (u_k p/out + v_k q/in))`. It is computed as a product of
 * thin matrices of cosines and sines. ΔW is linear in c, but not an isometry: two places whose
 * waves are reflections of each other give the same real part.
 *
 * Source: arXiv 2405.03003.
 *
 * @throws UsageError for more coefficients than a target has weights, or targets with fewer than
 * two axes.
 * @example
 * const adapter = fourierFt(new MLP([4, 8, 2], { rng: rng(0) }), { coefficients: 5 });
 * adapter.parameterCount; // 10
 */
export function fourierFt<M extends Module>(model: M, asked?: FourierFtOptions): Adapter<M> {
  checkModel("fourierFt", model);
  const options = given(
    "fourierFt",
    asked,
    `coefficients# scaling# init ${ADAPTER}` as const,
    synonyms,
  );
  const { coefficients = 1000, init = "zeros" } = options;
  checkCount("fourierFt", "coefficients", coefficients);
  checkFactor("fourierFt", "scaling", options.scaling ?? 0);
  if (init !== "zeros" && init !== "normal") {
    throw new UsageError(
      "fourierFt",
      `coefficients start as "zeros" or "normal": got ${shown(init)}`,
      "zeros: the base model",
    );
  }
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => fourierMethod(targets, options), options });
}

/** Loads a saved FourierFT adapter. */
export const fourierFtLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, {
      coefficients: "n_frequency",
      scaling: "scaling",
    });
    return fourierFt(model, { ...options, ...own, seed: readSeed(fields, "random_loc_seed") });
  },
  *trained(targets, fields) {
    const { n } = readNumbers(fields, { n: "n_frequency" });
    for (const target of targets) yield [inModel(`${moduleName(target)}.fourierft_spectrum`), [n]];
  },
  sizes: [[".fourierft_spectrum", "n_frequency"]],
};

function fourierMethod(targets: readonly Target[], options: FourierFtOptions): Method {
  const { coefficients = 1000, scaling = 150, init = "zeros", seed = 0 } = options;
  const random = rng(`fourierft ${seed}`);
  const trained: Record<string, Parameter> = {};
  const frozen: Record<string, ReturnType<typeof constant>> = {};
  const spectra = targets.map((target) => {
    const places = constant(drawPlaces(random, target, coefficients));
    const { dtype, device } = target.parameter;
    const values = random.normal([coefficients], { dtype, device });
    const start = init === "zeros" ? zeros([coefficients], { dtype, device }) : values;
    const spectrum = new Parameter(start);
    trained[`${moduleName(target)}.fourierft_spectrum`] = spectrum;
    frozen[`${moduleName(target)}.places`] = places;
    return { target, spectrum, places };
  });
  const minusDelta = (): Tensor[] =>
    spectra.map(({ target, spectrum, places }) => {
      const shape = matrixShape("fourierFt", target);
      return scope(() => {
        const minus = mul(sub(0, spectrum.value), scaling);
        return stored(waves(minus, places.value, shape), target);
      });
    });
  return {
    name: "FOURIERFT",
    addition: "linear",
    trained,
    frozen,
    minusDelta,
    config: {
      n_frequency: coefficients,
      scaling,
      random_loc_seed: seedField(seed),
      ...storage(targets),
    },
    fileName: inModel,
  };
}

/** n different places of a target's spectrum, row-major, int32. */
function drawPlaces(random: Rng, target: Target, n: number): Tensor {
  const { size } = target.parameter.own;
  if (n <= size) return random.choice(size, n, { device: target.parameter.device });
  const problem = `${n} coefficients for ${target.name}, which has ${size} weights`;
  throw new UsageError("fourierFt", problem, "take fewer coefficients");
}

/** `Re IFFT2` of coefficients c [n] at places [n] of a spectrum of this shape. */
function waves(c: Tensor, places: Tensor, [rows, columns]: readonly [number, number]): Tensor {
  const u = floorDivide(places, columns);
  const v = mod(places, columns);
  const down = angles(u, rows, c); // [n, rows]
  const across = angles(v, columns, c); // [n, columns]
  // cos(x + y) = cos x cos y − sin x sin y
  const scaled = expandDims(mul(c, 1 / (rows * columns)), 1);
  const left = concat([mul(cos(down), scaled), neg(mul(sin(down), scaled))]);
  const right = concat([cos(across), sin(across)]);
  return matmul(left.mT, right);
}

/**
 * 2π f_k p / length, [n, length]. Whole turns are removed in integer arithmetic, before any
 * rounding.
 */
function angles(frequencies: Tensor, length: number, { dtype, device }: Tensor): Tensor {
  const steps = arange(length, { dtype: "int32", device });
  const turns = mod(mul(expandDims(frequencies, 1), steps), length);
  return mul(cast(turns, dtype), (2 * Math.PI) / length);
}
