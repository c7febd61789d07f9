/** @file Heads of BERT: masked tokens, and classes of sequences. */
import { scope, type Tensor } from "@isograd/tensor";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import type { TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { activationNamed } from "./activations.js";
import { Bert } from "./bert.js";
import {
  type BertConfig,
  bertConfig,
  bertConfigFrom,
  bertSizes,
  classifierDropout,
} from "./bertConfig.js";
import { type Decoder, decode, decoderOf, makerOf } from "./decoder.js";
import type { EncoderInputs } from "./encoder.js";
import type { ModelOptions } from "./maker.js";
import type { Pretrained, Tie } from "./pretrained.js";

/** Names of the output layer in files, and those of what it may share. */
const BERT_TIES: readonly Tie[] = [
  { head: "cls.predictions.decoder.weight", shared: "bert.embeddings.word_embeddings.weight" },
  { head: "cls.predictions.decoder.bias", shared: "cls.predictions.bias", either: true },
];

/**
 * BERT that predicts masked tokens: int32 tokens [n, length] → logits [n, length, vocabSize]. The
 * weight of the output layer is the table of tokens, unless `tieWordEmbeddings` is false; then
 * `cls.predictions.decoder` has a weight and a bias of its own.
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
    sizes: bertSizes,
    ties: BERT_TIES,
    untied: (config) => ({ ...config, tieWordEmbeddings: false }),
  };
  readonly config: BertConfig;
  readonly bert: Bert;
  readonly cls: {
    readonly predictions: {
      readonly bias: Parameter | null;
      readonly transform: { readonly dense: Linear; readonly LayerNorm: LayerNorm };
      readonly decoder: Decoder | null;
    };
  };
  readonly activation: TensorFunction;

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = bertConfig(fields);
    this.config = config;
    const make = makerOf("BertForMaskedLM", config, options);
    this.bert = new Bert(config, { ...options, pooler: false });
    const { hiddenSize, vocabSize } = config;
    this.cls = {
      predictions: {
        bias: config.tieWordEmbeddings ? make.weight([vocabSize], true) : null,
        transform: { dense: make.linear(hiddenSize, hiddenSize), LayerNorm: make.norm(hiddenSize) },
        decoder: decoderOf(config, make),
      },
    };
    this.activation = activationNamed(config.hiddenAct);
  }

  forward(inputIds: Tensor, inputs?: EncoderInputs): Tensor {
    return scope(() => this.logits(this.bert.forward(inputIds, inputs).lastHiddenState));
  }

  /** The head alone, for any vectors: […, hiddenSize] → […, vocabSize]. */
  logits(x: Tensor): Tensor {
    const { transform, decoder, bias } = this.cls.predictions;
    return scope(() => {
      const y = transform.LayerNorm.forward(this.activation(transform.dense.forward(x)));
      return decode(y, decoder, this.bert.embeddings.word_embeddings, bias);
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
  static readonly pretrained: Pretrained<BertConfig> = {
    config: bertConfigFrom,
    base: "bert",
    sizes: [...bertSizes, { field: "numLabels", head: "classifier.weight", axis: 0 }],
  };
  readonly config: BertConfig;
  readonly bert: Bert;
  readonly dropout: Dropout | null;
  readonly classifier: Linear;

  constructor(fields: Partial<BertConfig>, options: ModelOptions) {
    super();
    const config = bertConfig(fields);
    this.config = config;
    const make = makerOf("BertForSequenceClassification", config, options);
    this.bert = new Bert(config, options);
    this.dropout = dropoutFor(classifierDropout(config), make.rng);
    this.classifier = make.linear(config.hiddenSize, config.numLabels);
  }

  forward(inputIds: Tensor, inputs?: EncoderInputs): Tensor {
    return scope(() => {
      const { poolerOutput } = this.bert.forward(inputIds, inputs);
      return this.classifier.forward(dropped(this.dropout, poolerOutput as Tensor));
    });
  }
}
