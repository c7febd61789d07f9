/** @file The configuration of BERT, whose fields RoBERTa shares. */
import { type ConfigSource, configFrom } from "./config.js";

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
  return { ...DEFAULTS, ...fields };
}

/** The configuration in a config.json of BERT. */
export function bertConfigFrom(source: ConfigSource): BertConfig {
  return configFrom(DEFAULTS, source);
}
