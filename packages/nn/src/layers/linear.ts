/** @file The linear layer x Wᵀ + b. */
import { ShapeError, scope, type Tensor } from "@isograd/tensor";
import { expectTensor, formatShape, given } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { checkRng, type Initializer, linearDefault, uniform } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import type { LayerOptions } from "./layer.js";

export interface LinearOptions extends LayerOptions {
  /** Whether a bias is added; default: true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight; default: from `U(±1/√in)`, as in PyTorch. */
  readonly init?: Initializer | undefined;
}

/**
 * `x Wᵀ + b`: […, in] → […, out], with weight [out, in] and bias [out] as in PyTorch; default: both
 * from `U(−1/√in, 1/√in)`.
 *
 * @throws ShapeError when the last axis of the input is not `in`.
 * @example
 * const layer = new Linear(3, 2, { rng: rng(0) });
 * layer.forward(ones([5, 3])).shape; // [5,2]
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions) {
    super();
    expectSizes("Linear", { inFeatures, outFeatures });
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const {
      rng,
      dtype,
      device,
      init = linearDefault,
      bias = true,
    } = given("Linear", options, "bias? init() rng dtype device");
    const make = { rng: checkRng("Linear", rng), dtype, device };
    this.weight = new Parameter(init([outFeatures, inFeatures], make));
    const bound = 1 / Math.sqrt(Math.max(1, inFeatures));
    this.bias = bias
      ? new Parameter(uniform([outFeatures], { ...make, low: -bound, high: bound }))
      : null;
  }

  forward(x: Tensor): Tensor {
    expectTensor("Linear", x);
    if (x.shape[x.shape.length - 1] !== this.inFeatures) {
      throw new ShapeError(
        "Linear",
        `the input is ${formatShape(x.shape)}, its last axis must be ${this.inFeatures}`,
        `this layer maps […, ${this.inFeatures}] to […, ${this.outFeatures}]`,
      );
    }
    const { weight, bias } = this;
    return scope(() => {
      const y = x.matmul(weight.value.mT);
      return bias === null ? y : y.add(bias.value);
    });
  }
}
