/**
 * @file GPT-2: a causal transformer that can keep keys and values of earlier tokens. Knows neither
 * sampling nor files.
 */
import { arange, concat, logicalAnd, scope, type Tensor, take, UsageError } from "@isograd/tensor";
import { expectTensor, given, shown } from "@isograd/tensor/engine";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import type { Embedding } from "../layers/embedding.js";
import { checkHeads, splitHeads } from "../layers/heads.js";
import type { TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import { Module } from "../module.js";
import { activationNamed } from "./activations.js";
import { attend, feed } from "./block.js";
import { type ConfigReader, type ConfigSource, configFrom, withDefaults } from "./config.js";
import { Conv1D } from "./conv1d.js";
import { families } from "./families.js";
import { type Maker, type ModelOptions, maker, type Weights } from "./maker.js";
import type { Pretrained } from "./pretrained.js";
import type { Size } from "./sizes.js";
import { causalMask, checkTokens, keysSeen } from "./tokens.js";

/** Fields of GPT-2's config.json; default: those of gpt2. */
export interface Gpt2Config {
  readonly vocabSize: number;
  readonly nPositions: number;
  readonly nEmbd: number;
  readonly nLayer: number;
  readonly nHead: number;
  /** Width of the inner layer; null for four times nEmbd. */
  readonly nInner: number | null;
  readonly activationFunction: string;
  readonly residPdrop: number;
  readonly embdPdrop: number;
  readonly attnPdrop: number;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  /** Whether scores of attention are divided by the root of the features of a head. */
  readonly scaleAttnWeights: boolean;
  /** Whether scores of attention are divided by the number of the layer, from 1. */
  readonly scaleAttnByInverseLayerIdx: boolean;
  readonly tieWordEmbeddings: boolean;
  readonly padTokenId: number | null;
  readonly eosTokenId: number | null;
  readonly numLabels: number;
}

const DEFAULTS: Gpt2Config = {
  vocabSize: 50257,
  nPositions: 1024,
  nEmbd: 768,
  nLayer: 12,
  nHead: 12,
  nInner: null,
  activationFunction: "gelu_new",
  residPdrop: 0.1,
  embdPdrop: 0.1,
  attnPdrop: 0.1,
  layerNormEpsilon: 1e-5,
  initializerRange: 0.02,
  scaleAttnWeights: true,
  scaleAttnByInverseLayerIdx: false,
  tieWordEmbeddings: true,
  padTokenId: null,
  eosTokenId: 50256,
  numLabels: 2,
};

/** The given fields, and the defaults for all others. */
export function gpt2Config(fields: Partial<Gpt2Config>): Gpt2Config {
  return withDefaults(READER, fields);
}

/** Where a file shows the sizes of GPT-2. */
export const gpt2Sizes: readonly Size<Gpt2Config>[] = [
  { field: "vocabSize", name: "wte.weight", axis: 0 },
  { field: "nEmbd", name: "wte.weight", axis: 1 },
  { field: "nPositions", name: "wpe.weight", axis: 0 },
  {
    field: "nInner",
    of: ({ nInner, nEmbd }) => nInner ?? 4 * nEmbd,
    name: "h.0.mlp.c_fc.weight",
    axis: 1,
  },
  { field: "nLayer", layers: "h." },
];

/** `reorder_and_upcast_attn` is read by nobody: it changes the order of roundings only. */
const READER: ConfigReader<Gpt2Config> = {
  family: families.gpt2,
  defaults: DEFAULTS,
  kinds: {
    vocabSize: "size",
    nPositions: "size",
    nEmbd: "size",
    nLayer: "layers",
    nHead: "size",
    nInner: "size?",
    activationFunction: "activation",
    residPdrop: "rate",
    embdPdrop: "rate",
    attnPdrop: "rate",
    layerNormEpsilon: "positive",
    initializerRange: "spread",
    scaleAttnWeights: "flag",
    scaleAttnByInverseLayerIdx: "flag",
    tieWordEmbeddings: "flag",
    padTokenId: "token?",
    eosTokenId: "token?",
    numLabels: "size",
  },
  fits: [
    ["nHead", "divides", "nEmbd"],
    ["nEmbd", "makes a parameter with", "nEmbd"],
    ["vocabSize", "makes a parameter with", "nEmbd"],
    ["nPositions", "makes a parameter with", "nEmbd"],
    ["nInner", "makes a parameter with", "nEmbd"],
    ["numLabels", "makes a parameter with", "nEmbd"],
  ],
  fixed: { add_cross_attention: false },
  aliases: {
    hidden_size: "n_embd",
    max_position_embeddings: "n_positions",
    num_attention_heads: "n_head",
    num_hidden_layers: "n_layer",
  },
};

/** Sizes of GPT-2, and the weights that they make. */
function weightsOf({ vocabSize, nPositions, nEmbd, nLayer, nInner }: Gpt2Config): Weights {
  const layers = nLayer * (4 * nEmbd + 2 * (nInner ?? 4 * nEmbd));
  const sizes = { vocabSize, nPositions, nEmbd, nLayer, nInner };
  return { sizes, count: nEmbd * (vocabSize + nPositions + layers) };
}

/** The configuration in a config.json of GPT-2. */
export function gpt2ConfigFrom(source: ConfigSource, op: string): Gpt2Config {
  return configFrom(READER, op, source);
}

/**
 * Keys and values of earlier tokens, one pair per layer: [n, heads, length, features / heads].
 */
export type Gpt2Past = readonly { readonly key: Tensor; readonly value: Tensor }[];

/** Optional inputs of GPT-2. */
export interface Gpt2Inputs {
  /** 1 (or true) for tokens, 0 for padding: [n, past and new tokens]; default: 1. */
  readonly attentionMask?: Tensor | undefined;
  /** int32 [n, length] or [length]; default: the positions after the past. */
  readonly positionIds?: Tensor | undefined;
  /** Returned by an earlier call; default: none. */
  readonly past?: Gpt2Past | undefined;
}

export interface Gpt2Outputs {
  /** [n, length, nEmbd] */
  readonly lastHiddenState: Tensor;
  /** For the next call. */
  readonly past: Gpt2Past;
}

class Gpt2Block extends Module {
  readonly config: Gpt2Config;
  readonly ln_1: LayerNorm;
  readonly attn: { readonly c_attn: Conv1D; readonly c_proj: Conv1D };
  readonly ln_2: LayerNorm;
  readonly mlp: { readonly c_fc: Conv1D; readonly c_proj: Conv1D };
  readonly dropout: Dropout | null;
  readonly attentionDropout: Dropout | null;
  readonly activation: TensorFunction;
  /** Factor of the scores of attention; undefined for one over the root of a head's features. */
  readonly scale: number | undefined;

  constructor(config: Gpt2Config, make: Maker, last: Maker, index: number) {
    super();
    this.config = config;
    const { nEmbd: h, nInner } = config;
    const inner = nInner ?? 4 * h;
    this.ln_1 = make.norm(h);
    this.attn = { c_attn: new Conv1D(h, 3 * h, make), c_proj: new Conv1D(h, h, last) };
    this.ln_2 = make.norm(h);
    this.mlp = { c_fc: new Conv1D(h, inner, make), c_proj: new Conv1D(inner, h, last) };
    this.dropout = dropoutFor(config.residPdrop, make.rng);
    this.attentionDropout = dropoutFor(config.attnPdrop, make.rng);
    this.activation = activationNamed(config.activationFunction);
    this.scale = scaleOf(config, index);
  }

  forward(x: Tensor, mask: Tensor, past: Gpt2Past[number] | undefined) {
    const { attn, mlp, dropout, config } = this;
    return scope(() => {
      const all = attn.c_attn.forward(this.ln_1.forward(x));
      const part = (i: number): Tensor => {
        const range = [i * config.nEmbd, (i + 1) * config.nEmbd] as const;
        return splitHeads(all.slice([null, null, range]), config.nHead);
      };
      const [q, k, v] = [part(0), part(1), part(2)];
      const key = past === undefined ? k : concat([past.key, k], { axis: 2 });
      const value = past === undefined ? v : concat([past.value, v], { axis: 2 });
      const seen = attend(q, key, value, mask, this.attentionDropout, this.scale);
      const y = x.add(dropped(dropout, attn.c_proj.forward(seen)));
      const fed = feed(this.ln_2.forward(y), mlp.c_fc, this.activation, mlp.c_proj);
      return { x: y.add(dropped(dropout, fed)), key, value };
    });
  }
}

function scaleOf(config: Gpt2Config, index: number): number | undefined {
  const { nEmbd, nHead, scaleAttnWeights, scaleAttnByInverseLayerIdx } = config;
  if (scaleAttnWeights && !scaleAttnByInverseLayerIdx) return undefined;
  const scale = scaleAttnWeights ? 1 / Math.sqrt(nEmbd / nHead) : 1;
  return scaleAttnByInverseLayerIdx ? scale / (index + 1) : scale;
}

/** @throws UsageError unless the past has keys and values for each layer. */
function checkPast(past: unknown, layers: number): void {
  if (past === undefined) return;
  const pairs: readonly unknown[] = Array.isArray(past) ? past : [];
  if (Array.isArray(past) && pairs.length === layers) {
    for (const pair of pairs) {
      const { key, value } = (pair ?? {}) as Partial<Gpt2Past[number]>;
      expectTensor("Gpt2", key);
      expectTensor("Gpt2", value);
    }
    return;
  }
  const problem = `past is ${shown(past)}, expected keys and values of ${layers} layers`;
  throw new UsageError("Gpt2", problem, "give the past that an earlier call returned");
}

/**
 * GPT-2: int32 tokens [n, length] → `{ lastHiddenState: [n, length, nEmbd], past }`; token i sees
 * tokens 0 … i. With the `past` of an earlier call, only the new tokens are given. Source: Radford
 * et al., 2019.
 *
 * @throws UsageError unless the heads divide the features and there is a generator; ShapeError for
 * more tokens than positions, tokens that are not [n, length], or a mask of another shape.
 * @example
 * const size = { vocabSize: 50, nEmbd: 8, nLayer: 2, nHead: 2, nPositions: 16 };
 * const model = new Gpt2(size, { rng: rng(0) });
 * const { lastHiddenState, past } = model.forward(tensor([[1, 2, 3]], { dtype: "int32" }));
 * lastHiddenState.shape; // [1, 3, 8]
 * model.forward(tensor([[4]], { dtype: "int32" }), { past }).lastHiddenState.shape; // [1, 1, 8]
 */
export class Gpt2 extends Module {
  static readonly pretrained: Pretrained<Gpt2Config> = {
    config: gpt2ConfigFrom,
    base: "transformer",
    sizes: gpt2Sizes,
  };
  readonly config: Gpt2Config;
  readonly wte: Embedding;
  readonly wpe: Embedding;
  readonly h: readonly Gpt2Block[];
  readonly ln_f: LayerNorm;
  readonly dropout: Dropout | null;

  constructor(fields: Partial<Gpt2Config>, options: ModelOptions) {
    super();
    const config = gpt2Config(fields);
    const { nEmbd, nLayer, initializerRange: std, layerNormEpsilon: eps } = config;
    this.config = config;
    checkHeads("Gpt2", nEmbd, config.nHead, "nHead must divide nEmbd");
    const make = maker("Gpt2", options, std, eps, weightsOf(config));
    // Each block adds twice to x: smaller initial weights keep the variance of the sum the same at
    // any depth.
    const last = maker("Gpt2", options, std / Math.sqrt(2 * nLayer), eps);
    this.wte = make.embedding(config.vocabSize, nEmbd);
    this.wpe = make.embedding(config.nPositions, nEmbd);
    this.h = Array.from({ length: nLayer }, (_, i) => new Gpt2Block(config, make, last, i));
    this.ln_f = make.norm(nEmbd);
    this.dropout = dropoutFor(config.embdPdrop, make.rng);
  }

  forward(inputIds: Tensor, inputs?: Gpt2Inputs): Gpt2Outputs {
    const { attentionMask, past, positionIds } = given(
      "Gpt2",
      inputs,
      "attentionMask positionIds past",
    );
    checkPast(past, this.h.length);
    const before = past?.[0]?.key.shape[2] ?? 0;
    const [n, length] = checkTokens("Gpt2", inputIds, before, this.config.nPositions);
    const { device } = inputIds;
    return scope(() => {
      const keys = keysSeen("Gpt2", attentionMask, n, before + length);
      const causal = causalMask(length, before, device);
      const mask = keys === null ? causal : logicalAnd(causal, keys);
      const next = () => arange(before, before + length, 1, { dtype: "int32", device });
      const places = take(this.wpe.weight.value, positionIds ?? next(), { fromEnd: false });
      let x = dropped(this.dropout, this.wte.forward(inputIds).add(places));
      const kept = this.h.map((block, i) => {
        const { x: after, key, value } = block.forward(x, mask, past?.[i]);
        x = after;
        return { key, value };
      });
      return { lastHiddenState: this.ln_f.forward(x), past: kept };
    });
  }
}
