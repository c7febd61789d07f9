/** @file Normalisation by the root of the mean square. */
import { ones, rmsNorm, type Tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { checkEps, type NormOptions } from "./norm.js";

/**
 * `x / √(mean(x²) + eps) · weight` over the last axis: […, features] → […, features], weight 1 at
 * first; default: `eps` 1e-6. Source: arXiv 1910.07467.
 *
 * @throws ShapeError when the last axis of the input is not `features`.
 * @example
 * const norm = new RMSNorm(2, { eps: 0 });
 * norm.forward(tensor([[1, 7]])).toString(); // Tensor(float32, [1, 2]) [[0.2, 1.4]]
 */
export class RMSNorm extends Module {
  readonly features: number;
  readonly weight: Parameter | null;
  readonly eps: number;

  constructor(features: number, options?: NormOptions) {
    super();
    expectSizes("RMSNorm", { features });
    this.features = features;
    const {
      eps = 1e-6,
      affine = true,
      ...make
    } = given("RMSNorm", options, "eps# affine? dtype device");
    checkEps("RMSNorm", eps);
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([features], make)) : null;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight?.value, { eps: this.eps });
  }
}
