/**
 * @file Initial values of parameters: Kaiming, Xavier, normal and uniform, each from an explicit
 * generator.
 */
import {
  full,
  Rng,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorOptions,
  UsageError,
} from "@isograd/tensor";
import { formatShape, given, shown } from "@isograd/tensor/engine";
import { isNumber, isWhole } from "./expect.js";

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
  checkShape("init.fans", shape);
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
export function gain(activation: keyof typeof GAINS | "leakyRelu", slope?: number): number {
  if (activation === "leakyRelu") {
    const a = slope ?? 0.01;
    if (isNumber(a, Number.isFinite)) return Math.sqrt(2 / (1 + a * a));
    throw new UsageError("init.gain", `the slope is ${shown(a)}`, "give a number such as 0.01");
  }
  if (!Object.hasOwn(GAINS, activation)) {
    const known = `known are ${Object.keys(GAINS).join(", ")}, leakyRelu`;
    throw new UsageError("init.gain", `there is no activation ${shown(activation)}`, known);
  }
  if (slope === undefined) return GAINS[activation];
  throw new UsageError(
    "init.gain",
    `${activation} has no slope, got ${shown(slope)}`,
    "leave it out",
  );
}

/** Checks a shape before a long list of numbers is drawn for it. */
function checkShape(op: string, shape: unknown): void {
  if (Array.isArray(shape) && shape.every((n) => isWhole(n))) return;
  const help = "a shape is a list of lengths: [out, in]";
  throw new ShapeError(op, `the shape is ${shown(shape)}`, help);
}

/** The options of an initialiser that scales by a gain: see {@link GainOptions}. */
function gained(op: string, shape: Shape, options: GainOptions, usual: number) {
  checkShape(op, shape);
  const {
    gain: factor = usual,
    mode = "fanIn",
    rng,
    dtype,
    device,
  } = given(op, options, "gain# mode rng dtype device");
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw new UsageError(op, `there is no mode ${shown(mode)}`, "fanIn or fanOut");
  }
  if (!Number.isFinite(factor)) {
    throw new UsageError(op, `gain is ${factor}`, 'give a number, such as init.gain("relu")');
  }
  return { factor, mode, make: { rng: checkRng(op, rng), dtype, device } };
}

/** The Xavier initialisers use both fans. */
function withoutMode(op: string, options: Omit<GainOptions, "mode">): GainOptions {
  return given(op, options, "gain# rng dtype device");
}

/** `U(−b, b)` with `b = gain · √(3 / fan)`. Source: arXiv 1502.01852. */
export function kaimingUniform(shape: Shape, options: GainOptions): Tensor {
  const { factor, mode, make } = gained("init.kaimingUniform", shape, options, Math.SQRT2);
  const bound = factor * Math.sqrt(3 / Math.max(1, fans(shape)[mode]));
  return uniform(shape, { ...make, low: -bound, high: bound });
}

/** `N(0, s²)` with `s = gain / √fan`. Source: arXiv 1502.01852. */
export function kaimingNormal(shape: Shape, options: GainOptions): Tensor {
  const { factor, mode, make } = gained("init.kaimingNormal", shape, options, Math.SQRT2);
  return normal(shape, { ...make, std: factor / Math.sqrt(Math.max(1, fans(shape)[mode])) });
}

/** `U(−b, b)` with `b = gain · √(6 / (fanIn + fanOut))`. Source: Glorot and Bengio, 2010. */
export function xavierUniform(shape: Shape, options: Omit<GainOptions, "mode">): Tensor {
  const op = "init.xavierUniform";
  const { factor, make } = gained(op, shape, withoutMode(op, options), 1);
  const { fanIn, fanOut } = fans(shape);
  const bound = factor * Math.sqrt(6 / Math.max(1, fanIn + fanOut));
  return uniform(shape, { ...make, low: -bound, high: bound });
}

/** `N(0, s²)` with `s = gain · √(2 / (fanIn + fanOut))`. Source: Glorot and Bengio, 2010. */
export function xavierNormal(shape: Shape, options: Omit<GainOptions, "mode">): Tensor {
  const op = "init.xavierNormal";
  const { factor, make } = gained(op, shape, withoutMode(op, options), 1);
  const { fanIn, fanOut } = fans(shape);
  return normal(shape, { ...make, std: factor * Math.sqrt(2 / Math.max(1, fanIn + fanOut)) });
}

/**
 * `U(−1/√fanIn, 1/√fanIn)`: PyTorch's values for the weights of Linear (Kaiming uniform, a = √5).
 */
export function linearDefault(shape: Shape, options: InitOptions): Tensor {
  const make = given("init.linearDefault", options, "rng dtype device");
  return kaimingUniform(shape, { ...make, gain: Math.sqrt(1 / 3) });
}

/** `N(mean, std²)`; default: mean 0 and std 1. */
export function normal(
  shape: Shape,
  options: InitOptions & { readonly mean?: number | undefined; readonly std?: number | undefined },
): Tensor {
  const { rng, ...rest } = given("init.normal", options, "std# mean# rng dtype device");
  checkShape("init.normal", shape);
  return checkRng("init.normal", rng).normal(shape, rest);
}

/** `U(low, high)`; default: from 0 to 1. */
export function uniform(
  shape: Shape,
  options: InitOptions & { readonly low?: number | undefined; readonly high?: number | undefined },
): Tensor {
  const { rng, ...rest } = given("init.uniform", options, "high# low# rng dtype device");
  checkShape("init.uniform", shape);
  return checkRng("init.uniform", rng).uniform(shape, rest);
}

/** An initialiser that gives `value` everywhere. */
export function constant(value: number): Initializer {
  if (typeof value !== "number") {
    throw new UsageError("init.constant", `the value is ${shown(value)}`, "give a number");
  }
  return (shape, options) => {
    const { dtype, device } = given("init.constant", options, "rng dtype device");
    return full(shape, value, { dtype, device });
  };
}

/** Checks calls from plain JavaScript, which may lack the generator. */
export function checkRng(op: string, rng: Rng | undefined): Rng {
  if (rng instanceof Rng) return rng;
  throw new UsageError(
    op,
    rng === undefined ? "no random generator was given" : `rng is ${shown(rng)}, no generator`,
    "pass one, so that runs can be repeated: { rng: rng(0) }",
  );
}
