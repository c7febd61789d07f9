/** @file Convolution layers. */
import {
  type ConvOptions as ConvFunctionOptions,
  conv1d,
  conv2d,
  type Padding,
  type PerAxis,
  type Tensor,
} from "@isograd/tensor";
import { ownLists } from "@isograd/tensor/engine";
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
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    const { rng, dtype, device, bias = true, init = linearDefault, ...how } = options ?? {};
    const make = { rng: checkRng(new.target.name, rng), dtype, device };
    this.how = ownLists(how);
    const shape = [outChannels, inChannels / (how.groups ?? 1), ...kernel];
    this.weight = new Parameter(init(shape, make));
    const bound = 1 / Math.sqrt(Math.max(1, fans(shape).fanIn));
    this.bias = bias
      ? new Parameter(uniform([outChannels], { ...make, low: -bound, high: bound }))
      : null;
  }
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
    const sizes = typeof kernel === "number" ? [kernel, kernel] : kernel;
    super(inChannels, outChannels, sizes, options);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight.value, this.bias?.value, this.how);
  }
}
