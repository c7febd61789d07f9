/**
 * @file The interface of a method: its trained numbers, and the change of weights computed from
 * them.
 */
import { Buffer, type Parameter } from "@isograd/nn";
import { reshape, type Shape, slice, type Tensor, UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";
import type { Target, TargetModules } from "../adapters/targets.js";

/** Names of the methods, as in `adapter_config.json`. */
export type MethodName =
  | "GPART"
  | "LORA"
  | "UNILORA"
  | "VERA"
  | "VBLORA"
  | "TIEDLORA"
  | "FOURIERFT"
  | "DENSE"
  | "FASTFOOD"
  | "FULL"
  | "BITFIT"
  | "HEAD";

/** What every adapter takes, in PEFT's vocabulary. */
export interface AdapterOptions {
  /** Which weights to adapt; default: `"all-linear"`. */
  readonly targetModules?: TargetModules | undefined;
  /**
   * Layers to adapt, by their number: the first number in a name such as `blocks.3.query`; default:
   * all.
   */
  readonly layersToTransform?: number | readonly number[] | undefined;
  /** The step before the layer number, for names with several numbers: `"blocks"`. */
  readonly layersPattern?: string | undefined;
  /** Modules or parameters to train in full, such as a new head. They are never targets. */
  readonly modulesToSave?: readonly string[] | undefined;
  /**
   * Share of the entries of ΔW that are set to 0 at random in training; the others are scaled up.
   * Default: 0.
   */
  readonly dropout?: number | undefined;
  /** Seed of all random numbers; default: 0. A bigint counts modulo 2⁶⁴. */
  readonly seed?: number | bigint | undefined;
}

/** A value of a configuration file. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [k: string]: Json };

/**
 * What the sum of trained numbers means: ΔW is linear in them; or they are the weights themselves;
 * or the sum has no meaning.
 */
export type Addition = "linear" | "weights" | "none";

/** A reparametrisation: trained numbers, and the ΔW of each target computed from them. */
export interface Method {
  readonly name: MethodName;
  readonly addition: Addition;
  /** The trained numbers, at their initial values. */
  readonly trained: Readonly<Record<string, Parameter>>;
  /** Random numbers drawn from the seed; neither trained nor saved. */
  readonly frozen?: Readonly<Record<string, Buffer>>;
  /**
   * −ΔW for each target, from the current values of the parameters. With this sign, `W0 − (−ΔW)`
   * keeps every bit of W0 where ΔW = 0, also of W0 = −0.
   */
  minusDelta(bases: readonly Tensor[]): Tensor[];
  /**
   * The weights, for methods where they are not W0 + ΔW, or where this takes fewer passes over
   * memory.
   */
  weights?(bases: readonly Tensor[]): Tensor[];
  /** Fields of the configuration file that only this method has. */
  readonly config: Readonly<Record<string, Json>>;
  /** Name of a trained parameter in the file of weights. */
  fileName(trained: string): string;
  /** Frees memory other than the parameters. */
  dispose?(): void;
}

/** `blocks.0.query` for the target `blocks.0.query.weight`: PEFT names adapters after it. */
export function moduleName(target: Target): string {
  return target.name.endsWith(".weight") ? target.name.slice(0, -7) : target.name;
}

/**
 * The shape of a weight as a matrix [out, in], also where it is stored as [in, out]; further axes
 * count as inputs. @throws UsageError for weights with fewer than two axes.
 */
export function matrixShape(
  method: string,
  target: Target,
): readonly [rows: number, columns: number] {
  const { shape } = target.parameter;
  if (shape.length >= 2) {
    const [rows = 0, ...rest] = shape;
    const columns = rest.reduce((a, b) => a * b, 1);
    return target.transposed ? [columns, rows] : [rows, columns];
  }
  throw new UsageError(
    method,
    `${target.name} has shape [${shape.join(", ")}]: it is no matrix`,
    "target weights with two axes or more, or use gpart, which takes any",
  );
}

/** The largest number of rows and of columns among the targets as matrices. */
export function largestShape(
  method: string,
  targets: readonly Target[],
): readonly [rows: number, columns: number] {
  const shapes = targets.map((target) => matrixShape(method, target));
  const side = (axis: 0 | 1) => Math.max(...shapes.map((shape) => shape[axis]));
  return [side(0), side(1)];
}

/** The field of PEFT that says that weights are stored as [in, out], for methods with factors. */
export function storage(targets: readonly Target[]): { fan_in_fan_out?: true } {
  return targets.some((target) => target.transposed) ? { fan_in_fan_out: true } : {};
}

/** A matrix [out, in] in the form of a weight. */
export function stored(matrix: Tensor, { parameter, transposed }: Target): Tensor {
  return reshape(transposed ? matrix.mT : matrix, parameter.shape);
}

/** The name in a file of what belongs to a module. */
export const inModel = (name: string): string => `base_model.model.${name}`;

/** A seed in a configuration: a bigint as a text of its digits. */
export function seedField(seed: number | bigint): number | string {
  return typeof seed === "bigint" ? String(BigInt.asUintN(64, seed)) : seed;
}

/** A random constant of a method: moved and cast with the adapter, but not saved. */
export function constant(value: Tensor): Buffer {
  return new Buffer(value, { persistent: false });
}

/** Cuts a vector of N numbers into the targets, in order. */
export function cutTo(flat: Tensor, targets: readonly Target[]): Tensor[] {
  let at = 0;
  return targets.map(({ parameter }) => {
    const { size } = parameter.own;
    at += size;
    return reshape(slice(flat, [[at - size, at]]), parameter.shape);
  });
}

/** Shapes of the targets. */
export function shapesOf(targets: readonly Target[]): Shape[] {
  return targets.map(({ parameter }) => parameter.shape);
}

/** @throws UsageError unless the value is a whole number of at least 1. */
export function checkCount(method: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  const problem = `${name} is a whole number of at least 1: got ${shown(value)}`;
  throw new UsageError(method, problem, "to only train modules in full, use headOnly");
}

/** @throws UsageError unless the value is a finite number. */
export function checkFactor(method: string, name: string, value: number): void {
  if (Number.isFinite(value)) return;
  const problem = `${name} is a finite number: got ${shown(value)}`;
  throw new UsageError(method, problem, "leave it out for the default");
}
