/**
 * @file Names in common models: the targets of "all-linear", and the errors for names that match
 * nothing.
 */
import { Bert, Gpt2, MLP } from "@isograd/nn";
import { rng, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { fourierFt, gpart, lora, partition, vera } from "../../src/index.js";

const gpt2 = new Gpt2(
  { vocabSize: 10, nEmbd: 4, nLayer: 2, nHead: 2, nPositions: 8 },
  { rng: rng(0) },
);
const bert = new Bert(
  {
    ...{ vocabSize: 20, hiddenSize: 8, numHiddenLayers: 2, numAttentionHeads: 2 },
    ...{ intermediateSize: 16, maxPositionEmbeddings: 10 },
  },
  { rng: rng(0) },
);

describe('"all-linear"', () => {
  it("takes GPT-2's layers, whose weights are [in, out], and no embedding", () => {
    const layers = [0, 1].flatMap((l) => [
      `h.${l}.attn.c_attn.weight [4,12]`,
      `h.${l}.attn.c_proj.weight [4,4]`,
      `h.${l}.mlp.c_fc.weight [4,16]`,
      `h.${l}.mlp.c_proj.weight [16,4]`,
    ]);
    for (const adapter of [gpart(gpt2, { d: 3 }), lora(gpt2, { rank: 1 })]) {
      const found = adapter.targets.map((t) => `${t.name} [${t.parameter.shape}]`);
      expect(found).toEqual(layers);
    }
  });

  it("takes every dense layer of BERT, and leaves modulesToSave out", () => {
    const names = gpart(bert, { d: 3, modulesToSave: ["pooler"] }).targets.map((t) => t.name);
    expect(names.length).toBe(12);
    expect(names.every((name) => /(query|key|value|dense)\.weight$/.test(name))).toBe(true);
  });
});

describe("names that nothing has", () => {
  it.each<[string, () => unknown, string]>([
    ["a slip", () => gpart(bert, { d: 1, targetModules: ["querry"] }), 'did you mean "query"?'],
    ["capitals", () => gpart(bert, { d: 1, targetModules: ["Query"] }), 'did you mean "query"?'],
    [
      "a slip in a path",
      () => gpart(bert, { d: 1, targetModules: ["self.querry"] }),
      'did you mean "self.query"?',
    ],
    [
      "names of another model",
      () => gpart(bert, { d: 1, targetModules: ["q_proj"] }),
      "help: its modules are: word_embeddings, position_embeddings, token_type_embeddings, " +
        "LayerNorm, query, key, value, dense",
    ],
    [
      "modules of modules",
      () => gpart(bert, { d: 1, targetModules: ["attention.self"] }),
      '"attention.self" holds other modules; name those: query, key, value',
    ],
    [
      "modules with numbers",
      () => gpart(new MLP([2, 3, 1], { rng: rng(0) }), { d: 1, targetModules: ["layer.0"] }),
      'did you mean "layers.0"? its modules are: layers.0, layers.1',
    ],
    ["a head", () => gpart(bert, { d: 1, modulesToSave: ["poolr"] }), "nothing in the model is"],
    [
      "what is trained in full",
      () => gpart(bert, { d: 1, targetModules: ["query"], modulesToSave: ["self"] }),
      'all of "query" is trained in full: self',
    ],
    ["a budget", () => gpart(bert, { d: { query: 1, vlaue: 1 } }), 'did you mean "value"?'],
    [
      "a text for a list",
      () => gpart(bert, { d: 1, targetModules: "query" as never }),
      'got "query"\n  help: for one name write ["query"]',
    ],
    [
      "another all-linear",
      () => gpart(bert, { d: 1, targetModules: "all_linear" as never }),
      'did you mean "all-linear"?',
    ],
    ["none", () => gpart(bert, { d: 1, targetModules: [] }), "got an empty list"],
    ["a text to save", () => gpart(bert, { d: 1, modulesToSave: "x" as never }), 'write ["x"]'],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(UsageError);
    try {
      run();
    } catch (error) {
      expect(String(error)).toContain(message);
    }
  });
});

describe("options out of range", () => {
  it.each<[string, () => unknown, string]>([
    ["d = 0", () => gpart(bert, { d: 0 }), "d is a whole number of at least 1: got 0"],
    ["no budget", () => gpart(bert, { d: {} }), "d has no budget"],
    ["α", () => lora(bert, { alpha: Number.NaN }), "alpha is a finite number: got NaN"],
    ["FourierFT's scale", () => fourierFt(bert, { scaling: Infinity }), "scaling is a finite"],
    ["VeRA's start", () => vera(bert, { dInitial: Number.NaN }), "dInitial is a finite number"],
    [
      "indices",
      () => partition({ n: 4, d: 2, indices: "cache" as never }),
      'choose "cached" or "regenerated"',
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });
});
