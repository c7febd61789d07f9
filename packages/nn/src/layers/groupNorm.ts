/** @file Group normalisation. */
import { ones, scope, standardize, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { expectSizes, isWhole } from "../expect.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { checkEps, expectChannels, type NormOptions, overChannels } from "./norm.js";

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

  constructor(groups: number, channels: number, options?: NormOptions) {
    super();
    expectSizes("GroupNorm", { channels });
    this.groups = groups;
    this.channels = channels;
    if (!isWhole(groups, 1) || channels % groups !== 0) {
      const problem = `${channels} channels do not make ${shown(groups)} groups`;
      throw new UsageError("GroupNorm", problem, "write new GroupNorm(groups, channels)");
    }
    const {
      eps = 1e-5,
      affine = true,
      ...make
    } = given("GroupNorm", options, "eps# affine? dtype device");
    checkEps("GroupNorm", eps);
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([channels], make)) : null;
    this.bias = affine ? new Parameter(zeros([channels], make)) : null;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps, groups, channels } = this;
    expectChannels("GroupNorm", x, channels);
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
