/** @file Heads of GPT-2: the next token, and classes of sequences. */
import { arange, max, mul, notEqual, scope, type Tensor, take } from "@isograd/tensor";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import {
  Gpt2,
  type Gpt2Config,
  type Gpt2Inputs,
  type Gpt2Past,
  gpt2Config,
  gpt2ConfigFrom,
  gpt2Sizes,
} from "./gpt2.js";
import { type ModelOptions, maker } from "./maker.js";
import type { Pretrained } from "./pretrained.js";

/**
 * GPT-2 that predicts the next token: int32 tokens [n, length] → logits [n, length, vocabSize],
 * where those at position i are for token i + 1. The weight of the output layer is the table of
 * tokens, unless `tieWordEmbeddings` is false. See {@link generate}.
 *
 * @example
 * const size = { vocabSize: 50, nEmbd: 8, nLayer: 1, nHead: 2 };
 * const model = new Gpt2ForCausalLM(size, { rng: rng(0) });
 * model.forward(tensor([[1, 2, 3]], { dtype: "int32" })).shape; // [1, 3, 50]
 */
export class Gpt2ForCausalLM extends Module {
  static readonly pretrained: Pretrained<Gpt2Config> = {
    config: gpt2ConfigFrom,
    base: "transformer",
    sizes: gpt2Sizes,
    ties: [{ head: "lm_head.weight", shared: "transformer.wte.weight" }],
    untied: (config) => ({ ...config, tieWordEmbeddings: false }),
  };
  readonly config: Gpt2Config;
  readonly transformer: Gpt2;
  readonly lm_head: { readonly weight: Parameter } | null;

  constructor(fields: Partial<Gpt2Config>, options: ModelOptions) {
    super();
    const config = gpt2Config(fields);
    this.config = config;
    const make = maker("Gpt2ForCausalLM", options, config.initializerRange, 0);
    this.transformer = new Gpt2(config, options);
    const { tieWordEmbeddings, vocabSize, nEmbd } = config;
    this.lm_head = tieWordEmbeddings ? null : { weight: make.weight([vocabSize, nEmbd]) };
  }

  forward(inputIds: Tensor, inputs?: Gpt2Inputs): Tensor {
    return scope(() => this.logits(this.transformer.forward(inputIds, inputs).lastHiddenState));
  }

  /** The head alone, for any vectors: […, nEmbd] → […, vocabSize]. */
  logits(x: Tensor): Tensor {
    const table = this.lm_head ?? this.transformer.wte;
    return x.matmul(table.weight.value.mT);
  }

  /** Logits of the token after the last one, [n, vocabSize], and the past for the next call. */
  next(
    inputIds: Tensor,
    inputs?: Gpt2Inputs,
  ): { readonly logits: Tensor; readonly past: Gpt2Past } {
    return scope(() => {
      const { lastHiddenState, past } = this.transformer.forward(inputIds, inputs);
      return { logits: this.logits(lastHiddenState.slice([null, -1])), past };
    });
  }
}

/**
 * GPT-2 that classifies sequences: int32 tokens [n, length] → logits [n, numLabels], a linear map
 * of the vector at the last token that is not `padTokenId`; if that is null, at the last token.
 *
 * @example
 * const size = { vocabSize: 50, nEmbd: 8, nLayer: 1, nHead: 2, padTokenId: 0, numLabels: 3 };
 * const model = new Gpt2ForSequenceClassification(size, { rng: rng(0) });
 * model.forward(tensor([[1, 2, 3], [4, 5, 0]], { dtype: "int32" })).shape; // [2, 3]
 */
export class Gpt2ForSequenceClassification extends Module {
  static readonly pretrained: Pretrained<Gpt2Config> = {
    config: gpt2ConfigFrom,
    base: "transformer",
    sizes: [...gpt2Sizes, { field: "numLabels", head: "score.weight", axis: 0 }],
  };
  readonly config: Gpt2Config;
  readonly transformer: Gpt2;
  readonly score: Linear;

  constructor(fields: Partial<Gpt2Config>, options: ModelOptions) {
    super();
    const config = gpt2Config(fields);
    this.config = config;
    const make = maker("Gpt2ForSequenceClassification", options, config.initializerRange, 0);
    this.transformer = new Gpt2(config, options);
    this.score = make.linear(config.nEmbd, config.numLabels, false);
  }

  forward(inputIds: Tensor, inputs?: Gpt2Inputs): Tensor {
    const { padTokenId, nEmbd } = this.config;
    return scope(() => {
      const { lastHiddenState: x } = this.transformer.forward(inputIds, inputs);
      if (padTokenId === null) return this.score.forward(x.slice([null, -1]));
      const [n = 0, length = 0] = inputIds.shape;
      const whole = { dtype: "int32", device: inputIds.device } as const;
      const there = notEqual(inputIds, padTokenId).cast("int32");
      const last = max(mul(there, arange(0, length, 1, whole)), { axis: 1 });
      const rows = arange(0, n, 1, whole).mul(length).add(last);
      return this.score.forward(take(x.reshape([n * length, nEmbd]), rows));
    });
  }
}
