/** @file A transformer block: attention and a two-layer network, each with a residual. */
import { scope, type Tensor, UsageError } from "@isograd/tensor";
import { expectTensor, given, shown } from "@isograd/tensor/engine";
import { expectWhole } from "../expect.js";
import { checkRng } from "../init.js";
import { Module } from "../module.js";
import {
  type AttentionLayerOptions,
  type AttentionMasks,
  MultiHeadAttention,
} from "./attention.js";
import { type Dropout, dropoutFor, dropped } from "./dropout.js";
import { checkHeads } from "./heads.js";
import { type ActivationName, activationOf, type TensorFunction } from "./layer.js";
import { LayerNorm } from "./layerNorm.js";
import { Linear } from "./linear.js";
import { RMSNorm } from "./rmsNorm.js";

export interface TransformerBlockOptions extends AttentionLayerOptions {
  /** Width of the inner layer; default: four times the features. */
  readonly hidden?: number | undefined;
  /** Activation between the two linear layers; default: gelu. */
  readonly activation?: ActivationName | TensorFunction | undefined;
  /**
   * True normalises the input of each part, false the sum after it, as in the first paper. Default:
   * true.
   */
  readonly normFirst?: boolean | undefined;
  /** Kind of both norms; default: "layer". */
  readonly norm?: "layer" | "rms" | undefined;
  /** Added to the variance in the norms; default: 1e-5. */
  readonly eps?: number | undefined;
}

/**
 * `x + attention(norm1(x))`, then `x + linear2(activation(linear1(norm2(x))))`: [n, length,
 * features] → the same shape. Parameters are named as in PyTorch's TransformerEncoderLayer. Source:
 * arXiv 1706.03762; norms first: arXiv 2002.04745.
 *
 * @throws UsageError unless `heads` divides `features`; ShapeError for inputs of other features.
 * @example
 * const block = new TransformerBlock(8, 2, { causal: true, rng: rng(0) });
 * block.forward(ones([5, 3, 8])).shape; // [5, 3, 8]
 */
export class TransformerBlock extends Module {
  readonly self_attn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm | RMSNorm;
  readonly norm2: LayerNorm | RMSNorm;
  readonly dropout: Dropout | null;
  readonly activation: TensorFunction;
  readonly normFirst: boolean;

  constructor(features: number, heads: number, options: TransformerBlockOptions) {
    super();
    checkHeads("TransformerBlock", features, heads);
    const {
      hidden = 4 * features,
      activation = "gelu",
      normFirst = true,
      norm = "layer",
      eps = 1e-5,
      ...rest
    } = given(
      "TransformerBlock",
      options,
      "hidden# dropout# activation normFirst? norm eps# bias? causal? rotary rng dtype device",
    );
    const { dropout = 0, bias = true, dtype, device } = rest;
    const rng = checkRng("TransformerBlock", rest.rng);
    expectWhole("TransformerBlock", "hidden", hidden);
    if (norm !== "layer" && norm !== "rms") {
      throw new UsageError("TransformerBlock", `there is no norm ${shown(norm)}`, "layer or rms");
    }
    this.self_attn = new MultiHeadAttention(features, heads, rest);
    this.linear1 = new Linear(features, hidden, { rng, bias, dtype, device });
    this.linear2 = new Linear(hidden, features, { rng, bias, dtype, device });
    const make = () =>
      norm === "rms"
        ? new RMSNorm(features, { eps, dtype, device })
        : new LayerNorm(features, { eps, bias, dtype, device });
    this.norm1 = make();
    this.norm2 = make();
    this.dropout = dropoutFor(dropout, rng);
    this.activation = activationOf(activation);
    this.normFirst = normFirst;
  }

  forward(x: Tensor, masks?: AttentionMasks): Tensor {
    expectTensor("TransformerBlock", x);
    const { norm1, norm2, normFirst, dropout } = this;
    const drop = (y: Tensor) => dropped(dropout, y);
    const attend = (y: Tensor) => drop(this.self_attn.forward(y, y, y, masks));
    const feed = (y: Tensor) => {
      const inner = drop(this.activation(this.linear1.forward(y)));
      return drop(this.linear2.forward(inner));
    };
    return scope(() => {
      if (normFirst) {
        const y = x.add(attend(norm1.forward(x)));
        return y.add(feed(norm2.forward(y)));
      }
      const y = norm1.forward(x.add(attend(x)));
      return norm2.forward(y.add(feed(y)));
    });
  }
}
