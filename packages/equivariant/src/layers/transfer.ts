/** @file A convolution from one set of points to another, between levels of resolution. */
import { LayerNorm, type LayerOptions, Linear, Module } from "@isograd/nn";
import { scope, type Tensor } from "@isograd/tensor";
import { SeparableConvolution } from "./convolution.js";
import type { Kernels } from "./interaction.js";

/**
 * `Linear(LayerNorm(conv(x)))`, where senders and receivers are different points: [S·O, C] → [V·O,
 * C].
 */
export class Transfer extends Module {
  readonly convolution: SeparableConvolution;
  readonly norm: LayerNorm;
  readonly mix: Linear;

  constructor(
    channels: number,
    basis: number,
    options: LayerOptions & { readonly fibre: boolean },
  ) {
    super();
    const { fibre: _, ...make } = options;
    this.convolution = new SeparableConvolution(channels, basis, options);
    this.norm = new LayerNorm(channels, { dtype: make.dtype, device: make.device });
    this.mix = new Linear(channels, channels, make);
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    return scope(() => this.mix.forward(this.norm.forward(this.convolution.forward(x, kernels))));
  }
}
