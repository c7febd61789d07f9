/** @file Heads of BERT: masked tokens, and classes of sequences. */
import { scope, type Tensor } from "@isograd/tensor";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import { activationOf, type TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { Bert } from "./bert.js";
import { type BertConfig, bertConfig, bertConfigFrom } from "./bertConfig.js";
import { activationNamed } from "./config.js";
import { type Decoder, decoderOf, makerOf } from "./decoder.js";
import type { EncoderInputs } from "./encoder.js";
import type { ModelOptions } from "./maker.js";
import type { Pretrained } from "./pretrained.js";

/** Names of the tied output layer in files, with its names in the model. */
const BERT_TIES = {
  "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
  "cls.predictions.decoder.bias": "cls.predictions.bias",
};

/**
 * BERT that predicts masked tokens: int32 tokens [n, length] → logits [n, length, vocabSize]. The
 * weight of the output layer is the table of tokens, unless `tieWordEmbeddings` is false.
 *
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new BertForMaskedLM(small, { rng: rng(0) });
 * model.forward(tensor([[2, 4, 5]], { dtype: "int32" })).shape; // [1, 3, 100]
 */
export class BertForMaskedLM extends Module {
  static readonly pretrained: Pretrained<BertConfig> = {
    config: bertConfigFrom,
    base: "bert",
    ties: BERT_TIES,
  };
  readonly config: BertConfig;
  readonly bert: Bert;
  readonly cls: {
    readonly predictions: {
      readonly bias: Parameter;
      readonly transform: { readonly dense: Linear; readonly LayerNorm: LayerNorm };
      readonly decoder: Decoder | null;
    };
  };
  readonly activation: TensorFunction;

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = bertConfig(fields);
    this.config = config;
    this.bert = new Bert(config, { ...options, pooler: false });
    const make = makerOf("BertForMaskedLM", config, options);
    const { hiddenSize, vocabSize } = config;
    this.cls = {
      predictions: {
        bias: make.weight([vocabSize], true),
        transform: { dense: make.linear(hiddenSize, hiddenSize), LayerNorm: make.norm(hiddenSize) },
        decoder: decoderOf(config, make),
      },
    };
    this.activation = activationOf(activationNamed(config.hiddenAct));
  }

  forward(inputIds: Tensor, inputs: EncoderInputs = {}): Tensor {
    return scope(() => this.logits(this.bert.forward(inputIds, inputs).lastHiddenState));
  }

  /** The head alone, for any vectors: […, hiddenSize] → […, vocabSize]. */
  logits(x: Tensor): Tensor {
    const { transform, decoder, bias } = this.cls.predictions;
    return scope(() => {
      const y = transform.LayerNorm.forward(this.activation(transform.dense.forward(x)));
      const table = decoder ?? this.bert.embeddings.word_embeddings;
      return y.matmul(table.weight.value.mT).add(bias.value);
    });
  }
}

/**
 * BERT that classifies sequences: int32 tokens [n, length] → logits [n, numLabels], a linear map of
 * the pooler's output.
 *
 * @example
 * const size = { vocabSize: 100, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new BertForSequenceClassification({ ...small, numLabels: 3 }, { rng: rng(0) });
 * model.forward(tensor([[2, 4, 5]], { dtype: "int32" })).shape; // [1, 3]
 */
export class BertForSequenceClassification extends Module {
  static readonly pretrained: Pretrained<BertConfig> = { config: bertConfigFrom, base: "bert" };
  readonly config: BertConfig;
  readonly bert: Bert;
  readonly dropout: Dropout | null;
  readonly classifier: Linear;

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = bertConfig(fields);
    this.config = config;
    this.bert = new Bert(config, options);
    const make = makerOf("BertForSequenceClassification", config, options);
    this.dropout = dropoutFor(config.hiddenDropoutProb, make.rng);
    this.classifier = make.linear(config.hiddenSize, config.numLabels);
  }

  forward(inputIds: Tensor, inputs: EncoderInputs = {}): Tensor {
    return scope(() => {
      const { poolerOutput } = this.bert.forward(inputIds, inputs);
      return this.classifier.forward(dropped(this.dropout, poolerOutput as Tensor));
    });
  }
}
