/** @file RoBERTa: BERT with positions that skip padding. */
import { mul, notEqual, scope, type Tensor } from "@isograd/tensor";
import { expectTensor } from "@isograd/tensor/engine";
import {
  type BertConfig,
  bertConfig,
  bertFits,
  bertFixed,
  bertKinds,
  bertSizes,
} from "./bertConfig.js";
import { type ConfigReader, type ConfigSource, configFrom, withDefaults } from "./config.js";
import { Encoder, type EncoderOptions } from "./encoder.js";
import { families } from "./families.js";
import type { Pretrained } from "./pretrained.js";

/** The defaults of BERT, with the fields in which roberta-base differs. */
const DEFAULTS: BertConfig = bertConfig({
  vocabSize: 50265,
  maxPositionEmbeddings: 514,
  typeVocabSize: 1,
  layerNormEps: 1e-5,
  padTokenId: 1,
});

/** The given fields, and the defaults for all others. */
export function robertaConfig(fields: Partial<BertConfig>): BertConfig {
  return withDefaults({ ...READER, defaults: DEFAULTS }, fields);
}

const READER: ConfigReader<BertConfig> = {
  family: families.roberta,
  // A config.json leaves out what transformers has by default, which is not what roberta-base has.
  defaults: { ...DEFAULTS, maxPositionEmbeddings: 512, typeVocabSize: 2, layerNormEps: 1e-12 },
  kinds: bertKinds,
  fits: [...bertFits, ["padTokenId", "is below", "maxPositionEmbeddings"]],
  fixed: bertFixed,
};

/** The configuration in a config.json of RoBERTa. */
export function robertaConfigFrom(source: ConfigSource, op: string): BertConfig {
  return configFrom(READER, op, source);
}

/**
 * RoBERTa: as {@link Bert}, but the k-th token that is not padding has position `padTokenId + k`,
 * and padding has position `padTokenId`. A sequence has at most
 * `maxPositionEmbeddings − padTokenId − 1` tokens. Source: arXiv 1907.11692.
 *
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new Roberta(small, { rng: rng(0), pooler: false });
 * const { lastHiddenState } = model.forward(tensor([[0, 17, 2, 1]], { dtype: "int32" }));
 * lastHiddenState.shape; // [1, 4, 8]
 */
export class Roberta extends Encoder {
  static readonly pretrained: Pretrained<BertConfig> = {
    config: robertaConfigFrom,
    base: "roberta",
    sizes: bertSizes,
  };

  constructor(config: Partial<BertConfig>, options: EncoderOptions) {
    super(robertaConfig(config), options);
  }

  protected override positions(ids: Tensor): Tensor {
    expectTensor("Roberta", ids);
    const { padTokenId } = this.config;
    return scope(() => {
      const there = notEqual(ids, padTokenId).cast("int32");
      return mul(there.cumulativeSum({ axis: 1 }), there).add(padTokenId);
    });
  }

  protected override get longest(): number {
    return this.config.maxPositionEmbeddings - this.config.padTokenId - 1;
  }
}
