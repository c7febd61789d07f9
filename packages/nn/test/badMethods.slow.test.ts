import * as nn from "@isograd/nn";
import { relu, rng, tensor } from "@isograd/tensor";
import { methodFaultsOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const { Linear } = nn;
const make = { rng: rng(0) };
const config = {
  vocabSize: 10,
  hiddenSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 1,
  intermediateSize: 4,
  maxPositionEmbeddings: 8,
};
const bert = () => new nn.Bert(config, { rng: rng(0) });

const objects: Readonly<Record<string, () => object>> = {
  Activation: () => new nn.Activation("relu"),
  AvgPool2d: () => new nn.AvgPool2d(2),
  BatchNorm: () => new nn.BatchNorm(2),
  Buffer: () => new nn.Buffer(tensor([1])),
  Conv1d: () => new nn.Conv1d(1, 2, 3, make),
  Conv2d: () => new nn.Conv2d(1, 2, 3, make),
  DataLoader: () => new nn.DataLoader({ x: tensor([1, 2, 3]) }, { shuffle: rng(0) }),
  Dropout: () => new nn.Dropout(0.5, { rng: rng(0) }),
  Ema: () => nn.ema(new Linear(2, 1, make), 0.9),
  Embedding: () => new nn.Embedding(5, 2, make),
  Flatten: () => new nn.Flatten(),
  GRU: () => new nn.GRU(2, 3, make),
  GroupNorm: () => new nn.GroupNorm(1, 2),
  LSTM: () => new nn.LSTM(2, 3, make),
  LayerNorm: () => new nn.LayerNorm(2),
  Linear: () => new Linear(2, 3, make),
  MLP: () => new nn.MLP([2, 3, 1], make),
  MaxPool2d: () => new nn.MaxPool2d(2),
  MultiHeadAttention: () => new nn.MultiHeadAttention(2, 1, make),
  Parameter: () => new nn.Parameter(tensor([1])),
  RMSNorm: () => new nn.RMSNorm(2),
  Sequential: () => new nn.Sequential(new Linear(2, 2, make), relu),
  TransformerBlock: () => new nn.TransformerBlock(2, 1, make),
  Upsample: () => new nn.Upsample({ scaleFactor: 2 }),
  adam: () => nn.adam(new Linear(2, 1, make), { lr: 0.1 }),
  sgd: () => nn.sgd(tensor([1, 2]), { lr: 0.1 }),
  pure: () => nn.pure(nn.adamRule(), { lr: 0.1 }),
  checkpointFile: () => nn.checkpointFile("/nowhere/at all/run.safetensors"),
  "the sgd rule": () => nn.sgdRule(),
  Bert: bert,
};

describe("calls of methods with bad arguments", () => {
  // the public fields of a module that are functions of tensors come from the caller
  const inputs = {
    "a tensor": () => tensor([[1, 2], [3, 4]]), // biome-ignore format: short
    "a tensor [1, 2, 2]": () => tensor([[[1, 2], [3, 4]]]), // biome-ignore format: short
    "a name": () => "name",
    relu: () => relu,
  };
  it.each(Object.entries(objects))("%s refuses them in words of the house", async (name, one) => {
    expect(await methodFaultsOf(name, one, inputs)).toEqual([]);
  });
});
