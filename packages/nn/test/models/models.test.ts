/** @file BERT, RoBERTa, GPT-2 and ViT against PyTorch: names, numbers, gradients; masks. */
import { ones, rng, ShapeError, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  Bert,
  BertForMaskedLM,
  BertForSequenceClassification,
  Gpt2,
  Gpt2ForCausalLM,
  Gpt2ForSequenceClassification,
  Roberta,
  RobertaForMaskedLM,
  RobertaForSequenceClassification,
  Vit,
  VitForImageClassification,
} from "../../src/index.js";
import { alive, flat } from "../helpers.js";
import { cases, int, likePyTorch, load } from "./golden.js";

const close = { rtol: 1e-9, atol: 1e-9 };
const words = { attentionMask: int(cases.bert.mask), tokenTypeIds: int(cases.bert.types) };

describe("BERT", () => {
  const ids = int(cases.bert.ids);

  it("guesses words as PyTorch does, with masks and segments", () => {
    likePyTorch(BertForMaskedLM, "bert", (m) => m.forward(ids, words));
  });

  it("has PyTorch's vectors, pooler and classes", () => {
    const { lastHiddenState, poolerOutput } = load(Bert, "bert").forward(ids, words);
    expect(lastHiddenState).toBeCloseToTensor(cases.bert.hidden, close);
    expect(poolerOutput).toBeCloseToTensor(cases.bert.pooled, close);
    const classifier = load(BertForSequenceClassification, "bert");
    expect(classifier.config.numLabels).toBe(3);
    expect(classifier.forward(ids, words)).toBeCloseToTensor(cases.bert.classes, close);
  });

  it("does not see padding, whatever the mask's dtype", () => {
    const model = load(Bert, "bert");
    const padded = int([[1, 7, 2, 13, 9]]);
    const plain = model.forward(int([[1, 7, 2]])).lastHiddenState;
    for (const dtype of ["bool", "int32", "float32"] as const) {
      const attentionMask = tensor([[1, 1, 1, 0, 0]], { dtype });
      const seen = model.forward(padded, { attentionMask }).lastHiddenState;
      expect(seen.slice([null, [0, 3]])).toBeCloseToTensor(plain, close);
    }
  });

  it("drops in training only, and leaves no memory behind", () => {
    const model = load(Bert, "bert");
    const once = () => model.forward(ids, words).poolerOutput?.dataSync();
    expect(once()).toEqual(once());
    model.train();
    expect(once()).not.toEqual(once());
    const before = alive();
    const { lastHiddenState, poolerOutput } = model.forward(ids, words);
    lastHiddenState.dispose();
    poolerOutput?.dispose();
    expect(alive()).toEqual(before);
  });
});

describe("RoBERTa", () => {
  const ids = int(cases.roberta.ids);
  const attentionMask = int(cases.roberta.mask);

  it("guesses words as PyTorch does: positions pass over padding", () => {
    likePyTorch(RobertaForMaskedLM, "roberta", (m) => m.forward(ids, { attentionMask }));
    const bare = load(Roberta, "roberta", "float64", ["pooler"]);
    const { lastHiddenState } = bare.forward(ids, { attentionMask });
    expect(lastHiddenState).toBeCloseToTensor(cases.roberta.hidden, close);
  });

  it("classifies as PyTorch does", () => {
    const model = load(RobertaForSequenceClassification, "roberta");
    expect(model.forward(ids, { attentionMask })).toBeCloseToTensor(cases.roberta.classes, close);
  });

  it("has two positions fewer for tokens than rows", () => {
    const model = load(RobertaForMaskedLM, "roberta");
    expect(model.forward(zeros([1, 8], { dtype: "int32" })).shape).toEqual([1, 8, 17]);
    expect(() => model.forward(zeros([1, 9], { dtype: "int32" }))).toThrow(ShapeError);
  });
});

describe("GPT-2", () => {
  const ids = int(cases.gpt2.ids);
  const attentionMask = int(cases.gpt2.mask);
  const inFile = (key: string) => `transformer.${key}`;

  it("says the next token as PyTorch does, from transposed layers", () => {
    const run = (m: Gpt2ForCausalLM) => m.forward(ids, { attentionMask });
    likePyTorch(Gpt2ForCausalLM, "gpt2", run, inFile);
    const { lastHiddenState } = load(Gpt2, "gpt2").forward(ids, { attentionMask });
    expect(lastHiddenState).toBeCloseToTensor(cases.gpt2.hidden, close);
  });

  it("classifies by the last token that is no padding", () => {
    const model = load(Gpt2ForSequenceClassification, "gpt2", "float64", ["score"]);
    model.score.weight.value = flat(cases.gpt2.score);
    expect(model.forward(ids, { attentionMask })).toBeCloseToTensor(cases.gpt2.classes, close);
  });

  it("gives the same with a past, in one piece or in many", () => {
    const model = load(Gpt2, "gpt2");
    const whole = model.forward(ids).lastHiddenState;
    const first = model.forward(ids.slice([null, [0, 2]]));
    const second = model.forward(ids.slice([null, [2, 4]]), { past: first.past });
    const third = model.forward(ids.slice([null, [4, 5]]), { past: second.past });
    expect(second.lastHiddenState).toBeCloseToTensor(whole.slice([null, [2, 4]]), close);
    expect(third.lastHiddenState).toBeCloseToTensor(whole.slice([null, [4, 5]]), close);
  });
});

describe("ViT", () => {
  it("classifies as PyTorch does", () => {
    const images = flat(cases.vit.images);
    likePyTorch(VitForImageClassification, "vit", (m, float) => m.forward(images.cast(float)));
    const bare = load(Vit, "vit", "float64", ["pooler"]);
    const { lastHiddenState, poolerOutput } = bare.forward(images);
    expect(lastHiddenState).toBeCloseToTensor(cases.vit.hidden, close);
    expect(poolerOutput?.shape).toEqual([3, 8]);
  });
});

/** The error of a call that ends before any weight is drawn. */
function refusal(make: () => unknown): string {
  const start = performance.now();
  let error: unknown = null;
  try {
    make();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(UsageError);
  expect(performance.now() - start).toBeLessThan(5000);
  return (error as UsageError).message;
}

describe("models of fields that do not fit", () => {
  const make = { rng: rng(0) };

  it.each<[string, () => unknown]>([
    ["numAttentionHeads must divide hiddenSize", () => new Bert({ numAttentionHeads: 5 }, make)],
    ["numAttentionHeads must divide hiddenSize", () => new Roberta({ hiddenSize: 10 }, make)],
    ["numAttentionHeads must divide hiddenSize", () => new Vit({ numAttentionHeads: 5 }, make)],
    ["nHead must divide nEmbd", () => new Gpt2({ nHead: 5 }, make)],
    ["patchSize is 300, imageSize is 224", () => new Vit({ patchSize: 300 }, make)],
    ["padTokenId is 9, vocabSize is 9", () => new Bert({ padTokenId: 9, vocabSize: 9 }, make)],
    [
      "padTokenId is 9, maxPositionEmbeddings is 8",
      () => new Roberta({ padTokenId: 9, maxPositionEmbeddings: 8 }, make),
    ],
    ["vocabSize is 1073741824, hiddenSize is 768", () => new Bert({ vocabSize: 2 ** 30 }, make)],
    ["nInner is 2147483647, nEmbd is 768", () => new Gpt2({ nInner: 2 ** 31 - 1 }, make)],
    ["numLabels is 1000000000", () => new BertForSequenceClassification({ numLabels: 1e9 }, make)],
    ["hiddenSize is -8", () => new Bert({ hiddenSize: -8 }, make)],
    ["hiddenSize is 1.5", () => new Vit({ hiddenSize: 1.5 }, make)],
    ['nLayer is "12"', () => new Gpt2({ nLayer: "12" as never }, make)],
    ["layerNormEps is NaN", () => new Roberta({ layerNormEps: Number.NaN }, make)],
    ["hiddenDropoutProb is 2", () => new Bert({ hiddenDropoutProb: 2 }, make)],
  ])("%s", (text, model) => {
    expect(refusal(model)).toContain(text);
  });

  it.each<[string, () => unknown]>([
    ["Bert: vocabSize 30522, hiddenSize 768", () => new Bert({ numHiddenLayers: 1000 }, make)],
    ["nLayer 1000, nInner null", () => new Gpt2({ nLayer: 1000 }, make)],
    ["Vit: imageSize 1073741824", () => new Vit({ imageSize: 2 ** 30, patchSize: 1 }, make)],
  ])("%s: more weights than memory holds", (text, model) => {
    const message = refusal(model);
    expect(message).toContain(text);
    expect(message).toContain("more than 3.5 GiB on cpu");
  });
});

describe("bad calls", () => {
  const size = { vocabSize: 9, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2 };
  const make = { rng: rng(0) };

  it("are refused by name, with shapes", () => {
    expect(() => new Bert({ ...size, numAttentionHeads: 3 }, make)).toThrow(
      "Bert: 8 features do not make 3 heads",
    );
    expect(() => new Bert({ ...size, hiddenAct: "maxout" }, make)).toThrow(UsageError);
    expect(() => new Vit({}, {} as never)).toThrow("no random generator was given");
    const model = new Bert({ ...size, maxPositionEmbeddings: 4 }, make);
    expect(() => model.forward(zeros([1, 5], { dtype: "int32" }))).toThrow(
      "5 tokens, but there are positions for 4",
    );
    expect(() => model.forward(zeros([3], { dtype: "int32" }))).toThrow("inputIds are [3]");
    const tokens = zeros([1, 3], { dtype: "int32" });
    expect(() => model.forward(tokens, { attentionMask: ones([3]) })).toThrow(
      "attentionMask is [3], expected [1, 3]",
    );
    const vit = load(Vit, "vit", "float32", ["pooler"]);
    expect(() => vit.forward(ones([1, 1, 8, 8]))).toThrow("expected [n, 2, 8, 8]");
  });
});
