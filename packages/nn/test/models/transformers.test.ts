/**
 * @file loadPretrained against transformers 5: ties, fields of config.json that change numbers,
 * activations; and what it refuses. Values: golden/models/make_transformers.py.
 */
import { readFileSync } from "node:fs";
import { FormatError, rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  Bert,
  BertForMaskedLM,
  BertForSequenceClassification,
  type EncoderOutputs,
  Gpt2,
  Gpt2ForCausalLM,
  Gpt2ForSequenceClassification,
  loadPretrained,
  Roberta,
  RobertaForMaskedLM,
  RobertaForSequenceClassification,
  Vit,
  VitForImageClassification,
} from "../../src/index.js";
import { activationNamed } from "../../src/models/activations.js";
import { alive, type Flat, flat } from "../helpers.js";
import { files, int } from "./golden.js";

installMatchers();

interface Case {
  readonly name: string;
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: string;
  readonly inputs: number[][] | Flat;
  readonly outputs: Flat;
  readonly tolerance: number;
}

const path = new URL("../golden/models/transformers.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as {
  readonly cases: readonly Case[];
  readonly grid: number[];
  readonly activations: Readonly<Record<string, number[]>>;
};

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
const named = (name: string): Case => {
  const found = golden.cases.find((c) => c.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};

/** What our class makes of the files of a case. */
function run({ class: kind, config, weights, inputs }: Case): Tensor {
  const given = { config, weights: bytes(weights) };
  const how = { dtype: "float64", fresh: ["pooler"] } as const;
  const x = Array.isArray(inputs) ? int(inputs) : flat(inputs);
  const hidden = ({ lastHiddenState }: EncoderOutputs) => lastHiddenState;
  switch (kind) {
    case "BertForMaskedLM":
      return loadPretrained(BertForMaskedLM, given, how).model.forward(x);
    case "RobertaForMaskedLM":
      return loadPretrained(RobertaForMaskedLM, given, how).model.forward(x);
    case "Bert":
      return hidden(loadPretrained(Bert, given, how).model.forward(x));
    case "Roberta":
      return hidden(loadPretrained(Roberta, given, how).model.forward(x));
    case "Gpt2ForCausalLM":
      return loadPretrained(Gpt2ForCausalLM, given, how).model.forward(x);
    case "Gpt2ForSequenceClassification":
      return loadPretrained(Gpt2ForSequenceClassification, given, how).model.forward(x);
    default: {
      const { poolerOutput } = loadPretrained(Vit, given, how).model.forward(x);
      if (poolerOutput === null) throw new Error("no pooler");
      return poolerOutput;
    }
  }
}

describe("the same numbers as transformers", () => {
  it.each(golden.cases)("$name", (given) => {
    const close = { rtol: given.tolerance, atol: given.tolerance };
    expect(run(given)).toBeCloseToTensor(given.outputs, close);
  });

  it.each(Object.keys(golden.activations))("activation %s", (name) => {
    const x = tensor(golden.grid, { dtype: "float64" });
    const data = golden.activations[name] ?? [];
    const before = alive().tensors;
    const y = activationNamed(name)(x);
    expect(alive().tensors).toBe(before + 1);
    expect(y).toBeCloseToTensor({ shape: [97], data }, { rtol: 1e-7, atol: 1e-9 });
  });

  it("writes an untied model so that it reads the same back", () => {
    const { config, weights } = named("BERT, tied in the config, untied in the file");
    const how = { dtype: "float64" } as const;
    const { model, unused } = loadPretrained(BertForMaskedLM, { config, weights: bytes(weights) });
    expect(model.config.tieWordEmbeddings).toBe(false);
    expect(unused).toEqual(["cls.predictions.bias"]);
    const again = loadPretrained(
      BertForMaskedLM,
      {
        config: { ...config, tie_word_embeddings: false },
        weights: saveSafetensors(model.stateDict()),
      },
      how,
    );
    const ids = int([[2, 5]]);
    expect(again.model.forward(ids)).toBeCloseToTensor(model.forward(ids).cast("float64"), {
      rtol: 1e-5,
      atol: 1e-5,
    });
  });

  it("takes the dropout before the classifier from classifier_dropout", () => {
    const json = JSON.parse(new TextDecoder().decode(files("bert").config));
    const p = (more: object) =>
      loadPretrained(BertForSequenceClassification, {
        config: { ...json, ...more },
        weights: files("bert").weights,
      }).model.dropout?.p;
    expect([p({}), p({ classifier_dropout: 0.5 }), p({ classifier_dropout: null })]).toEqual([
      0.1, 0.5, 0.1,
    ]);
    const roberta = JSON.parse(new TextDecoder().decode(files("roberta").config));
    const config = { ...roberta, classifier_dropout: 0.25 };
    const { weights } = files("roberta");
    const { model } = loadPretrained(RobertaForSequenceClassification, { config, weights });
    expect(model.dropout?.p).toBe(0.25);
  });
});

const json = (name: Parameters<typeof files>[0]): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files(name).config));
describe("refuses before anything of the size is made", () => {
  const refused = (load: () => unknown): string => {
    const before = alive();
    const start = performance.now();
    let error: unknown;
    try {
      load();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(alive()).toEqual(before);
    return (error as Error).message;
  };
  type Json = Readonly<Record<string, unknown>>;
  const fresh = ["pooler"];
  const families = {
    bert: (config: Json) => loadPretrained(Bert, { ...files("bert"), config }),
    roberta: (config: Json) => loadPretrained(Roberta, { ...files("roberta"), config }, { fresh }),
    gpt2: (config: Json) => loadPretrained(Gpt2, { ...files("gpt2"), config }),
    vit: (config: Json) => loadPretrained(Vit, { ...files("vit"), config }, { fresh }),
  };
  const encoder = ["vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size"];
  const sizes = {
    bert: [...encoder, "max_position_embeddings", "type_vocab_size"],
    roberta: [...encoder, "max_position_embeddings", "type_vocab_size"],
    gpt2: ["vocab_size", "n_embd", "n_layer", "n_inner", "n_positions"],
    vit: [...encoder.slice(1), "image_size", "patch_size", "num_channels"],
  };
  const odd = [1e9, 20000, 1.5, -2, "12", Number.NaN, 1 / 0, [1], {}, true, 2 ** 53];
  const cases = Object.entries(sizes).flatMap(([name, fields]) =>
    fields.map((field) => [name as keyof typeof families, field] as const),
  );

  it.each(cases)("%s: %s", (name, field) => {
    for (const value of odd) {
      const message = refused(() => families[name]({ ...json(name), [field]: value }));
      expect(message, String(value)).toContain(`config.json: ${field} is `);
    }
    if (field === "n_inner") return; // null is four times n_embd
    refused(() => families[name]({ ...json(name), [field]: null }));
  });

  it.each([
    ["bert", { hidden_act: "prelu" }, 'hidden_act is "prelu", not one of gelu, '],
    ["bert", { hidden_dropout_prob: 1.5 }, "hidden_dropout_prob is 1.5, not a number from 0 to 1"],
    ["bert", { layer_norm_eps: -1 }, "layer_norm_eps is -1, not a number above 0"],
    ["bert", { classifier_dropout: "x" }, 'classifier_dropout is "x", not a number'],
    ["bert", { tie_word_embeddings: 1 }, "tie_word_embeddings is 1, not true or false"],
    ["bert", { pad_token_id: -1 }, "pad_token_id is -1"],
    ["bert", { is_decoder: true }, "is_decoder is true, our models have false"],
    ["bert", { add_cross_attention: true }, "add_cross_attention is true"],
    ["bert", { is_encoder_decoder: true }, "is_encoder_decoder is true"],
    ["bert", { pruned_heads: { 0: [1] } }, 'has pruned_heads: {"0":[1]}'],
    ["bert", { quantization_config: { load_in_8bit: true } }, "has quantization_config"],
    ["bert", { position_embedding_type: "relative_key" }, "our models have absolute"],
    ["roberta", { pad_token_id: null }, "pad_token_id is null"],
    ["gpt2", { scale_attn_weights: 1 }, "scale_attn_weights is 1, not true or false"],
    ["gpt2", { add_cross_attention: true }, "add_cross_attention is true"],
    ["gpt2", { eos_token_id: [1, 2] }, "eos_token_id is [1,2]"],
    ["gpt2", { num_hidden_layers: 7 }, "n_layer is 2, num_hidden_layers is 7: they are one field"],
    ["vit", { pooler_act: "prelu" }, "pooler_act is"],
    ["vit", { image_size: [4, 8] }, "image_size is [4,8]"],
    ["vit", { head_dim: 3 }, "has head_dim: 3"],
    ["bert", { num_attention_heads: 3 }, "num_attention_heads is 3, hidden_size is 8"],
    ["roberta", { num_attention_heads: 3 }, "num_attention_heads is 3, hidden_size is 8"],
    ["gpt2", { n_head: 3 }, "config.json: n_head is 3, n_embd is 8"],
    ["vit", { num_attention_heads: 16 }, "num_attention_heads divides hidden_size"],
    ["bert", { num_attention_heads: "2" }, 'num_attention_heads is "2", not a number'],
    ["bert", { num_attention_heads: -2 }, "num_attention_heads is -2, not a whole number"],
    ["bert", { pad_token_id: 1e6 }, "pad_token_id is 1000000, vocab_size is "],
    ["vit", { patch_size: 16 }, "patch_size is at most image_size"],
  ] as const)("%s: %j", (name, more, says) => {
    expect(refused(() => families[name]({ ...json(name), ...more }))).toContain(says);
  });

  it("a configuration of another family, and says which classes read it", () => {
    const roberta = "it is of RoBERTa: load it with Roberta, RobertaForMaskedLM, ";
    const { weights } = files("roberta");
    const load = (config: Json) => () => loadPretrained(Bert, { config, weights });
    const byType = refused(load(json("roberta")));
    expect(byType).toContain('model_type is "roberta", which is no model that Bert reads');
    expect(byType).toContain(roberta);
    const { model_type: _, ...untyped } = json("roberta");
    expect(refused(load(untyped))).toContain(roberta);
    expect(refused(load({ ...untyped, architectures: ["DistilBertModel"] }))).toContain(
      "known are BERT (bert)",
    );
    for (const type of ["distilbert", 7, "constructor", { a: 1 }]) {
      refused(load({ ...json("bert"), model_type: type }));
    }
    for (const architectures of [["BertGenerationDecoder"], "ViTModel", [3], [{}], { a: 1 }]) {
      refused(load({ ...json("bert"), architectures }));
    }
    for (const model_type of ["bert", "gpt2"]) {
      refused(() => families.vit({ ...json("vit"), model_type }));
      refused(() => families.roberta({ ...json("roberta"), model_type }));
    }
    expect(families.roberta({ ...json("roberta"), model_type: "xlm-roberta" }).fresh).toHaveLength(
      2,
    );
    expect(families.bert({ ...json("bert"), architectures: [], model_type: null }).fresh).toEqual(
      [],
    );
  });

  it("numbers of labels, which a new head may have", () => {
    const { weights } = files("bert");
    const config = { ...json("bert"), num_labels: 20000 };
    const load = (fresh: string[]) => () =>
      loadPretrained(BertForSequenceClassification, { config, weights }, { fresh, rng: rng(0) });
    expect(refused(load([]))).toContain("num_labels is 20000, but classifier.weight is [3, 8]");
    const { tensors } = loadSafetensors(weights);
    const bare = Object.entries(tensors).filter(([name]) => !name.startsWith("classifier."));
    const headless = {
      config: { ...config, num_labels: 2e9 },
      weights: saveSafetensors(Object.fromEntries(bare)),
    };
    const fresh = ["classifier"];
    const many = () => loadPretrained(BertForSequenceClassification, headless, { fresh });
    expect(refused(many)).toContain("config.json: num_labels is 2000000000, hidden_size is 8");
  });

  it("names of fresh modules that neither the model nor any head has", () => {
    const load = (name: string) => () =>
      loadPretrained(Bert, { ...files("bert"), config: json("bert") }, { fresh: [name] });
    for (const name of ["clasifier", "pooler2", "embedding", "", "encoder.layer.99", "*"]) {
      expect(load(name)).toThrow(UsageError);
      expect(load(name)).toThrow("the model has embeddings, encoder, pooler, and names inside");
    }
    for (const name of ["classifier", "pooler", "encoder.layer.0", "cls"]) load(name)();
  });

  it("weights that are quantised, given twice, or named twice", () => {
    const { tensors } = loadSafetensors(files("bert").weights);
    const load =
      (...parts: Uint8Array[]) =>
      () =>
        loadPretrained(Bert, { config: json("bert"), weights: parts });
    const name = "bert.encoder.layer.0.output.dense.weight";
    const x = tensors[name] as Tensor;
    const ints = saveSafetensors({ ...tensors, [name]: x.cast("int32") });
    expect(refused(load(ints))).toContain(`${name} holds integers`);
    const one = saveSafetensors({ [name]: x });
    expect(refused(load(files("bert").weights, one))).toContain(
      `two parts of the weights hold ${name}`,
    );
    const norm = "bert.embeddings.LayerNorm.weight";
    const both = { ...tensors, "bert.embeddings.LayerNorm.gamma": tensors[norm] as Tensor };
    expect(refused(load(saveSafetensors(both)))).toContain("under two names");
  });

  it("files of another model, and of nothing, whatever may be drawn anew", () => {
    const fresh = ["embeddings", "encoder", "pooler"];
    const config = { ...json("bert"), hidden_size: 2e7 };
    const load = (weights: Uint8Array) => () =>
      loadPretrained(Bert, { config, weights }, { fresh });
    expect(refused(load(saveSafetensors({})))).toContain("nothing of this model, but no tensors");
    expect(refused(load(files("gpt2").weights))).toContain("nothing of this model, but ");
    const bert = files("bert");
    const deep = { ...json("bert"), num_hidden_layers: 1e4 };
    refused(() => loadPretrained(Bert, { ...bert, config: deep }, { fresh }));
  });

  it("names that JavaScript objects have by themselves", () => {
    const { tensors } = loadSafetensors(files("bert").weights);
    const x = tensors["cls.predictions.bias"] as Tensor;
    for (const name of ["__proto__", "constructor", "toString", "bert.__proto__"]) {
      const weights = saveSafetensors(Object.fromEntries([...Object.entries(tensors), [name, x]]));
      const load = () => loadPretrained(Bert, { config: json("bert"), weights });
      if (name.startsWith("bert.")) expect(refused(load)).toContain("unexpected: __proto__");
      else expect(load().unused).toContain(name);
    }
  });

  it("files cut short or with a changed byte in their header", () => {
    const { weights, config } = files("gpt2");
    const load = (changed: Uint8Array) => () => loadPretrained(Gpt2, { config, weights: changed });
    for (let n = 0; n < weights.length; n += 97) refused(load(weights.slice(0, n)));
    const header = 8 + Number(new DataView(weights.buffer).getBigUint64(0, true));
    for (let at = 0; at < header; at += 13) {
      const changed = weights.slice();
      changed[at] = (changed[at] as number) ^ 1;
      try {
        load(changed)();
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(FormatError);
      }
    }
  });
});

describe("GPT-2 without layers, ViT without labels", () => {
  it("loads what transformers loads", () => {
    const { tensors } = loadSafetensors(files("gpt2").weights);
    const kept = Object.entries(tensors).filter(([name]) => !/(^|\.)h\./.test(name));
    const weights = saveSafetensors(Object.fromEntries(kept));
    const { model } = loadPretrained(Gpt2, { config: { ...json("gpt2"), n_layer: 0 }, weights });
    expect(model.forward(int([[1]])).lastHiddenState.shape).toEqual([1, 1, 8]);
    const vit = { ...json("vit"), num_labels: 0 };
    const load = () => loadPretrained(VitForImageClassification, { ...files("vit"), config: vit });
    expect(load).toThrow("num_labels is 0, not a whole number from 1");
  });
});
