/** @file The configuration of BERT, whose fields RoBERTa shares. */
import {
  type ConfigReader,
  type ConfigSource,
  configFrom,
  type Fit,
  type Kinds,
  withDefaults,
} from "./config.js";
import { families } from "./families.js";
import type { Weights } from "./maker.js";
import type { Size } from "./sizes.js";

/** Fields of config.json of BERT and RoBERTa; default: those of bert-base-uncased. */
export interface BertConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  /** Dropout before the classifier; null for `hiddenDropoutProb`. */
  readonly classifierDropout: number | null;
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  readonly tieWordEmbeddings: boolean;
  readonly numLabels: number;
}

const DEFAULTS: BertConfig = {
  vocabSize: 30522,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  classifierDropout: null,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  padTokenId: 0,
  tieWordEmbeddings: true,
  numLabels: 2,
};

/** The given fields, and the defaults for all others. */
export function bertConfig(fields: Partial<BertConfig>): BertConfig {
  return withDefaults(READER, fields);
}

/** Dropout before the classifier. */
export function classifierDropout(config: BertConfig): number {
  return config.classifierDropout ?? config.hiddenDropoutProb;
}

/** What the fields of BERT and RoBERTa may be. */
export const bertKinds: Kinds<BertConfig> = {
  vocabSize: "size",
  hiddenSize: "size",
  numHiddenLayers: "layers",
  numAttentionHeads: "size",
  intermediateSize: "size",
  hiddenAct: "activation",
  hiddenDropoutProb: "rate",
  attentionProbsDropoutProb: "rate",
  classifierDropout: "rate?",
  maxPositionEmbeddings: "size",
  typeVocabSize: "size",
  initializerRange: "spread",
  layerNormEps: "positive",
  padTokenId: "token",
  tieWordEmbeddings: "flag",
  numLabels: "size",
};

/** How the fields of BERT and RoBERTa fit. */
export const bertFits: readonly Fit<BertConfig>[] = [
  ["numAttentionHeads", "divides", "hiddenSize"],
  ["padTokenId", "is below", "vocabSize"],
  ["hiddenSize", "makes a parameter with", "hiddenSize"],
  ["vocabSize", "makes a parameter with", "hiddenSize"],
  ["intermediateSize", "makes a parameter with", "hiddenSize"],
  ["maxPositionEmbeddings", "makes a parameter with", "hiddenSize"],
  ["typeVocabSize", "makes a parameter with", "hiddenSize"],
  ["numLabels", "makes a parameter with", "hiddenSize"],
];

/** Fields with the only value that our BERT and RoBERTa have. */
export const bertFixed = { is_decoder: false, add_cross_attention: false };

/** Where a file shows the sizes of BERT and RoBERTa. */
export const bertSizes: readonly Size<BertConfig>[] = [
  { field: "vocabSize", name: "embeddings.word_embeddings.weight", axis: 0 },
  { field: "hiddenSize", name: "embeddings.word_embeddings.weight", axis: 1 },
  { field: "maxPositionEmbeddings", name: "embeddings.position_embeddings.weight", axis: 0 },
  { field: "typeVocabSize", name: "embeddings.token_type_embeddings.weight", axis: 0 },
  { field: "intermediateSize", name: "encoder.layer.0.intermediate.dense.weight", axis: 0 },
  { field: "numHiddenLayers", layers: "encoder.layer." },
];

const READER: ConfigReader<BertConfig> = {
  family: families.bert,
  // Without a padding token BERT computes the same.
  defaults: DEFAULTS,
  kinds: bertKinds,
  fits: bertFits,
  fixed: bertFixed,
};

/** Sizes of BERT and RoBERTa, and the weights that they make. */
export function bertWeights(config: BertConfig): Weights {
  const { vocabSize, hiddenSize: h, numHiddenLayers, intermediateSize } = config;
  const tables = vocabSize + config.maxPositionEmbeddings + config.typeVocabSize;
  const layers = numHiddenLayers * (4 * h + 2 * intermediateSize);
  const sizes = { vocabSize, hiddenSize: h, numHiddenLayers, intermediateSize };
  return { sizes, count: h * (tables + layers) };
}

/** The configuration in a config.json of BERT. */
export function bertConfigFrom(source: ConfigSource, op: string): BertConfig {
  return configFrom(READER, op, source);
}
