/** @file The encoder of BERT and RoBERTa. Knows neither heads nor files. */
import { broadcastTo, scope, type Tensor, tanh, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import type { Embedding } from "../layers/embedding.js";
import { checkHeads, splitHeads } from "../layers/heads.js";
import type { TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import { activationNamed } from "./activations.js";
import { type BertConfig, bertWeights } from "./bertConfig.js";
import { attend, feed } from "./block.js";
import { HEADS } from "./config.js";
import { type Maker, type ModelOptions, maker } from "./maker.js";
import { checkTokens, keysSeen } from "./tokens.js";

export interface EncoderOptions extends ModelOptions {
  /** Whether the encoder has a pooler; default: true. */
  readonly pooler?: boolean | undefined;
}

/** Optional inputs of an encoder of tokens. */
export interface EncoderInputs {
  /** 1 (or true) for tokens, 0 for padding: [n, length]; default: 1. */
  readonly attentionMask?: Tensor | undefined;
  /** Segments, int32 [n, length]; default: 0. */
  readonly tokenTypeIds?: Tensor | undefined;
  /** int32 [n, length] or [length]; default: 0, 1, …; RoBERTa skips padding. */
  readonly positionIds?: Tensor | undefined;
}

export interface EncoderOutputs {
  /** [n, length, hiddenSize] */
  readonly lastHiddenState: Tensor;
  /** `tanh` of a linear map of the first token, [n, hiddenSize]; null without a pooler. */
  readonly poolerOutput: Tensor | null;
}

/** Linear map, then dropout, then the norm of the sum with the input of the part. */
interface Output {
  readonly dense: Linear;
  readonly LayerNorm: LayerNorm;
}

class BertLayer extends Module {
  readonly attention: {
    readonly self: { readonly query: Linear; readonly key: Linear; readonly value: Linear };
    readonly output: Output;
  };
  readonly intermediate: { readonly dense: Linear };
  readonly output: Output;
  readonly dropout: Dropout | null;
  readonly attentionDropout: Dropout | null;
  readonly heads: number;
  readonly activation: TensorFunction;

  constructor(config: BertConfig, make: Maker) {
    super();
    const { hiddenSize: h, intermediateSize: inner, numAttentionHeads: heads } = config;
    const [query, key, value] = [make.linear(h, h), make.linear(h, h), make.linear(h, h)];
    const output = { dense: make.linear(h, h), LayerNorm: make.norm(h) };
    this.attention = { self: { query, key, value }, output };
    this.intermediate = { dense: make.linear(h, inner) };
    this.output = { dense: make.linear(inner, h), LayerNorm: make.norm(h) };
    this.dropout = dropoutFor(config.hiddenDropoutProb, make.rng);
    this.attentionDropout = dropoutFor(config.attentionProbsDropoutProb, make.rng);
    this.heads = heads;
    this.activation = activationNamed(config.hiddenAct);
  }

  forward(x: Tensor, mask: Tensor | null): Tensor {
    const { attention, intermediate, output, dropout, attentionDropout, heads } = this;
    const { query, key, value } = attention.self;
    return scope(() => {
      const split = (layer: Linear): Tensor => splitHeads(layer.forward(x), heads);
      const seen = attend(split(query), split(key), split(value), mask, attentionDropout);
      const mixed = dropped(dropout, attention.output.dense.forward(seen));
      const y = attention.output.LayerNorm.forward(mixed.add(x));
      const fed = dropped(dropout, feed(y, intermediate.dense, this.activation, output.dense));
      return output.LayerNorm.forward(fed.add(y));
    });
  }
}

/** Embeddings of tokens, positions and segments, added and normalised. */
class Embeddings extends Module {
  readonly word_embeddings: Embedding;
  readonly position_embeddings: Embedding;
  readonly token_type_embeddings: Embedding;
  readonly LayerNorm: LayerNorm;
  readonly dropout: Dropout | null;

  constructor(config: BertConfig, make: Maker) {
    super();
    const { hiddenSize } = config;
    this.word_embeddings = make.embedding(config.vocabSize, hiddenSize);
    this.position_embeddings = make.embedding(config.maxPositionEmbeddings, hiddenSize);
    this.token_type_embeddings = make.embedding(config.typeVocabSize, hiddenSize);
    this.LayerNorm = make.norm(hiddenSize);
    this.dropout = dropoutFor(config.hiddenDropoutProb, make.rng);
  }

  forward(ids: Tensor, positions: Tensor, types: Tensor): Tensor {
    return scope(() => {
      const words = this.word_embeddings.forward(ids);
      const segments = this.token_type_embeddings.forward(types);
      const places = this.position_embeddings.forward(positions);
      return dropped(this.dropout, this.LayerNorm.forward(words.add(segments).add(places)));
    });
  }
}

/** The part that BERT and RoBERTa share: all except the positions. */
export abstract class Encoder extends Module {
  readonly config: BertConfig;
  readonly embeddings: Embeddings;
  readonly encoder: { readonly layer: readonly BertLayer[] };
  readonly pooler: { readonly dense: Linear } | null;

  constructor(config: BertConfig, options: EncoderOptions) {
    super();
    const op = new.target.name;
    const { pooler: pooled = true, ...own } = given(op, options, "pooler? rng dtype device");
    this.config = config;
    checkHeads(op, config.hiddenSize, config.numAttentionHeads, HEADS);
    const { initializerRange: std, layerNormEps: eps } = config;
    const make = maker(op, own, std, eps, bertWeights(config));
    this.embeddings = new Embeddings(config, make);
    const layers = Array.from({ length: config.numHiddenLayers });
    this.encoder = { layer: layers.map(() => new BertLayer(config, make)) };
    const { hiddenSize } = config;
    this.pooler = pooled ? { dense: make.linear(hiddenSize, hiddenSize) } : null;
  }

  /** Positions of tokens, int32, broadcast to [n, length]. */
  protected abstract positions(ids: Tensor): Tensor;
  /** Largest number of tokens in a sequence. */
  protected abstract get longest(): number;

  /**
   * Vectors of tokens, int32 [n, length] → [n, length, hiddenSize].
   *
   * @throws ShapeError for tokens that are not [n, length], more tokens than positions, tokens
   * outside the vocabulary, or a mask of another shape.
   */
  forward(inputIds: Tensor, inputs?: EncoderInputs): EncoderOutputs {
    const op = this.constructor.name;
    const { attentionMask, tokenTypeIds, positionIds } = given(
      op,
      inputs,
      "attentionMask tokenTypeIds positionIds",
    );
    const [n, length] = checkTokens(op, inputIds, 0, this.longest);
    return scope(() => {
      const mask = keysSeen(op, attentionMask, n, length);
      const like = { dtype: "int32", device: inputIds.device } as const;
      const types = tokenTypeIds ?? zeros([n, length], like);
      const places = positionIds ?? this.positions(inputIds);
      let x = this.embeddings.forward(inputIds, broadcastTo(places, [n, length]), types);
      for (const layer of this.encoder.layer) x = layer.forward(x, mask);
      return { lastHiddenState: x, poolerOutput: this.#pool(x) };
    });
  }

  #pool(x: Tensor): Tensor | null {
    if (this.pooler === null) return null;
    return tanh(this.pooler.dense.forward(x.slice([null, 0])));
  }
}
