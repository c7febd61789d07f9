/** @file Batch normalisation, with running statistics. */
import { noGrad } from "@isograd/autograd";
import { ones, ShapeError, scope, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { deviceOf, formatShape, given, sampleLevel, shown } from "@isograd/tensor/engine";
import { expectSizes, isNumber } from "../expect.js";
import { Module } from "../module.js";
import { Buffer, Parameter } from "../parameter.js";
import { checkEps, expectChannels, type NormOptions, overChannels } from "./norm.js";

export interface BatchNormOptions extends NormOptions {
  /**
   * Weight of a new batch in the running statistics; null gives the mean of all batches. Default:
   * 0.1.
   */
  readonly momentum?: number | null | undefined;
}

/**
 * `(x − mean) / √(variance + eps) · weight + bias` for each channel, over all examples and
 * positions: [n, channels, …] → the same shape, weight 1 and bias 0 at first, `eps` 1e-5. Training
 * uses the statistics of the batch and updates the running ones,
 * `running = (1 − momentum) · running + momentum · batch` (variance with n − 1). Evaluation uses
 * the running ones, and so does an empty batch, which updates nothing. The running statistics are
 * buffers, named as in PyTorch. Source: arXiv 1502.03167.
 *
 * @throws ShapeError for another number of channels, or in training for a batch of one number per
 * channel; UsageError in training under vmap, where each sample would have its own running
 * statistics.
 * @example
 * const norm = new BatchNorm(1, { eps: 0 });
 * norm.forward(tensor([[1], [3]])).toArray(); // [[-1], [1]]
 * norm.running_mean.value.toString(); // Tensor(float32, [1]) [0.2]
 */
export class BatchNorm extends Module {
  readonly channels: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly running_mean: Buffer;
  readonly running_var: Buffer;
  readonly num_batches_tracked: Buffer;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(channels: number, options?: BatchNormOptions) {
    super();
    expectSizes("BatchNorm", { channels });
    this.channels = channels;
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      ...make
    } = given("BatchNorm", options, "eps# momentum affine? dtype device");
    checkEps("BatchNorm", eps);
    if (momentum !== null && !isNumber(momentum, (m) => m >= 0 && m <= 1)) {
      const help = "give the weight of a new batch, or null for the mean of all batches";
      throw new UsageError("BatchNorm", `momentum is in [0, 1]: got ${shown(momentum)}`, help);
    }
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(ones([channels], make)) : null;
    this.bias = affine ? new Parameter(zeros([channels], make)) : null;
    this.running_mean = new Buffer(zeros([channels], make));
    this.running_var = new Buffer(ones([channels], make));
    this.num_batches_tracked = new Buffer(tensor(0, { dtype: "int32", device: make.device }));
  }

  forward(x: Tensor): Tensor {
    expectChannels("BatchNorm", x, this.channels);
    const { weight, bias, eps } = this;
    return scope(() => {
      const [centred, variance] = this.training && x.size > 0 ? this.#ofBatch(x) : this.#running(x);
      const y = centred.mul(variance.add(eps).rsqrt());
      if (weight === null || bias === null) return y;
      return y.mul(overChannels(weight.value, x)).add(overChannels(bias.value, x));
    });
  }

  /** x − mean, and the variance, with the statistics of the batch. */
  #ofBatch(x: Tensor): [Tensor, Tensor] {
    const count = x.size / this.channels;
    if (count < 2) {
      throw new ShapeError(
        "BatchNorm",
        `${formatShape(x.shape)} has one number for each channel, which has no variance`,
        "train on larger batches, or call eval() first",
      );
    }
    if (sampleLevel(deviceOf(x)) > 0) throw ownStatistics();
    const over = { axis: x.shape.map((_, i) => i).filter((i) => i !== 1), keepdims: true };
    const mean = x.mean(over);
    const centred = x.sub(mean);
    const variance = centred.square().mean(over);
    noGrad(() => scope(() => this.#move(mean, variance.mul(count / (count - 1)))));
    return [centred, variance];
  }

  #move(mean: Tensor, variance: Tensor): void {
    const { running_mean, running_var, num_batches_tracked: seen } = this;
    seen.value = seen.own.add(1);
    const rate = this.momentum ?? seen.own.cast(mean.dtype).reciprocal();
    const towards = (old: Tensor, batch: Tensor) =>
      old.add(batch.reshape(old.shape).cast(old.dtype).sub(old).mul(rate));
    running_mean.value = towards(running_mean.own, mean);
    running_var.value = towards(running_var.own, variance);
  }

  /** x − mean, and the variance, with the running statistics. */
  #running(x: Tensor): [Tensor, Tensor] {
    const mean = overChannels(this.running_mean.value, x);
    return [x.sub(mean), overChannels(this.running_var.value, x)];
  }
}

function ownStatistics(): UsageError {
  return new UsageError(
    "BatchNorm",
    "in training under vmap each sample would have running statistics of its own",
    "call eval() first, run the layer on the whole batch outside of vmap, " +
      "or use GroupNorm or LayerNorm",
  );
}
