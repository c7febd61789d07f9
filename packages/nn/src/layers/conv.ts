/** @file Convolution layers. */
import {
  type ConvOptions as ConvFunctionOptions,
  conv1d,
  conv2d,
  type Padding,
  type PerAxis,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import { given, ownLists, shown } from "@isograd/tensor/engine";
import { expectSizes, isWhole } from "../expect.js";
import { checkRng, fans, type Initializer, linearDefault, uniform } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import type { LayerOptions } from "./layer.js";

export interface ConvOptions extends LayerOptions {
  /** Distance between neighbouring windows; default: 1. */
  readonly stride?: PerAxis | undefined;
  /** Number of zeros on both sides, "same" or "valid"; default: 0. */
  readonly padding?: Padding | undefined;
  /** Distance between neighbouring positions in a window; default: 1. */
  readonly dilation?: PerAxis | undefined;
  /** Number of groups of channels that are convolved separately; default: 1. */
  readonly groups?: number | undefined;
  /** Whether a bias is added; default: true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight; default: from `U(±1/√fan-in)`, as in PyTorch. */
  readonly init?: Initializer | undefined;
}

/** The part that convolutions over one and two axes share. */
abstract class Conv extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  protected readonly how: ConvFunctionOptions;

  constructor(
    inChannels: number,
    outChannels: number,
    kernel: readonly number[],
    options: ConvOptions,
  ) {
    super();
    const op = new.target.name;
    const {
      rng,
      dtype,
      device,
      bias = true,
      init = linearDefault,
      ...how
    } = given(op, options, "stride padding dilation groups# bias? init() rng dtype device");
    const { groups = 1 } = how;
    expectSizes(op, { inChannels, outChannels }, []);
    checkGroups(op, groups, inChannels, outChannels);
    const shape = [outChannels, inChannels / groups, ...kernel];
    checkKernel(op, kernel);
    const window = kernel.map((n, i): [string, number] => [`kernel[${i}]`, n]);
    expectSizes(op, { inChannels, outChannels, ...Object.fromEntries(window) }, shape);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    const make = { rng: checkRng(op, rng), dtype, device };
    this.how = ownLists(how);
    this.weight = new Parameter(init(shape, make));
    const bound = 1 / Math.sqrt(Math.max(1, fans(shape).fanIn));
    this.bias = bias
      ? new Parameter(uniform([outChannels], { ...make, low: -bound, high: bound }))
      : null;
  }
}

function checkGroups(op: string, groups: number, inChannels: number, outChannels: number): void {
  if (isWhole(groups, 1) && inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new UsageError(
    op,
    `${inChannels} and ${outChannels} channels do not make ${groups} groups`,
    "give a whole number of groups that divides both",
  );
}

function checkKernel(op: string, kernel: readonly number[]): void {
  if (kernel.every((n) => isWhole(n, 1))) return;
  const help = "give a whole number from 1, or one for each axis";
  throw new UsageError(op, `kernel is ${shown(kernel.length === 1 ? kernel[0] : kernel)}`, help);
}

/**
 * Convolution along one axis: [n, in, length] → [n, out, shorter], weight [out, in / groups,
 * kernel] and bias [out] from `U(±1/√fan-in)`. See `conv1d`.
 *
 * @throws ShapeError when the input does not have `in` channels, or is shorter than the kernel.
 * @example
 * new Conv1d(2, 4, 3, { padding: 1, rng: rng(0) }).forward(ones([5, 2, 10])).shape; // [5, 4, 10]
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernel: number, options: ConvOptions) {
    super(inChannels, outChannels, [kernel], options);
  }

  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight.value, this.bias?.value, this.how);
  }
}

/**
 * Convolution along height and width: [n, in, height, width] → [n, out, …], weight [out, in /
 * groups, …kernel] and bias [out] from `U(±1/√fan-in)`. See `conv2d`.
 *
 * @throws ShapeError when the input does not have `in` channels, or is smaller than the kernel.
 * @example
 * const layer = new Conv2d(3, 8, 3, { stride: 2, padding: 1, rng: rng(0) });
 * layer.forward(ones([5, 3, 8, 8])).shape; // [5, 8, 4, 4]
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvOptions) {
    const sizes = Array.isArray(kernel) ? kernel : [kernel, kernel];
    if (sizes.length !== 2) {
      throw new UsageError("Conv2d", `kernel is ${shown(kernel)}`, "write [height, width]");
    }
    super(inChannels, outChannels, sizes, options);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight.value, this.bias?.value, this.how);
  }
}
