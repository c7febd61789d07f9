/** @file Parameters of any name: those of Object.prototype are names like any other. */
import { full, rng, type Tensor, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { adam, ema, functionalCall, Module, Parameter } from "../src/index.js";

const names = ["__proto__", "constructor", "toString", "w"];

class Named extends Module {
  readonly held = new Map(names.map((name, i) => [name, new Parameter(full([2], i))]));
}

it("a dtype has no such name", () => {
  for (const dtype of ["toString", "__proto__"]) {
    expect(() => zeros([1], { dtype: dtype as never })).toThrow(`unknown dtype "${dtype}"`);
  }
});

describe("names of Object.prototype", () => {
  const keys = names.map((name) => `held.${name}`);

  it("are in state dicts, and loaded", () => {
    const model = new Named();
    expect(Object.keys(model.stateDict())).toEqual(keys);
    const other = new Named();
    for (const p of other.parameters()) p.value = rng(0).normal([2]);
    other.loadStateDict(model.stateDict());
    expect(other.held.get("toString")?.own.toArray()).toEqual([2, 2]);
  });

  it("that a state dict lacks are missing, not found in its prototype", () => {
    class Flat extends Module {
      readonly parts = { toString: new Parameter(zeros([2])) };
      readonly w = new Parameter(zeros([2]));
    }
    const model = Object.assign(new Flat(), { valueOf: new Parameter(zeros([2])) });
    const { "parts.toString": _, valueOf: __, ...rest } = model.stateDict();
    expect(() => model.loadStateDict(rest)).toThrow("missing: parts.toString, valueOf");
    const report = model.loadStateDict(rest, { strict: false });
    expect([...report.missing].sort()).toEqual(["parts.toString", "valueOf"]);
  });

  it("have averages, which a state has itself or lacks", () => {
    const model = Object.assign(new Named(), { valueOf: new Parameter(zeros([2])) });
    const averages = ema(model, 0.5);
    averages.update();
    const state = averages.state();
    averages.loadState(state);
    const { valueOf: _, ...less } = state.tensors;
    expect(() => averages.loadState({ ...state, tensors: less })).toThrow(
      "lacks the tensor valueOf",
    );
  });

  it("have states of optimisers, which a state has itself or lacks", () => {
    const model = new Named();
    const optimizer = adam(model, { lr: 0.1 });
    optimizer.step(new Map([...model.namedParameters()].map(([name, p]) => [name, p.own])));
    const state = optimizer.state();
    expect(Object.keys(state.counts)).toEqual(keys);
    const other = adam(new Named(), { lr: 0.1 });
    other.loadState(state);
    expect(other.state().counts).toEqual(state.counts);
    const tensors = Object.create(state.tensors);
    expect(() => other.loadState({ ...state, tensors })).toThrow(
      "the state lacks the tensor m.held.__proto__",
    );
  });

  it("are lent", () => {
    const model = new Named();
    const lent: Record<string, Tensor> = { "held.__proto__": full([2], 7) };
    const sum = functionalCall(model, lent, (m) => m.held.get("__proto__")?.value.sum().item());
    expect(sum).toBe(14);
  });
});
