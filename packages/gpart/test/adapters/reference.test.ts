/**
 * @file Files of the reference implementation: read if it used its stateless hash, else refused
 * with the reason.
 */
import { fc, test } from "@fast-check/vitest";
import { Gpt2 } from "@isograd/nn";
import { FormatError, rng } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { gpart, loadAdapter } from "../../src/index.js";
import { bits, Small } from "./models.js";

const model = new Small(1);
const d = 40;

/** The fields that it writes. */
const config = {
  peft_type: "GPART",
  task_type: "SEQ_CLS",
  base_model_name_or_path: "some/model",
  inference_mode: true,
  d,
  proj_seed: 42,
  target_modules: ["value", "query"],
  modules_to_save: ["head"],
  gpart_dropout: 0.1,
  init_bound: 0,
  bias: "none",
  fan_in_fan_out: false,
  isometric: true,
  projection_type: "partition",
  partition_scope: "global",
  grouping_strategy: "random",
  assignment_backend: "stateless",
  layers_to_transform: null,
  layers_pattern: null,
};

const random = rng(5);
const theta = random.normal([d]);
const head = { weight: random.normal([3, 6]), bias: random.normal([3]) };
const tensors = {
  "base_model.gpart_theta_d": theta,
  "base_model.model.head.weight": head.weight,
  "base_model.model.head.bias": head.bias,
};
const files = (changes: object = {}, given: object = tensors) => ({
  config: JSON.stringify({ ...config, ...changes }),
  weights: saveSafetensors(given as typeof tensors),
});

/** The stateless hash, in 64-bit arithmetic. */
function hash(i: number): number {
  let v = BigInt.asUintN(64, BigInt(i) + 42n + 0x9e3779b97f4a7c15n);
  v = BigInt.asUintN(64, (v ^ (v >> 30n)) * 0xbf58476d1ce4e5b9n);
  v = BigInt.asUintN(64, (v ^ (v >> 27n)) * 0x94d049bb133111ebn);
  return Number((v ^ (v >> 31n)) % BigInt(d));
}

describe("the reference implementation's adapters", () => {
  it("have the weights that it computes with", () => {
    const adapter = loadAdapter(model, files(), { warn: () => {} });
    // targets in the order of the model, for any order in the file
    const names = ["blocks.0.query", "blocks.0.value", "blocks.1.query", "blocks.1.value"];
    expect(adapter.targets.map((t) => t.name)).toEqual(names.map((n) => `${n}.weight`));
    const groups = Array.from({ length: 4 * 36 }, (_, i) => hash(i));
    const counts = groups.reduce(
      (c, g) => c.set(g, (c.get(g) ?? 0) + 1),
      new Map<number, number>(),
    );
    const values = theta.toArray() as number[];
    const delta = adapter.delta().toArray() as number[];
    groups.forEach((g, i) => {
      expect(delta[i]).toBeCloseTo((values[g] as number) / Math.sqrt(counts.get(g) as number), 5);
    });
    expect(bits(adapter.saved["head.weight"]!.own)).toEqual(bits(head.weight));
    expect(adapter.options.dropout).toBe(0.1);
  });

  it("take the weights of GPT-2's layers as they are stored, [in, out]", () => {
    const small = { vocabSize: 10, nEmbd: 4, nLayer: 2, nHead: 2, nPositions: 8 };
    const gpt2 = new Gpt2(small, { rng: rng(0) });
    const changes = { target_modules: ["c_attn"], modules_to_save: null, fan_in_fan_out: true };
    const only = { "base_model.gpart_theta_d": theta };
    const adapter = loadAdapter(gpt2, files(changes, only), { warn: () => {} });
    expect(adapter.targets.map((t) => t.parameter.shape)).toEqual([
      [4, 12],
      [4, 12],
    ]);
    const groups = Array.from({ length: 96 }, (_, i) => hash(i));
    const values = theta.toArray() as number[];
    const delta = adapter.delta().toArray() as number[];
    groups.forEach((g, i) => {
      const size = groups.filter((other) => other === g).length;
      expect(delta[i]).toBeCloseTo((values[g] as number) / Math.sqrt(size), 5);
    });
    expect(gpart(gpt2, { d: 3 }).targets.length).toBe(8);
  });

  it("may have θ under another name, the older name of the hash, and layers", () => {
    const { "base_model.gpart_theta_d": own, ...rest } = tensors;
    const changes = { assignment_backend: "implicit_stateless_v1", layers_to_transform: [1] };
    const adapter = loadAdapter(model, files(changes, { "theta.default": own, ...rest }), {
      thetaKey: "theta.default",
      warn: () => {},
    });
    expect(adapter.targets.length).toBe(2);
  });

  it("have patterns that match whole names", () => {
    const changes = { target_modules: ".*\\.(query|value)", modules_to_save: null };
    const only = { "base_model.gpart_theta_d": theta };
    expect(loadAdapter(model, files(changes, only), { warn: () => {} }).targets.length).toBe(4);
    expect(() => loadAdapter(model, files({ ...changes, target_modules: "que" }, only))).toThrow(
      "nothing in the model is named",
    );
  });

  it.each<[string, object, string]>([
    ["PyTorch's random numbers", { assignment_backend: "materialized" }, 'not "stateless"'],
    ["files of before", { assignment_backend: undefined }, "PyTorch's random numbers"],
    ["Fastfood", { projection_type: "fastfood" }, 'not "partition"'],
    ["blocks", { partition_scope: "transformer_block" }, 'not "global"'],
    ["magnitudes", { grouping_strategy: "signed_magnitude" }, 'not "random"'],
    ["biases", { bias: "all" }, 'bias is "all"'],
    ["no isometry", { isometric: false }, "isometric is false"],
    ["another d", { d: 41 }, "d = 41, the weights hold [40]"],
    ["no d", { d: null }, "d is missing"],
    ["no seed", { proj_seed: "x" }, "proj_seed is missing or not a number"],
    ["no targets", { target_modules: null }, "target_modules is missing"],
    ["layers that are no numbers", { layers_to_transform: "1" }, "layers_to_transform is not"],
    ["an unknown module", { target_modules: ["key"] }, '"key"'],
  ])("refused: %s", (_, changes, message) => {
    expect(() => loadAdapter(model, files(changes))).toThrow(FormatError);
    expect(() => loadAdapter(model, files(changes))).toThrow(message);
  });

  test.prop([
    fc.dictionary(fc.constantFrom(...Object.keys(config)), fc.jsonValue(), {
      minKeys: 1,
      maxKeys: 4,
    }),
  ])("with any values in the configuration: loaded or FormatError", (changes) => {
    try {
      loadAdapter(model, files(changes), { warn: () => {} }).dispose();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  const { config: text, weights } = files();
  test.prop([
    fc.integer({ min: 0, max: weights.length }),
    fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 4 }),
  ])("with weights that are damaged or cut short: loaded or FormatError", (length, damage) => {
    const bytes = weights.slice(0, length);
    for (const { at, byte } of damage) bytes[at % Math.max(1, length)] = byte;
    const before = model.parameters().map((p) => bits(p.own));
    try {
      loadAdapter(model, { config: text, weights: bytes }, { warn: () => {} }).dispose();
      expect(length).toBe(weights.length);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
    expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
  });
});
