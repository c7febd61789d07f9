/** @file Modules: names, modes, freezing, state dicts, casts, scopes and transforms. */
import { grad, isTracked, valueAndGrad } from "@isograd/autograd";
import {
  ones,
  Rng,
  rng,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  adam,
  Buffer,
  Dropout,
  LayerNorm,
  Linear,
  loadStateDict,
  MLP,
  Module,
  Parameter,
  stateDict,
} from "../src/index.js";
import { alive, bits } from "./helpers.js";

installMatchers();

class Block extends Module {
  readonly random = rng(3);
  readonly first = new Linear(2, 3, { rng: this.random });
  readonly norms = [new LayerNorm(3), new LayerNorm(3)];
  readonly named = {
    drop: new Dropout(0.5, { rng: this.random }),
    scale: new Parameter(ones([3])),
  };
  readonly mean = new Buffer(zeros([3]));
  readonly grid = new Buffer(ones([2]), { persistent: false });
  readonly note = "not a part";
  readonly tied = this.first;
  parent: Module | null = null;

  forward(x: Tensor): Tensor {
    const h = this.norms.reduce((y, norm) => norm.forward(y), this.first.forward(x));
    return this.named.drop.forward(h).mul(this.named.scale.value).sub(this.mean.value);
  }
}

const NAMES = [
  "first.weight",
  "first.bias",
  "norms.0.weight",
  "norms.0.bias",
  "norms.1.weight",
  "norms.1.bias",
  "named.scale",
];

describe("names", () => {
  it("are the property paths, shared parameters under the first", () => {
    const block = new Block();
    expect([...block.namedParameters().keys()]).toEqual(NAMES);
    expect([...block.namedBuffers().keys()]).toEqual(["mean", "grid"]);
    expect([...block.namedGenerators().keys()]).toEqual(["random", "named.drop.rng"]);
    expect(block.namedModules().get("norms.1")).toBe(block.norms[1]);
    expect(block.parameterCount).toBe(6 + 3 + 4 * 3 + 3);
  });

  it("survive a reference back to the parent", () => {
    const block = new Block();
    block.parent = block;
    const other = new Block();
    other.parent = block;
    block.parent = other;
    expect([...block.namedParameters().keys()].slice(0, 7)).toEqual(NAMES);
  });

  it("apply reaches every module once by name", () => {
    const seen: string[] = [];
    new MLP([1, 2, 1], { rng: rng(0) }).apply((_, name) => seen.push(name));
    expect(seen).toEqual(["", "layers.0", "layers.1"]);
  });
});

describe("modes", () => {
  it("train and eval reach all modules", () => {
    const block = new Block();
    block.eval();
    expect([...block.namedModules().values()].some((m) => m.training)).toBe(false);
    block.train();
    expect([...block.namedModules().values()].every((m) => m.training)).toBe(true);
  });

  it("frozen parameters are constants for transforms and optimisers", () => {
    const block = new Block().eval().freeze((name) => name.startsWith("first"));
    const loss = (m: Block) =>
      m
        .forward(ones([1, 2]))
        .square()
        .sum();
    const grads = grad(loss)(block);
    expect(Object.keys(grads)).toEqual(NAMES.slice(2));
    const before = bits(block.stateDict());
    adam(block, { lr: 0.1 }).step(grads);
    const after = bits(block.stateDict());
    expect(after["first.weight"]).toEqual(before["first.weight"]);
    expect(after["named.scale"]).not.toEqual(before["named.scale"]);
    expect(isTracked(block.first.weight.value)).toBe(false);
    block.unfreeze();
    expect(isTracked(block.first.weight.value)).toBe(true);
    expect(Object.keys(grad(loss)(block))).toEqual(NAMES);
  });
});

describe("state dicts", () => {
  it("hold parameters under every name, and persistent buffers", () => {
    const names = Object.keys(new Block().stateDict());
    expect(names).toEqual([...NAMES, "mean", "tied.weight", "tied.bias"]);
  });

  it("go through safetensors bit for bit", () => {
    const model = new MLP([3, 5, 2], { rng: rng(1) });
    const file = saveSafetensors(stateDict(model));
    const other = new MLP([3, 5, 2], { rng: rng(2) });
    expect(loadStateDict(other, loadSafetensors(file).tensors)).toEqual({
      missing: [],
      unexpected: [],
    });
    expect(bits(other.stateDict())).toEqual(bits(model.stateDict()));
  });

  it("are snapshots: training does not change them", () => {
    const model = new Linear(1, 1, { rng: rng(0) });
    const dict = model.stateDict();
    const before = bits(dict);
    adam(model, { lr: 0.1 }).step(grad((m: Linear) => m.forward(ones([1, 1])).sum())(model));
    expect(bits(dict)).toEqual(before);
    expect(bits(model.stateDict())).not.toEqual(before);
    model.loadStateDict(dict);
    expect(bits(model.stateDict())).toEqual(before);
  });

  it("list everything that does not fit, and load nothing then", () => {
    const model = new MLP([2, 3, 1], { rng: rng(0) });
    const before = bits(model.stateDict());
    const dict = model.stateDict();
    delete dict["layers.0.bias"];
    Object.assign(dict, { "layers.1.weight": zeros([1, 4]), extra: ones([1]) });
    expect(() => model.loadStateDict(dict)).toThrow(UsageError);
    expect(() => model.loadStateDict(dict)).toThrow(
      "loadStateDict: the state dict does not fit the module\n" +
        "  missing: layers.0.bias\n" +
        "  unexpected: extra\n" +
        "  of another shape: layers.1.weight is [1, 3], given [1, 4]\n" +
        "  help: is it of a model of other sizes?",
    );
    expect(bits(model.stateDict())).toEqual(before);
  });

  it("load what fits when not strict, in the parameter's dtype", () => {
    const model = new Linear(2, 1, { rng: rng(0) });
    const report = model.loadStateDict(
      { bias: tensor([7], { dtype: "float64" }), more: ones([1]) },
      { strict: false },
    );
    expect(report).toEqual({ missing: ["weight"], unexpected: ["more"] });
    expect(model.bias?.value).toEqualTensor([7]);
    expect(model.bias?.dtype).toBe("float32");
    expect(() => model.loadStateDict({ bias: ones([2]) }, { strict: false })).toThrow(
      "of another shape",
    );
  });
});

describe("parameters", () => {
  it("keep shape and dtype when assigned, and do not take the tensor given", () => {
    const p = new Parameter(zeros([2]));
    const t = tensor([1, 2]);
    const handle = p.value;
    p.value = t;
    expect(p.value).toBe(handle);
    expect(p.value).toEqualTensor([1, 2]);
    t.dispose();
    expect(p.value).toEqualTensor([1, 2]);
    expect(() => {
      p.value = ones([3]);
    }).toThrow(ShapeError);
  });

  it("collect gradients until zeroGrad, for a graph made before it too", () => {
    const p = new Parameter(tensor([3]));
    const loss = p.value.square().sum();
    expect(p.grad).toBeNull();
    p.zeroGrad();
    loss.backward();
    expect(p.grad).toEqualTensor([6]);
    p.value.mul(2).sum().backward();
    expect(p.grad).toEqualTensor([8]);
    p.zeroGrad();
    expect(p.grad).toBeNull();
  });

  it("stay alive through scopes that assign, train or load", () => {
    const model = new Linear(2, 1, { rng: rng(0) });
    const optimizer = adam(model, { lr: 0.1 });
    const step = valueAndGrad((m: Linear) => m.forward(ones([1, 2])).sum());
    for (let i = 0; i < 3; i++) {
      scope(() => {
        optimizer.step(step(model)[1]);
        model.loadStateDict({ ...model.stateDict(), bias: tensor([i]) });
      });
    }
    expect(model.bias?.value).toEqualTensor([2]);
    expect(model.weight.value.disposed).toBe(false);
  });

  it("leave a scope inside their module, and are freed with it", () => {
    const before = alive();
    const model = scope(() => new MLP([2, 4, 1], { rng: rng(0) }));
    scope(() => void new MLP([2, 4, 1], { rng: rng(0) }));
    expect(alive().tensors).toBe(before.tensors + 4);
    expect(scope(() => model.forward(ones([1, 2])).size)).toBe(1);
    model.dispose();
    expect(alive()).toEqual(before);
  });
});

describe("cast and to", () => {
  it("change floats in place and keep them trainable", async () => {
    const block = new Block().cast("float64").eval();
    expect(block.first.weight.dtype).toBe("float64");
    expect(block.mean.dtype).toBe("float64");
    const grads = grad((m: Block) => m.forward(ones([1, 2], { dtype: "float64" })).sum())(block);
    expect(grads["first.weight"]?.dtype).toBe("float64");
    await block.to("reference");
    expect(block.first.weight.device).toBe("reference");
    expect(isTracked(block.first.weight.value)).toBe(true);
  });
});

it("generators are restored in place", () => {
  const random = rng(1);
  const state = random.state();
  const first = random.next();
  random.restore(state);
  expect(random.next()).toBe(first);
  expect(Rng.fromState(state).next()).toBe(first);
});
