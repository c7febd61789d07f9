/** @file BERT: the encoder with positions from 0. */
import { arange, type Tensor } from "@isograd/tensor";
import { expectTensor } from "@isograd/tensor/engine";
import { type BertConfig, bertConfig, bertConfigFrom, bertSizes } from "./bertConfig.js";
import { Encoder, type EncoderOptions } from "./encoder.js";
import type { Pretrained } from "./pretrained.js";

/**
 * BERT: int32 tokens [n, length] →
 * `{ lastHiddenState: [n, length, hiddenSize], poolerOutput: [n, hiddenSize] }`. Parameters have
 * the names of Hugging Face's checkpoints, see {@link loadPretrained}. Source: arXiv 1810.04805.
 *
 * @throws UsageError unless the heads divide the features and there is a generator.
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 2, numAttentionHeads: 2 };
 * const model = new Bert(small, { rng: rng(0) });
 * const tokens = tensor([[2, 17, 5], [2, 9, 0]], { dtype: "int32" });
 * const attentionMask = tensor([[1, 1, 1], [1, 1, 0]], { dtype: "int32" });
 * model.forward(tokens, { attentionMask }).lastHiddenState.shape; // [2, 3, 8]
 */
export class Bert extends Encoder {
  static readonly pretrained: Pretrained<BertConfig> = {
    config: bertConfigFrom,
    base: "bert",
    sizes: bertSizes,
  };

  constructor(config: Partial<BertConfig>, options: EncoderOptions) {
    super(bertConfig(config), options);
  }

  protected override positions(ids: Tensor): Tensor {
    expectTensor("Bert", ids);
    const [, length = 0] = ids.shape;
    return arange(0, length, 1, { dtype: "int32", device: ids.device });
  }

  protected override get longest(): number {
    return this.config.maxPositionEmbeddings;
  }
}
