/**
 * @file Weights stored as [in, out], as in GPT-2: ΔW of the methods with factors is what PEFT adds to
 * a Conv1D (`make_conv1d.py`).
 */
import { Gpt2 } from "@isograd/nn";
import { rng, tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  fourierFt,
  loadAdapter,
  lora,
  saveAdapter,
  tiedLora,
  vbLora,
  vera,
} from "../../src/index.js";
import { conv1dCases } from "./golden.js";

installMatchers();

const small = { vocabSize: 10, nEmbd: 4, nLayer: 1, nHead: 2, nPositions: 8 };
const gpt2 = () => new Gpt2(small, { rng: rng(0), dtype: "float64" });
const targetModules = ["c_attn", "attn.c_proj"];
const methods = { lora, vera, vbLora, fourierFt };
const close = { rtol: 1e-6, atol: 1e-7 };

describe.each(conv1dCases)("$method on GPT-2", ({ method, options, ...golden }) => {
  const inOurs = (name: string) => name.replace(/^c_/, "h.0.attn.c_");
  const adapter = methods[method](gpt2(), { ...options, targetModules });
  for (const [name, { shape, data }] of Object.entries(golden.trained)) {
    adapter.trained[inOurs(name)]!.value = tensor([...data], { shape, dtype: "float64" });
  }
  for (const [name, { shape, data }] of Object.entries(golden.frozen)) {
    const { dtype } = adapter.frozen[inOurs(name)]!;
    adapter.frozen[inOurs(name)]!.value = tensor([...data], { shape, dtype });
  }

  it("adds what PEFT adds", () => {
    const all = golden.delta.flatMap(({ data }) => data);
    expect(adapter.delta()).toBeCloseToTensor(tensor(all, { dtype: "float64" }), close);
    const { model } = adapter;
    const before = adapter.targets.map(({ parameter }) => parameter.own.alias());
    adapter.merge();
    adapter.targets.forEach(({ name }, i) => {
      const { shape, data } = golden.delta[i]!;
      const change = model.namedParameters().get(name)!.own.sub(before[i]!);
      expect(change.shape).toEqual(shape);
      expect(change).toBeCloseToTensor(tensor([...data], { shape, dtype: "float64" }), close);
    });
    adapter.unmerge();
  });

  it("comes back from its files, which say how weights are stored", () => {
    const files = saveAdapter(adapter);
    expect(JSON.parse(files.config).fan_in_fan_out).toBe(true);
    if (method === "vera" || method === "fourierFt") return; // the random numbers here are PEFT's
    const { config } = files;
    expect(loadAdapter(gpt2(), files).delta()).toBeCloseToTensor(adapter.delta(), close);
    const old = { ...files, config: config.replace(/ *"fan_in_fan_out": true,\n/, "") };
    expect(() => loadAdapter(gpt2(), old)).toThrow("fan_in_fan_out is missing");
  });
});

it("tiedLora scales the outputs of a layer, which are the columns of such a weight", () => {
  const adapter = tiedLora(gpt2(), { rank: 2, targetModules });
  for (const p of adapter.parameters()) p.value = rng(3).normal(p.shape, { dtype: "float64" });
  const v = adapter.trained["h.0.attn.c_attn.tied_lora_v"]!;
  v.value = tensor(
    Array.from({ length: 12 }, (_, j) => (j === 5 ? 1 : 0)),
    { dtype: "float64" },
  );
  const weight = adapter.targets[0]!.parameter.own;
  const change = adapter.weights()["h.0.attn.c_attn.weight"]!.sub(weight).toArray() as number[][];
  expect(change.map((row) => row.map((x) => x !== 0).indexOf(true))).toEqual([5, 5, 5, 5]);
  expect(change.every((row) => row.filter((x) => x !== 0).length === 1)).toBe(true);
});
