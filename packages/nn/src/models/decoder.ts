/** @file The output layer of heads that predict masked tokens. */
import type { Tensor } from "@isograd/tensor";
import type { Embedding } from "../layers/embedding.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import type { BertConfig } from "./bertConfig.js";
import { type Maker, type ModelOptions, maker } from "./maker.js";

/** The maker of a head. */
export function makerOf(op: string, config: BertConfig, options: ModelOptions): Maker {
  return maker(op, options, config.initializerRange, config.layerNormEps);
}

/** The output layer `x Eᵀ + b`, where E is not the table of tokens. */
export class Decoder extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(config: BertConfig, make: Maker) {
    super();
    this.weight = make.weight([config.vocabSize, config.hiddenSize]);
    this.bias = make.weight([config.vocabSize], true);
  }
}

/** The output layer; null where the table of tokens is used. */
export function decoderOf(config: BertConfig, make: Maker): Decoder | null {
  return config.tieWordEmbeddings ? null : new Decoder(config, make);
}

/** Logits: by the output layer, or by the table of tokens and the bias of the head. */
export function decode(
  x: Tensor,
  decoder: Decoder | null,
  table: Embedding,
  bias: Parameter | null,
): Tensor {
  const y = x.matmul((decoder ?? table).weight.value.mT);
  const b = decoder?.bias ?? bias;
  return b === null ? y : y.add(b.value);
}
