/** @file ViT: an encoder of images as patches, and its classifier. */
import { broadcastTo, concat, ShapeError, scope, type Tensor } from "@isograd/tensor";
import { expectTensor, formatShape, given } from "@isograd/tensor/engine";
import { Conv2d } from "../layers/conv.js";
import { type Dropout, dropoutFor, dropped } from "../layers/dropout.js";
import { checkHeads, splitHeads } from "../layers/heads.js";
import type { TensorFunction } from "../layers/layer.js";
import type { LayerNorm } from "../layers/layerNorm.js";
import type { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { activationNamed } from "./activations.js";
import { attend, feed } from "./block.js";
import { type ConfigReader, type ConfigSource, configFrom, HEADS, withDefaults } from "./config.js";
import type { EncoderOptions, EncoderOutputs } from "./encoder.js";
import { families } from "./families.js";
import { type Maker, type ModelOptions, maker, type Weights } from "./maker.js";
import type { Pretrained } from "./pretrained.js";
import type { Size } from "./sizes.js";

/** Fields of ViT's config.json; default: those of vit-base-patch16-224. */
export interface VitConfig {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly qkvBias: boolean;
  /** Features of the pooler's output; null for `hiddenSize`. */
  readonly poolerOutputSize: number | null;
  readonly poolerAct: string;
  readonly numLabels: number;
}

const DEFAULTS: VitConfig = {
  imageSize: 224,
  patchSize: 16,
  numChannels: 3,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  qkvBias: true,
  poolerOutputSize: null,
  poolerAct: "tanh",
  numLabels: 2,
};

/** The given fields, and the defaults for all others. */
function vitConfig(fields: Partial<VitConfig>): VitConfig {
  return withDefaults(READER, fields);
}

/** Where a file shows the sizes of ViT. */
const SIZES: readonly Size<VitConfig>[] = [
  { field: "hiddenSize", name: "embeddings.cls_token", axis: 2 },
  { field: "numChannels", name: "embeddings.patch_embeddings.projection.weight", axis: 1 },
  { field: "patchSize", name: "embeddings.patch_embeddings.projection.weight", axis: 2 },
  {
    field: "imageSize",
    of: (config) => patchesOf(config) + 1,
    name: "embeddings.position_embeddings",
    axis: 1,
  },
  { field: "intermediateSize", name: "encoder.layer.0.intermediate.dense.weight", axis: 0 },
  { field: "numHiddenLayers", layers: "encoder.layer." },
];

const READER: ConfigReader<VitConfig> = {
  family: families.vit,
  defaults: DEFAULTS,
  kinds: {
    imageSize: "size",
    patchSize: "size",
    numChannels: "size",
    hiddenSize: "size",
    numHiddenLayers: "layers",
    numAttentionHeads: "size",
    intermediateSize: "size",
    hiddenAct: "activation",
    hiddenDropoutProb: "rate",
    attentionProbsDropoutProb: "rate",
    initializerRange: "spread",
    layerNormEps: "positive",
    qkvBias: "flag",
    poolerOutputSize: "size?",
    poolerAct: "activation",
    numLabels: "size",
  },
  fits: [
    ["numAttentionHeads", "divides", "hiddenSize"],
    ["patchSize", "is at most", "imageSize"],
    ["hiddenSize", "makes a parameter with", "hiddenSize"],
    ["intermediateSize", "makes a parameter with", "hiddenSize"],
    ["poolerOutputSize", "makes a parameter with", "hiddenSize"],
    ["numLabels", "makes a parameter with", "hiddenSize"],
  ],
  absent: ["head_dim"],
  sides: ["image_size", "patch_size"],
};

/** The configuration in a config.json of ViT. */
export function vitConfigFrom(source: ConfigSource, op: string): VitConfig {
  return configFrom(READER, op, source);
}

/** Patches of an image. */
function patchesOf({ imageSize, patchSize }: VitConfig): number {
  return Math.floor(imageSize / patchSize) ** 2;
}

/** Sizes of ViT, and the weights that they make. */
function weightsOf(config: VitConfig): Weights {
  const { imageSize, patchSize, numChannels, hiddenSize, numHiddenLayers } = config;
  const { intermediateSize } = config;
  const patches = patchesOf(config) + numChannels * patchSize ** 2;
  const layers = numHiddenLayers * (4 * hiddenSize + 2 * intermediateSize);
  const sizes = { imageSize, patchSize, numChannels, hiddenSize, numHiddenLayers };
  return { sizes: { ...sizes, intermediateSize }, count: hiddenSize * (patches + layers) };
}

class VitLayer extends Module {
  readonly attention: {
    readonly attention: { readonly query: Linear; readonly key: Linear; readonly value: Linear };
    readonly output: { readonly dense: Linear };
  };
  readonly intermediate: { readonly dense: Linear };
  readonly output: { readonly dense: Linear };
  readonly layernorm_before: LayerNorm;
  readonly layernorm_after: LayerNorm;
  readonly dropout: Dropout | null;
  readonly attentionDropout: Dropout | null;
  readonly heads: number;
  readonly activation: TensorFunction;

  constructor(config: VitConfig, make: Maker) {
    super();
    const { hiddenSize: h, intermediateSize: inner, qkvBias } = config;
    const map = () => make.linear(h, h, qkvBias);
    const [query, key, value] = [map(), map(), map()];
    this.attention = { attention: { query, key, value }, output: { dense: make.linear(h, h) } };
    this.intermediate = { dense: make.linear(h, inner) };
    this.output = { dense: make.linear(inner, h) };
    this.layernorm_before = make.norm(h);
    this.layernorm_after = make.norm(h);
    this.dropout = dropoutFor(config.hiddenDropoutProb, make.rng);
    this.attentionDropout = dropoutFor(config.attentionProbsDropoutProb, make.rng);
    this.heads = config.numAttentionHeads;
    this.activation = activationNamed(config.hiddenAct);
  }

  forward(x: Tensor): Tensor {
    const { attention, intermediate, output, dropout, heads } = this;
    const { query, key, value } = attention.attention;
    return scope(() => {
      const before = this.layernorm_before.forward(x);
      const split = (layer: Linear): Tensor => splitHeads(layer.forward(before), heads);
      const seen = attend(split(query), split(key), split(value), null, this.attentionDropout);
      const y = x.add(dropped(dropout, attention.output.dense.forward(seen)));
      const after = this.layernorm_after.forward(y);
      const fed = feed(after, intermediate.dense, this.activation, output.dense);
      return y.add(dropped(dropout, fed));
    });
  }
}

/** A first token for the whole image, then one per patch; each plus its position embedding. */
class VitEmbeddings extends Module {
  readonly cls_token: Parameter;
  readonly position_embeddings: Parameter;
  readonly patch_embeddings: { readonly projection: Conv2d };
  readonly dropout: Dropout | null;

  constructor(config: VitConfig, make: Maker, options: ModelOptions) {
    super();
    const { hiddenSize, patchSize, numChannels } = config;
    const { rng, dtype, device } = options;
    this.cls_token = make.weight([1, 1, hiddenSize]);
    this.position_embeddings = make.weight([1, patchesOf(config) + 1, hiddenSize]);
    const how = { stride: patchSize, rng, dtype, device };
    this.patch_embeddings = { projection: new Conv2d(numChannels, hiddenSize, patchSize, how) };
    this.dropout = dropoutFor(config.hiddenDropoutProb, make.rng);
  }

  forward(images: Tensor): Tensor {
    return scope(() => {
      const grid = this.patch_embeddings.projection.forward(images);
      const [n = 0, h = 0, rows = 0, columns = 0] = grid.shape;
      const patches = grid.reshape([n, h, rows * columns]).mT;
      const first = broadcastTo(this.cls_token.value, [n, 1, h]);
      const x = concat([first, patches], { axis: 1 }).add(this.position_embeddings.value);
      return dropped(this.dropout, x);
    });
  }
}

/**
 * ViT: images [n, numChannels, imageSize, imageSize] →
 * `{ lastHiddenState: [n, 1 + patches, hiddenSize], poolerOutput: [n, hiddenSize] }`. Parameters
 * have the names of Hugging Face's checkpoints. Source: arXiv 2010.11929.
 *
 * @throws UsageError unless the heads divide the features and there is a generator; ShapeError for
 * images of another size.
 * @example
 * const size = { imageSize: 8, patchSize: 4, numChannels: 1, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new Vit(small, { rng: rng(0) });
 * model.forward(ones([2, 1, 8, 8])).lastHiddenState.shape; // [2, 5, 8]
 */
export class Vit extends Module {
  static readonly pretrained: Pretrained<VitConfig> = {
    config: vitConfigFrom,
    base: "vit",
    sizes: SIZES,
  };
  readonly config: VitConfig;
  readonly embeddings: VitEmbeddings;
  readonly encoder: { readonly layer: readonly VitLayer[] };
  readonly layernorm: LayerNorm;
  readonly pooler: { readonly dense: Linear } | null;
  readonly poolerActivation: TensorFunction;

  constructor(fields: Partial<VitConfig>, options: EncoderOptions) {
    super();
    const config = vitConfig(fields);
    const { hiddenSize } = config;
    this.config = config;
    const { pooler: pooled = true, ...own } = given("Vit", options, "pooler? rng dtype device");
    checkHeads("Vit", hiddenSize, config.numAttentionHeads, HEADS);
    const { initializerRange: std, layerNormEps: eps } = config;
    const make = maker("Vit", own, std, eps, weightsOf(config));
    this.embeddings = new VitEmbeddings(config, make, own);
    const layers = Array.from({ length: config.numHiddenLayers });
    this.encoder = { layer: layers.map(() => new VitLayer(config, make)) };
    this.layernorm = make.norm(hiddenSize);
    const width = config.poolerOutputSize ?? hiddenSize;
    this.pooler = pooled ? { dense: make.linear(hiddenSize, width) } : null;
    this.poolerActivation = activationNamed(config.poolerAct);
  }

  forward(images: Tensor): EncoderOutputs {
    expectTensor("Vit", images);
    const { imageSize, numChannels } = this.config;
    const [n, ...rest] = images.shape;
    if (n === undefined || `${rest}` !== `${[numChannels, imageSize, imageSize]}`) {
      const expected = `[n, ${numChannels}, ${imageSize}, ${imageSize}]`;
      const problem = `images are ${formatShape(images.shape)}, expected ${expected}`;
      throw new ShapeError("Vit", problem, "interpolate them to that size first");
    }
    return scope(() => {
      let x = this.embeddings.forward(images);
      for (const layer of this.encoder.layer) x = layer.forward(x);
      x = this.layernorm.forward(x);
      const pool = (dense: Linear) => this.poolerActivation(dense.forward(x.slice([null, 0])));
      const poolerOutput = this.pooler === null ? null : pool(this.pooler.dense);
      return { lastHiddenState: x, poolerOutput };
    });
  }
}

/**
 * ViT that classifies images: [n, numChannels, imageSize, imageSize] → logits [n, numLabels], a
 * linear map of the first token.
 *
 * @example
 * const size = { imageSize: 8, patchSize: 4, numChannels: 1, hiddenSize: 8, intermediateSize: 16 };
 * const small = { ...size, numHiddenLayers: 1, numAttentionHeads: 2 };
 * const model = new VitForImageClassification({ ...small, numLabels: 3 }, { rng: rng(0) });
 * model.forward(ones([2, 1, 8, 8])).shape; // [2, 3]
 */
export class VitForImageClassification extends Module {
  static readonly pretrained: Pretrained<VitConfig> = {
    config: vitConfigFrom,
    base: "vit",
    sizes: [...SIZES, { field: "numLabels", head: "classifier.weight", axis: 0 }],
  };
  readonly config: VitConfig;
  readonly vit: Vit;
  readonly classifier: Linear;

  constructor(fields: Partial<VitConfig>, options: ModelOptions) {
    super();
    const config = vitConfig(fields);
    this.config = config;
    const { hiddenSize, numLabels, initializerRange, layerNormEps } = config;
    const make = maker("VitForImageClassification", options, initializerRange, layerNormEps);
    this.vit = new Vit(config, { ...options, pooler: false });
    this.classifier = make.linear(hiddenSize, numLabels);
  }

  forward(images: Tensor): Tensor {
    return scope(() => {
      const { lastHiddenState } = this.vit.forward(images);
      return this.classifier.forward(lastHiddenState.slice([null, 0]));
    });
  }
}
