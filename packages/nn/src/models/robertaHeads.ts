/** @file Heads of RoBERTa: masked tokens, and classes of sequences. */
import { scope, type Tensor, tanh } from "@isograd/tensor";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import { activationOf, type TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { type BertConfig, bertSizes, classifierDropout } from "./bertConfig.js";
import { type Decoder, decode, decoderOf, makerOf } from "./decoder.js";
import type { EncoderInputs } from "./encoder.js";
import type { ModelOptions } from "./maker.js";
import type { Pretrained, Tie } from "./pretrained.js";
import { Roberta, robertaConfig, robertaConfigFrom } from "./roberta.js";

/** Names of the output layer in files, and those of what it may share. */
const ROBERTA_TIES: readonly Tie[] = [
  { head: "lm_head.decoder.weight", shared: "roberta.embeddings.word_embeddings.weight" },
  { head: "lm_head.decoder.bias", shared: "lm_head.bias", either: true },
];

/**
 * RoBERTa that predicts masked tokens: int32 tokens [n, length] → logits [n, length, vocabSize].
 *
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new RobertaForMaskedLM(small, { rng: rng(0) });
 * model.forward(tensor([[0, 4, 2]], { dtype: "int32" })).shape; // [1, 3, 100]
 */
export class RobertaForMaskedLM extends Module {
  static readonly pretrained: Pretrained<BertConfig> = {
    config: robertaConfigFrom,
    base: "roberta",
    sizes: bertSizes,
    ties: ROBERTA_TIES,
    untied: (config) => ({ ...config, tieWordEmbeddings: false }),
  };
  readonly config: BertConfig;
  readonly roberta: Roberta;
  readonly lm_head: {
    readonly bias: Parameter | null;
    readonly dense: Linear;
    readonly layer_norm: LayerNorm;
    readonly decoder: Decoder | null;
  };
  readonly activation: TensorFunction = activationOf("gelu");

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = robertaConfig(fields);
    this.config = config;
    const make = makerOf("RobertaForMaskedLM", config, options);
    this.roberta = new Roberta(config, { ...options, pooler: false });
    const { hiddenSize, vocabSize } = config;
    this.lm_head = {
      bias: config.tieWordEmbeddings ? make.weight([vocabSize], true) : null,
      dense: make.linear(hiddenSize, hiddenSize),
      layer_norm: make.norm(hiddenSize),
      decoder: decoderOf(config, make),
    };
  }

  forward(inputIds: Tensor, inputs?: EncoderInputs): Tensor {
    const { dense, layer_norm, decoder, bias } = this.lm_head;
    return scope(() => {
      const x = this.roberta.forward(inputIds, inputs).lastHiddenState;
      const y = layer_norm.forward(this.activation(dense.forward(x)));
      return decode(y, decoder, this.roberta.embeddings.word_embeddings, bias);
    });
  }
}

/**
 * RoBERTa that classifies sequences: int32 tokens [n, length] → logits [n, numLabels],
 * `out_proj(tanh(dense(first token)))`.
 *
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new RobertaForSequenceClassification({ ...small, numLabels: 3 }, { rng: rng(0) });
 * model.forward(tensor([[0, 4, 2]], { dtype: "int32" })).shape; // [1, 3]
 */
export class RobertaForSequenceClassification extends Module {
  static readonly pretrained: Pretrained<BertConfig> = {
    config: robertaConfigFrom,
    base: "roberta",
    sizes: [...bertSizes, { field: "numLabels", head: "classifier.out_proj.weight", axis: 0 }],
  };
  readonly config: BertConfig;
  readonly roberta: Roberta;
  readonly dropout: Dropout | null;
  readonly classifier: { readonly dense: Linear; readonly out_proj: Linear };

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = robertaConfig(fields);
    this.config = config;
    const make = makerOf("RobertaForSequenceClassification", config, options);
    this.roberta = new Roberta(config, { ...options, pooler: false });
    const { hiddenSize, numLabels } = config;
    this.dropout = dropoutFor(classifierDropout(config), make.rng);
    this.classifier = {
      dense: make.linear(hiddenSize, hiddenSize),
      out_proj: make.linear(hiddenSize, numLabels),
    };
  }

  forward(inputIds: Tensor, inputs?: EncoderInputs): Tensor {
    const { dense, out_proj } = this.classifier;
    return scope(() => {
      const { lastHiddenState } = this.roberta.forward(inputIds, inputs);
      const first = dropped(this.dropout, lastHiddenState.slice([null, 0]));
      return out_proj.forward(dropped(this.dropout, tanh(dense.forward(first))));
    });
  }
}
