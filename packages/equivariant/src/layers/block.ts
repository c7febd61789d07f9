/** @file The residual block around a convolution, after ConvNeXt. */
import { LayerNorm, type LayerOptions, Linear, Module, Parameter } from "@isograd/nn";
import { add, full, gelu, mul, scope, type Tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectFinite, expectRng, expectSizes, expectWhole, synonyms } from "../expect.js";
import { expectKernels, type InteractionLayer, type Kernels } from "./interaction.js";
import { type InteractionName, interactionOf } from "./interactions.js";

/** Sizes of a {@link ConvNeXtBlock}. */
export interface BlockOptions extends LayerOptions {
  readonly channels: number;
  readonly basis: number;
  /** Width of the hidden layer, in channels. */
  readonly widening: number;
  /** Initial value of the scale γ of each channel; null for none. */
  readonly layerScale: number | null;
  /** Whether to convolve also over orientations. */
  readonly fibre: boolean;
  /** How nodes exchange messages; default: "separable". */
  readonly interaction?: InteractionName | undefined;
  /** Number of heads of attention; default: 4. */
  readonly heads?: number | undefined;
}

/**
 * `x + γ · Linear(GELU(Linear(LayerNorm(conv(x)))))`, with inner width `widening · C`; γ [C] is
 * optional. Source: arXiv 2310.02970, figure 3; arXiv 2201.03545.
 */
export class ConvNeXtBlock extends Module {
  readonly convolution: InteractionLayer;
  readonly norm: LayerNorm;
  readonly widen: Linear;
  readonly narrow: Linear;
  readonly layerScale: Parameter | null;

  constructor(options: BlockOptions) {
    super();
    const op = "ConvNeXtBlock";
    const names =
      "channels# basis# widening# layerScale fibre? interaction heads# rng dtype device";
    const { channels, basis, widening, layerScale, fibre, ...rest } = given(
      op,
      options,
      names,
      synonyms,
    );
    const { interaction = "separable", heads = 4, ...make } = rest;
    expectRng(op, make.rng);
    expectSizes(op, { channels, basis, widening }, (C, B, w) => C * (2 * B + 2 * w * C));
    expectWhole(op, "heads", heads, 1);
    if (layerScale !== null) expectFinite(op, "layerScale", layerScale);
    this.convolution = interactionOf(interaction, channels, basis, { ...make, fibre, heads });
    const place = { dtype: make.dtype, device: make.device };
    this.norm = new LayerNorm(channels, place);
    this.widen = new Linear(channels, widening * channels, make);
    this.narrow = new Linear(widening * channels, channels, make);
    const scaled = layerScale !== null;
    this.layerScale = scaled ? new Parameter(full([channels], layerScale, place)) : null;
  }

  /** [V·O, C] → [V·O, C]. */
  forward(x: Tensor, kernels: Kernels): Tensor {
    expectKernels("ConvNeXtBlock", x, kernels, this.widen.inFeatures);
    return scope(() => {
      const convolved = this.norm.forward(this.convolution.forward(x, kernels));
      const change = this.narrow.forward(gelu(this.widen.forward(convolved)));
      return add(x, this.layerScale === null ? change : mul(change, this.layerScale.value));
    });
  }
}
