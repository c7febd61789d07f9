/** @file The output layer of heads that predict masked tokens. */
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import type { BertConfig } from "./bertConfig.js";
import { type Maker, type ModelOptions, maker } from "./maker.js";

/** The maker of a head. */
export function makerOf(op: string, config: BertConfig, options: ModelOptions): Maker {
  return maker(op, options, config.initializerRange, config.layerNormEps);
}

/** The matrix E of the output layer `x Eᵀ + b`, where it is not the table of tokens. */
export class Decoder extends Module {
  readonly weight: Parameter;

  constructor(config: BertConfig, make: Maker) {
    super();
    this.weight = make.weight([config.vocabSize, config.hiddenSize]);
  }
}

/** The matrix of the output layer; null where the table of tokens is used. */
export function decoderOf(config: BertConfig, make: Maker): Decoder | null {
  return config.tieWordEmbeddings ? null : new Decoder(config, make);
}
