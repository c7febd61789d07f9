/** @file Layer normalisation. */
import {
  layerNorm,
  ones,
  scope,
  standardize,
  type Tensor,
  type TensorOptions,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { expectTensor, given } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { checkEps } from "./norm.js";

export interface LayerNormOptions extends TensorOptions {
  /** Added to the variance; default: 1e-5. */
  readonly eps?: number | undefined;
  /** Whether there are a weight and a bias; default: true. */
  readonly affine?: boolean | undefined;
  /** Whether there is a bias, if there is a weight; default: true. */
  readonly bias?: boolean | undefined;
}

/**
 * `(x − mean) / √(variance + eps) · weight + bias` over the last axis: […, features] → […,
 * features], with weight 1 and bias 0 at first. Source: arXiv 1607.06450.
 *
 * @throws ShapeError when the last axis of the input is not `features`.
 * @example
 * new LayerNorm(2, { eps: 0 }).forward(tensor([[1, 3]])).toArray(); // [[-1, 1]]
 */
export class LayerNorm extends Module {
  readonly features: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(features: number, options?: LayerNormOptions) {
    super();
    expectSizes("LayerNorm", { features });
    this.features = features;
    const {
      eps = 1e-5,
      affine = true,
      bias = affine,
      ...make
    } = given("LayerNorm", options, "eps# affine? bias? dtype device");
    checkEps("LayerNorm", eps);
    if (bias && !affine) {
      const help = "leave bias out, or pass { affine: true }";
      throw new UsageError("LayerNorm", "a bias needs affine", help);
    }
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([features], make)) : null;
    this.bias = bias ? new Parameter(zeros([features], make)) : null;
  }

  forward(x: Tensor): Tensor {
    expectTensor("LayerNorm", x);
    const { weight, bias, eps } = this;
    if (weight === null) return standardize(x, { eps });
    if (bias === null) return scope(() => standardize(x, { eps }).mul(weight.value));
    return layerNorm(x, weight.value, bias.value, { eps });
  }
}
