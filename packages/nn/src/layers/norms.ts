/** @file Normalisation of channels and of vectors: GroupNorm and RMSNorm. */
import {
  ones,
  rmsNorm,
  ShapeError,
  scope,
  standardize,
  type Tensor,
  type TensorOptions,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

export interface NormOptions extends TensorOptions {
  /** Added to the variance, or in RMSNorm to the mean square. */
  readonly eps?: number | undefined;
  /** Whether there is a weight, and except in RMSNorm a bias; default: true. */
  readonly affine?: boolean | undefined;
}

/** A vector [channels], reshaped so that it broadcasts to x [n, channels, …]. */
export function overChannels(vector: Tensor, x: Tensor): Tensor {
  return vector.reshape([-1, ...x.shape.slice(2).map(() => 1)]);
}

/**
 * `(x − mean) / √(variance + eps) · weight + bias`, with the statistics of each of `groups` groups
 * of channels in each example: [n, channels, …] → the same shape, weight 1 and bias 0 at first,
 * `eps` 1e-5. Source: arXiv 1803.08494.
 *
 * @throws UsageError unless `groups` divides `channels`; ShapeError for another number of channels.
 * @example
 * new GroupNorm(1, 2, { eps: 0 }).forward(tensor([[[1], [3]]])).toArray(); // [[[-1], [1]]]
 */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly channels: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(groups: number, channels: number, options: NormOptions = {}) {
    super();
    this.groups = groups;
    this.channels = channels;
    if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
      throw new UsageError("GroupNorm", `${channels} channels do not make ${groups} groups`);
    }
    const { eps = 1e-5, affine = true, ...make } = options;
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([channels], make)) : null;
    this.bias = affine ? new Parameter(zeros([channels], make)) : null;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps, groups, channels } = this;
    if (x.shape.length < 2 || x.shape[1] !== channels) {
      throw new ShapeError(
        "GroupNorm",
        `the input is ${formatShape(x.shape)}, expected [n, ${channels}, …]`,
      );
    }
    return scope(() => {
      const length = x.shape.slice(2).reduce((a, b) => a * b, channels / groups);
      const [n = 0] = x.shape;
      const rows = x.reshape([n, groups, length]);
      const y = standardize(rows, { eps }).reshape(x.shape);
      if (weight === null || bias === null) return y;
      return y.mul(overChannels(weight.value, x)).add(overChannels(bias.value, x));
    });
  }
}

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

  constructor(features: number, options: NormOptions = {}) {
    super();
    this.features = features;
    const { eps = 1e-6, affine = true, ...make } = options;
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([features], make)) : null;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight?.value, { eps: this.eps });
  }
}
