/** @file loadPretrained: prefixes of names, ties, new heads and errors; generate. */
import { FormatError, rng, UsageError } from "@isograd/tensor";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import {
  Bert,
  BertForMaskedLM,
  BertForSequenceClassification,
  Gpt2,
  Gpt2ForCausalLM,
  generate,
  loadPretrained,
} from "../../src/index.js";
import { alive } from "../helpers.js";
import { cases, files, int, load } from "./golden.js";

const tensors = () => loadSafetensors(files("bert").weights).tensors;
const config = files("bert").config;
const bits = (x: { dataSync(): ArrayLike<number> }) => Array.from(x.dataSync());
/** A checkpoint with other tensors. */
const changed = (change: (all: ReturnType<typeof tensors>) => void) => {
  const all = tensors();
  change(all);
  return { config, weights: saveSafetensors(all) };
};

describe("loadPretrained", () => {
  it("says what it left aside", () => {
    const { unused, fresh, model } = loadPretrained(BertForSequenceClassification, files("bert"));
    expect(unused).toContain("cls.predictions.bias");
    expect(unused.every((name) => name.startsWith("cls."))).toBe(true);
    expect(fresh).toEqual([]);
    expect(model.training).toBe(false);
  });

  it("reads back what it writes, to the last bit, in parts too", () => {
    const first = load(BertForMaskedLM, "bert", "float32");
    const entries = Object.entries(first.stateDict());
    const half = (from: number, to: number) =>
      saveSafetensors(Object.fromEntries(entries.slice(from, to)));
    const weights = [half(0, 9), half(9, entries.length)];
    const again = loadPretrained(BertForMaskedLM, { config, weights }).model;
    const ids = int(cases.bert.ids);
    expect(bits(again.forward(ids))).toEqual(bits(first.forward(ids)));
    expect(Object.keys(first.stateDict())).toEqual(Object.keys(again.stateDict()));
  });

  it("takes names without a prefix, old names of norms, and ties under either name", () => {
    const ids = int(cases.bert.ids);
    const expected = bits(load(BertForMaskedLM, "bert", "float32").forward(ids));
    const table = "bert.embeddings.word_embeddings.weight";
    const old = changed((all) => {
      delete all[table];
      for (const [name, value] of Object.entries(all)) {
        if (!name.includes("LayerNorm")) continue;
        delete all[name];
        all[name.replace(/weight$/, "gamma").replace(/bias$/, "beta")] = value;
      }
    });
    expect(bits(loadPretrained(BertForMaskedLM, old).model.forward(ids))).toEqual(expected);
    const bare = loadPretrained(Bert, files("bert")).model.stateDict();
    const prefixed = loadPretrained(
      BertForMaskedLM,
      { config, weights: saveSafetensors(bare) },
      { fresh: ["cls"] },
    );
    expect(prefixed.fresh.every((name) => name.startsWith("cls."))).toBe(true);
    expect(prefixed.fresh.length).toBe(5);
  });

  it("keeps an output layer of its own where it is not tied", () => {
    const free = { ...JSON.parse(new TextDecoder().decode(config)), tie_word_embeddings: false };
    const { model } = loadPretrained(BertForMaskedLM, { ...files("bert"), config: free });
    const dict = model.stateDict();
    expect(Object.keys(dict)).toContain("cls.predictions.decoder.weight");
    expect(model.forward(int(cases.bert.ids)).shape).toEqual([2, 5, 17]);
  });

  it("lists what is missing, unexpected and of another shape, and changes nothing then", () => {
    const bad = changed((all) => {
      delete all["bert.encoder.layer.1.output.dense.bias"];
      const odd = all["classifier.bias"];
      if (odd !== undefined) all["bert.encoder.layer.2.output.dense.bias"] = odd;
      if (odd !== undefined) all["bert.embeddings.LayerNorm.bias"] = odd;
    });
    const call = () => loadPretrained(BertForMaskedLM, bad);
    expect(call).toThrow(FormatError);
    expect(call).toThrow("missing: bert.encoder.layer.1.output.dense.bias");
    expect(call).toThrow("unexpected: bert.encoder.layer.2.output.dense.bias");
    expect(call).toThrow("bert.embeddings.LayerNorm.bias is [8] in the model, [3] in the file");
    const headless = changed((all) => {
      delete all["bert.pooler.dense.bias"];
    });
    expect(() => loadPretrained(Bert, headless)).toThrow("missing: pooler.dense.bias\n");
    expect(() => loadPretrained(Bert, headless)).toThrow('pass { fresh: ["pooler.dense.bias"] }');
  });

  it("refuses configurations that it cannot follow", () => {
    const { weights } = files("bert");
    const refuse = (config: string | Record<string, unknown>, says: string) => {
      const call = () => loadPretrained(Bert, { config, weights });
      expect(call).toThrow(FormatError);
      expect(call).toThrow(says);
    };
    refuse("{", "config.json is not JSON");
    refuse("[]", "config.json does not hold an object");
    refuse({ hidden_size: "8" }, 'hidden_size is "8", not a number');
    refuse({ position_embedding_type: "relative_key" }, "our models have absolute");
  });
});

describe("generate", () => {
  const start = () => int(cases.gpt2.greedy.map((row) => row.slice(0, 3)));

  it("is greedy, as running the whole sequence for each token is", async () => {
    const model = load(Gpt2ForCausalLM, "gpt2");
    const before = alive().tensors;
    const ids = start();
    const found = await generate(model, ids, { maxNewTokens: 6, eosTokenId: null });
    expect(found.toArray()).toEqual(cases.gpt2.greedy);
    ids.dispose();
    found.dispose();
    expect(alive().tensors).toBe(before);
  });

  it("draws as the softmax says, and the same for the same seed", async () => {
    const model = load(Gpt2ForCausalLM, "gpt2");
    const rows = 1500;
    const ids = int(Array.from({ length: rows }, () => [3, 5]));
    const how = { maxNewTokens: 1, eosTokenId: null, temperature: 2 };
    const found = await generate(model, ids, { ...how, rng: rng(1) });
    const again = await generate(model, ids, { ...how, rng: rng(1) });
    expect(bits(again)).toEqual(bits(found));
    const p = model
      .next(ids.slice([[0, 1]]))
      .logits.mul(0.5)
      .softmax()
      .dataSync();
    const counts = new Array<number>(17).fill(0);
    for (let i = 0; i < rows; i++) {
      const token = found.dataSync()[3 * i + 2] as number;
      counts[token] = (counts[token] as number) + 1;
    }
    // χ² with 16 degrees of freedom: above 45 once in 7,000 draws
    const chi = counts.reduce((sum, c, i) => {
      const expected = rows * (p[i] as number);
      return sum + (c - expected) ** 2 / expected;
    }, 0);
    expect(chi).toBeLessThan(45);
    const top = await generate(model, ids, { ...how, topK: 1, rng: rng(2) });
    expect(top.toArray()).toEqual(
      (await generate(model, ids, { ...how, temperature: 0 })).toArray(),
    );
  });

  it("pads after the end token; refuses drawing without a generator", async () => {
    const model = load(Gpt2ForCausalLM, "gpt2");
    const end = cases.gpt2.greedy[0]?.[3] as number;
    const ids = start().slice([[0, 1]]);
    const found = await generate(model, ids, { maxNewTokens: 6, eosTokenId: end });
    expect(found.shape).toEqual([1, 4]);
    await expect(generate(model, ids, { maxNewTokens: 1, temperature: 1 })).rejects.toThrow(
      UsageError,
    );
    const small = new Gpt2({ vocabSize: 9, nEmbd: 8, nLayer: 1, nHead: 2 }, { rng: rng(0) });
    expect(() => small.forward(int([[9]]))).toThrow("9");
  });
});
