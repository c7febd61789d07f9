/** @file Layers against PyTorch, against their formulas, and their gradients in float64. */
import { grad, gradcheck } from "@isograd/autograd";
import {
  ones,
  relu,
  rng,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  UsageError,
} from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  Activation,
  Dropout,
  Embedding,
  functionalCall,
  LayerNorm,
  Linear,
  MLP,
  type Module,
  Sequential,
} from "../../src/index.js";
import { alive, double, f64, flat, golden, int } from "../helpers.js";

installMatchers();
const random = (seed = 0) => rng(seed, double);
const close = { rtol: 1e-12, atol: 1e-12 };

/** A golden state dict with names changed by `rename`. */
function stateOf(name: string, rename = (key: string) => key): Record<string, Tensor> {
  const state = golden.layers.states[name] ?? {};
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [rename(key), flat(value)]),
  );
}

function out(name: string): { shape: number[]; data: number[] } {
  return golden.layers.outs[name] as { shape: number[]; data: number[] };
}

/** Gradients of every parameter and of the input against finite differences. */
function checkGradients(model: Module & { forward(x: Tensor): Tensor }, x: Tensor): void {
  const names = [...model.namedParameters().keys()];
  const values = names.map((name) => (model.stateDict()[name] as Tensor).mul(1));
  const f = (input: Tensor, ...weights: Tensor[]) =>
    functionalCall(model, Object.fromEntries(names.map((n, i) => [n, weights[i] as Tensor])), (m) =>
      m.forward(input),
    );
  expect(gradcheck(f, [x, ...values])).toBeLessThan(1e-6);
}

describe("Linear", () => {
  it("is PyTorch's", () => {
    const layer = new Linear(5, 4, { rng: random(), ...double });
    layer.loadStateDict(stateOf("linear"));
    expect(layer.forward(flat(golden.layers.x))).toBeCloseToTensor(out("linear"), close);
  });

  it("takes vectors, and any number of leading axes", () => {
    const layer = new Linear(3, 2, { rng: random(), ...double });
    const vector = f64([1, 2, 3]);
    const y = layer.forward(vector);
    expect(y.shape).toEqual([2]);
    expect(layer.forward(vector.reshape([1, 1, 1, 3])).reshape([2])).toBeCloseToTensor(y);
    expect(layer.forward(ones([0, 3], double)).shape).toEqual([0, 2]);
  });

  it("has the gradients of its formula", () => {
    checkGradients(new Linear(3, 2, { rng: random(), ...double }), random(1).normal([4, 3]));
  });

  it("draws within ±1/√in, the same for a seed", () => {
    const make = () => new Linear(16, 50, { rng: rng(4) });
    const weight = make().weight.value;
    expect(weight.abs().max().item()).toBeLessThanOrEqual(0.25);
    expect(weight.abs().max().item()).toBeGreaterThan(0.24);
    expect(make().weight.value).toEqualTensor(weight);
  });

  it("names what is wrong", () => {
    expect(() => new Linear(3, 2, { rng: rng(0) }).forward(ones([3, 4]))).toThrow(
      "Linear: the input is [3, 4], its last axis must be 3\n" +
        "  help: this layer maps […, 3] to […, 2]",
    );
    expect(() => new Linear(1, 1, undefined as never)).toThrow("no random generator was given");
  });
});

describe("LayerNorm", () => {
  it("is PyTorch's", () => {
    const layer = new LayerNorm(5, { eps: 1e-3, ...double });
    layer.loadStateDict(stateOf("norm"));
    expect(layer.forward(flat(golden.layers.x))).toBeCloseToTensor(out("norm"), close);
  });

  it("has the gradients of its formula, with and without weight and bias", () => {
    const x = random(2).normal([3, 4]);
    checkGradients(new LayerNorm(4, double), x);
    checkGradients(new LayerNorm(4, { bias: false, ...double }), x);
    expect(new LayerNorm(4, { affine: false }).parameters()).toEqual([]);
    checkGradients(new LayerNorm(4, { affine: false }), x);
  });

  it("refuses another length", () => {
    expect(() => new LayerNorm(3).forward(ones([2, 4]))).toThrow(ShapeError);
  });
});

describe("Embedding", () => {
  it("is PyTorch's, and adds the gradients of repeated indices", () => {
    const table = new Embedding(6, 3, { rng: random(), ...double });
    table.loadStateDict(stateOf("table"));
    const ids = int(golden.layers.ids);
    expect(table.forward(ids)).toBeCloseToTensor(out("table"), close);
    const grads = grad((m: Embedding) => m.forward(ids).sum())(table);
    expect(grads.weight?.sum({ axis: 1 })).toBeCloseToTensor([3, 6, 0, 0, 0, 3]);
  });

  it("refuses negative indices, as PyTorch does", () => {
    const table = new Embedding(6, 3, { rng: random() });
    const says = "take: index -1 (number 0 of the indices) is outside of [0, 6)";
    expect(() => table.forward(tensor([-1], { dtype: "int32" }))).toThrow(says);
  });

  it("refuses indices outside of the table", () => {
    const table = new Embedding(6, 3, { rng: rng(0) });
    expect(() => table.forward(int([6]))).toThrow(ShapeError);
  });
});

describe("Dropout", () => {
  it("drops with probability p and keeps the mean, by its generator", () => {
    const x = ones([200, 200]);
    const drop = new Dropout(0.25, { rng: rng(0) });
    const y = drop.forward(x);
    const zero = 1 - y.notEqual(0).cast("float32").mean().item();
    expect(zero).toBeCloseTo(0.25, 2);
    expect(y.mean().item()).toBeCloseTo(1, 1);
    expect(y.max().item()).toBeCloseTo(1 / 0.75, 6);
    expect(new Dropout(0.25, { rng: rng(0) }).forward(x)).toEqualTensor(y);
    expect(drop.forward(x).sub(y).abs().max().item()).toBeGreaterThan(0);
  });

  it("lets everything pass in evaluation, and the same mask works back", () => {
    const x = tensor([1, 2, 3]);
    expect(new Dropout(0.9, { rng: rng(0) }).eval().forward(x)).toEqualTensor(x);
    expect(new Dropout(1, { rng: rng(0) }).forward(x)).toEqualTensor([0, 0, 0]);
    const slope = grad((y: Tensor) => new Dropout(0.5, { rng: rng(2) }).forward(y).sum())(
      ones([50]),
    );
    expect(slope).toEqualTensor(new Dropout(0.5, { rng: rng(2) }).forward(ones([50])));
    expect(() => new Dropout(1.5, { rng: rng(0) })).toThrow(UsageError);
  });
});

describe("Sequential, Activation and MLP", () => {
  it("are PyTorch's", () => {
    const options = {
      activation: "gelu",
      outputActivation: "sigmoid",
      rng: random(),
      ...double,
    } as const;
    const model = new MLP([5, 7, 2], options);
    const state = stateOf("mlp", (key) =>
      key.replace("0.", "layers.0.").replace("2.", "layers.1."),
    );
    model.loadStateDict(state);
    const x = flat(golden.layers.x);
    expect(model.forward(x)).toBeCloseToTensor(out("mlp"), { rtol: 1e-6, atol: 1e-7 });
    const [first, second] = model.layers as [Linear, Linear];
    const sequential = new Sequential(first, new Activation("gelu"), second, (y) => y.sigmoid());
    expect(sequential.forward(x)).toEqualTensor(model.forward(x));
    expect([...sequential.namedParameters().keys()][2]).toBe("layers.2.weight");
  });

  it("have the gradients of their formula", () => {
    const model = new MLP([2, 4, 4, 1], { activation: "tanh", rng: random(7), ...double });
    checkGradients(model, random(8).normal([3, 2]));
  });

  it("accept functions and refuse unknown names", () => {
    expect(new Activation(relu).forward(tensor([-1, 1]))).toEqualTensor([0, 1]);
    expect(() => new Activation("tanhh" as never)).toThrow('there is no activation "tanhh"');
    expect(() => new MLP([3], { rng: rng(0) })).toThrow(UsageError);
    expect(new Sequential().forward(tensor([1]))).toEqualTensor([1]);
  });

  it("free every temporary of a forward pass, recorded or not", () => {
    const x = ones([4, 2]);
    const model = new Sequential(
      new MLP([2, 8, 3], { rng: rng(0) }),
      new LayerNorm(3),
      new Dropout(0.5, { rng: rng(1) }),
    );
    const before = alive();
    for (const mode of [true, false]) {
      model.train(mode);
      model.forward(x).dispose();
      scope(() => model.forward(x).sum().item());
      expect(alive()).toEqual(before);
    }
  });
});
