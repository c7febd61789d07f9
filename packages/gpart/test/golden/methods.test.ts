/**
 * @file Every method against its published formula, computed by NumPy and PyTorch: ΔW and
 * gradients, in float64.
 */
import { grad } from "@isograd/autograd";
import { Linear, Module } from "@isograd/nn";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as library from "../../src/index.js";
import { methodCases } from "./golden.js";

installMatchers();

class Two extends Module {
  a = new Linear(4, 6, { rng: rng(0), dtype: "float64", bias: false });
  b = new Linear(6, 2, { rng: rng(1), dtype: "float64", bias: false });
}

type Make = (model: Module, options: object) => library.Adapter;

const close = { rtol: 1e-12, atol: 1e-13 };
const float64 = (data: readonly number[], shape: readonly number[] = [data.length]) =>
  tensor([...data], { shape, dtype: "float64" });

describe.each(methodCases)("$method $options", ({ method, options, ...golden }) => {
  const make = (library as unknown as Record<string, Make>)[method] as Make;
  const adapter = make(new Two(), options);
  for (const [name, { shape, data }] of Object.entries(golden.trained)) {
    adapter.trained[name]!.value = float64(data, shape);
  }
  for (const [name, { shape, data }] of Object.entries(golden.frozen)) {
    const { dtype } = adapter.frozen[name]!;
    adapter.frozen[name]!.value = tensor([...data], { shape, dtype });
  }

  it("has all trained and random numbers of the formula, and no other", () => {
    expect(Object.keys(adapter.trained).sort()).toEqual(Object.keys(golden.trained).sort());
    expect(Object.keys(adapter.frozen).sort()).toEqual(Object.keys(golden.frozen).sort());
  });

  it("makes the same ΔW", () => {
    expect(adapter.delta()).toBeCloseToTensor(float64(golden.delta), close);
  });

  it("has the same gradients", () => {
    const cotangent = float64(golden.cotangent);
    const grads = grad((a: typeof adapter): Tensor => a.delta().mul(cotangent).sum())(adapter);
    for (const [name, { shape, data }] of Object.entries(golden.grads)) {
      expect(grads[`trained.${name}`]!).toBeCloseToTensor(float64(data, shape), close);
    }
  });
});

it("all methods that make ΔW from other numbers are covered", () => {
  const own = ["gpart", "lora", "uniLora", "vera", "vbLora", "tiedLora", "fourierFt"];
  const all = [...own, "denseProjection", "fastfood"];
  expect([...new Set(methodCases.map((c) => c.method))].sort()).toEqual(all.sort());
});
