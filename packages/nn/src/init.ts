/**
 * @file Initial values of parameters: Kaiming, Xavier, normal and uniform, each from an explicit
 * generator.
 */
import {
  full,
  type Rng,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorOptions,
  UsageError,
} from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";

/** What an initialiser is given. */
export interface InitOptions extends TensorOptions {
  readonly rng: Rng;
}

/** Makes the initial value of a parameter of a given shape; weights are [out, in, …]. */
export type Initializer = (shape: Shape, options: InitOptions) => Tensor;

/** Which number of connections scales the values. */
export type FanMode = "fanIn" | "fanOut";

export interface GainOptions extends InitOptions {
  /** Factor for the activation that follows, see {@link gain}; 1 for no activation. */
  readonly gain?: number | undefined;
  /** Default: "fanIn". The Xavier initialisers use both. */
  readonly mode?: FanMode | undefined;
}

/** Connections into and out of one unit, for weights [out, in, …]. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [out, into, ...rest] = shape;
  if (out === undefined || into === undefined) {
    throw new ShapeError(
      "init",
      `a weight of shape ${formatShape(shape)} has no fan-in and fan-out`,
      "these need two axes or more, [out, in, …]; use normal or uniform for vectors",
    );
  }
  const field = rest.reduce((a, b) => a * b, 1);
  return { fanIn: into * field, fanOut: out * field };
}

const GAINS = {
  linear: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 3 / 4,
} as const;

/**
 * The factor that keeps the variance of activations: √2 for relu, 5/3 for tanh, `√(2/(1 + a²))` for
 * leakyRelu with the slope a.
 *
 * @example
 * gain("leakyRelu", 1); // 1
 */
export function gain(activation: keyof typeof GAINS | "leakyRelu", slope = 0.01): number {
  return activation === "leakyRelu" ? Math.sqrt(2 / (1 + slope * slope)) : GAINS[activation];
}

/** `U(−b, b)` with `b = gain · √(3 / fan)`. Source: arXiv 1502.01852. */
export function kaimingUniform(shape: Shape, options: GainOptions): Tensor {
  const { gain: factor = Math.SQRT2, mode = "fanIn", ...rest } = options;
  const bound = factor * Math.sqrt(3 / Math.max(1, fans(shape)[mode]));
  return uniform(shape, { ...rest, low: -bound, high: bound });
}

/** `N(0, s²)` with `s = gain / √fan`. Source: arXiv 1502.01852. */
export function kaimingNormal(shape: Shape, options: GainOptions): Tensor {
  const { gain: factor = Math.SQRT2, mode = "fanIn", ...rest } = options;
  return normal(shape, { ...rest, std: factor / Math.sqrt(Math.max(1, fans(shape)[mode])) });
}

/** `U(−b, b)` with `b = gain · √(6 / (fanIn + fanOut))`. Source: Glorot and Bengio, 2010. */
export function xavierUniform(shape: Shape, options: GainOptions): Tensor {
  const { gain: factor = 1, mode: _, ...rest } = options;
  const { fanIn, fanOut } = fans(shape);
  const bound = factor * Math.sqrt(6 / Math.max(1, fanIn + fanOut));
  return uniform(shape, { ...rest, low: -bound, high: bound });
}

/** `N(0, s²)` with `s = gain · √(2 / (fanIn + fanOut))`. Source: Glorot and Bengio, 2010. */
export function xavierNormal(shape: Shape, options: GainOptions): Tensor {
  const { gain: factor = 1, mode: _, ...rest } = options;
  const { fanIn, fanOut } = fans(shape);
  const std = factor * Math.sqrt(2 / Math.max(1, fanIn + fanOut));
  return normal(shape, { ...rest, std });
}

/**
 * `U(−1/√fanIn, 1/√fanIn)`: PyTorch's values for the weights of Linear (Kaiming uniform, a = √5).
 */
export function linearDefault(shape: Shape, options: InitOptions): Tensor {
  return kaimingUniform(shape, { ...options, gain: Math.sqrt(1 / 3) });
}

/** `N(mean, std²)`; default: mean 0 and std 1. */
export function normal(
  shape: Shape,
  options: InitOptions & { readonly mean?: number | undefined; readonly std?: number | undefined },
): Tensor {
  const { rng, ...rest } = options;
  return checkRng("init.normal", rng).normal(shape, rest);
}

/** `U(low, high)`; default: from 0 to 1. */
export function uniform(
  shape: Shape,
  options: InitOptions & { readonly low?: number | undefined; readonly high?: number | undefined },
): Tensor {
  const { rng, ...rest } = options;
  return checkRng("init.uniform", rng).uniform(shape, rest);
}

/** An initialiser that gives `value` everywhere. */
export function constant(value: number): Initializer {
  return (shape, { dtype, device }) => full(shape, value, { dtype, device });
}

/** Checks calls from plain JavaScript, which may lack the generator. */
export function checkRng(op: string, rng: Rng | undefined): Rng {
  if (rng !== undefined) return rng;
  throw new UsageError(
    op,
    "no random generator was given",
    "pass one, so that runs can be repeated: { rng: rng(0) }",
  );
}
