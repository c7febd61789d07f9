/** @file Adapters as modules: what they train, how they run, merge and unmerge. */
import { grad, valueAndGrad } from "@isograd/autograd";
import { adam, functionalCall, Linear, losses, Module, Parameter } from "@isograd/nn";
import { memory, rng, scope, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it, vi } from "vitest";
import {
  type Adapter,
  bitFit,
  distortion,
  fullFineTune,
  gpart,
  headOnly,
  lora,
  partition,
  projectTranspose,
  uniLora,
} from "../../src/index.js";
import { bits, makers, Small, scramble } from "./models.js";

installMatchers();

const inputs = () => rng(11).normal([5, 6]);
const outputs = () => rng(12).normal([5, 3]);

describe.each(makers)("%s", (name, make) => {
  it("starts as the base, bit for bit", () => {
    const model = new Small(1);
    const first = model.blocks[0]!.query.weight;
    first.value = first.own.mul(tensor([1, 0, -0, 1, -1, 2]));
    const adapter = make(model);
    const [x, before] = [inputs(), bits(model.forward(inputs()))];
    if (name === "uniLora" || name === "vbLora")
      return expect(bits(adapter.forward(x))).not.toEqual(before);
    expect(bits(adapter.forward(x))).toEqual(before);
    for (const [key, w] of Object.entries(adapter.weights())) {
      expect(bits(w)).toEqual(bits(model.namedParameters().get(key)!.own));
    }
  });

  it("trains without touching the model, with flat memory", () => {
    const model = new Small(1);
    const adapter = make(model, { modulesToSave: ["head"] });
    const before = [...model.namedParameters().values()].map((p) => bits(p.own));
    const [x, y] = [inputs(), outputs()];
    const opt = adam(adapter, { lr: 0.02 });
    const step = valueAndGrad((a: Adapter<Small>) => losses.mse(a.forward(x), y));
    const history: number[] = [];
    const used: number[] = [];
    for (let i = 0; i < 40; i++) {
      const [loss, grads] = step(adapter);
      history.push(loss.item());
      loss.dispose();
      opt.step(grads);
      used.push(memory().tensors);
    }
    expect(history[39]).toBeLessThan(0.7 * history[0]!);
    expect(new Set(used.slice(2)).size).toBe(1);
    expect([...model.namedParameters().values()].map((p) => bits(p.own))).toEqual(before);
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it("merges to the same bits, and unmerges to the base's", () => {
    const model = new Small(1);
    const adapter = make(model, { modulesToSave: ["head"] });
    scramble(adapter);
    const x = inputs();
    const before = [...model.namedParameters().values()].map((p) => bits(p.own));
    const plain = bits(model.forward(x));
    const adapted = bits(adapter.forward(x));
    expect(adapted).not.toEqual(plain);
    expect(adapter.merge().merged).toBe(true);
    expect(bits(model.forward(x))).toEqual(adapted);
    expect(bits(adapter.forward(x))).toEqual(adapted);
    expect(bits(adapter.disabled(() => adapter.forward(x)))).toEqual(plain);
    expect(adapter.unmerge().merged).toBe(false);
    expect([...model.namedParameters().values()].map((p) => bits(p.own))).toEqual(before);
    expect(bits(model.forward(x))).toEqual(plain);
  });

  it("unloads into the model, and is gone", () => {
    const model = new Small(1);
    const adapter = make(model);
    scramble(adapter);
    const x = inputs();
    const adapted = bits(adapter.forward(x));
    expect(adapter.mergeAndUnload()).toBe(model);
    expect(bits(model.forward(x))).toEqual(adapted);
    expect(() => adapter.forward(x)).toThrow("the adapter was disposed or unloaded");
  });

  it("refuses to merge what is not finite, and leaves the model alone", () => {
    const model = new Small(1);
    const adapter = make(model);
    const [p] = adapter.parameters();
    p!.value = p!.own.mul(Number.NaN);
    const before = bits(model.blocks[0]!.query.weight.own);
    expect(() => adapter.merge()).toThrow("would not be finite");
    expect(adapter.merged).toBe(false);
    expect(bits(model.blocks[0]!.query.weight.own)).toEqual(before);
  });
});

describe("an adapter", () => {
  it("counts and names what it trains", () => {
    const adapter = gpart(new Small(1), { d: 10, modulesToSave: ["head"] });
    expect([...adapter.namedParameters().keys()]).toEqual([
      "trained.theta",
      "saved.head.weight",
      "saved.head.bias",
    ]);
    expect(adapter.parameterCount).toBe(10 + 21);
    expect(adapter.targets.map((t) => t.name)).toEqual([
      "blocks.0.query.weight",
      "blocks.0.value.weight",
      "blocks.1.query.weight",
      "blocks.1.value.weight",
    ]);
  });

  it("says that a model without forward has none", () => {
    class Bare extends Module {
      readonly weight = new Parameter(zeros([2, 3]));
    }
    const adapter = gpart(new Bare(), { d: 2, targetModules: ["weight"] });
    expect(() => adapter.forward()).toThrow("forward: the model has no method forward");
    expect(adapter.run((model) => model.weight.value.shape)).toEqual([2, 3]);
  });

  it("takes undefined for what is left out", () => {
    const budgets = { d: { query: 4, value: 3 }, targetModules: undefined, dropout: undefined };
    const adapter = gpart(new Small(1), budgets);
    expect(adapter.options.targetModules).toEqual(["query", "value"]);
    expect(distortion(adapter, { at: undefined, steps: 2 }).rank).toBe(7);
  });

  it("prints the line that PEFT prints", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const line = gpart(new Small(1, 100), { d: 1234 }).printTrainableParameters();
    expect(line).toBe("trainable params: 1,234 || all params: 41,937 || trainable%: 2.9425");
    expect(log).toHaveBeenCalledWith(line);
    log.mockRestore();
  });

  it("has the gradient Pᵀ of the gradient by the weights", () => {
    const model = new Small(1);
    const adapter = gpart(model, { d: 7, seed: 3 });
    const x = inputs();
    const byTheta = grad((a: typeof adapter) => a.forward(x).square().sum())(adapter);
    const names = adapter.targets.map((t) => t.name);
    const weights = Object.fromEntries(adapter.targets.map((t) => [t.name, t.parameter.own]));
    const byWeights = grad((w: Record<string, Tensor>) =>
      functionalCall(model, w, (m) => m.forward(x).square().sum()),
    )(weights);
    const p = partition({ n: 4 * 36 + 18, d: 7, seed: 3 });
    const expected = projectTranspose(
      p,
      names.map((n) => byWeights[n]!),
    );
    expect(byTheta["trained.theta"]!).toBeCloseToTensor(expected, { rtol: 1e-4, atol: 1e-4 });
  });

  it("runs as a function of other numbers, and keeps its own", () => {
    const adapter = gpart(new Small(1), { d: 7, seed: 3 });
    const x = inputs();
    const other = gpart(adapter.model, { d: 7, seed: 3 });
    scramble(other);
    const run = (m: Small) => m.forward(x);
    expect(bits(adapter.runWith(other.trainable(), run))).toEqual(bits(other.run(run)));
    expect(bits(adapter.run(run))).toEqual(bits(adapter.model.forward(x)));
    expect(() => adapter.runWith({ theta: inputs() }, run)).toThrow(UsageError);
  });

  it("can be switched off, for good or in a function", () => {
    const adapter = gpart(new Small(1), { d: 7 });
    scramble(adapter);
    const x = inputs();
    const plain = bits(adapter.model.forward(x));
    expect(bits(adapter.disabled(() => adapter.forward(x)))).toEqual(plain);
    expect(bits(adapter.forward(x))).not.toEqual(plain);
    adapter.enabled = false;
    expect(bits(adapter.forward(x))).toEqual(plain);
  });

  it("drops entries of ΔW in training only, and keeps their mean", () => {
    const model = new Small(1, 64);
    const adapter = gpart(model, { d: 7, dropout: 0.25, targetModules: ["blocks.0.query"] });
    const whole = adapter.delta;
    scramble(adapter);
    const kept = (): number[] => {
      const w = adapter.weights()["blocks.0.query.weight"]!.sub(model.blocks[0]!.query.weight.own);
      const ratio = w.reshape([w.size]).div(whole.call(adapter)).toArray() as number[];
      return ratio.map((r) => Math.round(r * 100) / 100);
    };
    const training = kept();
    expect(new Set(training)).toEqual(new Set([0, 1.33]));
    const share = training.filter((r) => r === 0).length / training.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.04);
    expect(kept()).not.toEqual(training);
    adapter.eval();
    expect(new Set(kept())).toEqual(new Set([1]));
    expect(model.training).toBe(false);
  });

  it("stacks: an adapter on a model that runs with another", () => {
    const model = new Small(1);
    const options = { d: 9, seed: 4 };
    const [a, b, both] = [gpart(model, options), gpart(model, options), gpart(model, options)];
    scramble(a, 1);
    scramble(b, 2);
    both.trained.theta!.value = a.trained.theta!.own.add(b.trained.theta!.own);
    const x = inputs();
    const stacked = a.run(() => b.forward(x));
    expect(stacked).toBeCloseToTensor(both.forward(x), { rtol: 1e-4, atol: 1e-4 });
  });

  it("gives its memory back", () => {
    const model = new Small(1);
    const before = memory();
    for (const [, make] of makers) {
      scope(() => {
        const adapter = make(model, { modulesToSave: ["head"] });
        scramble(adapter);
        adapter.forward(inputs());
        adapter.merge().dispose();
        return null;
      });
      for (const p of model.parameters()) p.value = p.own;
    }
    expect(memory().tensors).toBe(before.tensors);
  });
});

describe("errors", () => {
  const model = new Small(1);
  it.each<[string, () => unknown, string]>([
    ["an unknown target", () => gpart(model, { d: 1, targetModules: ["query", "key"] }), '"key"'],
    ["a RegExp without match", () => gpart(model, { d: 1, targetModules: /key/ }), "/key/"],
    ["an unknown module", () => gpart(model, { d: 1, modulesToSave: ["top"] }), '"top"'],
    ["d > N", () => gpart(model, { d: 1000 }), "d = 1000 groups"],
    ["no d", () => gpart(model, {} as { d: number }), "d is a whole number of at least 1"],
    ["dropout of 1", () => gpart(model, { d: 1, dropout: 1 }), "dropout is a share"],
    ["rank 0", () => lora(model, { rank: 0 }), "rank is a whole number"],
    ["LoRA of a vector", () => lora(model, { targetModules: ["gain"] }), "it is no matrix"],
    ["Uni-LoRA of a vector", () => uniLora(model, { d: 1, targetModules: /gain/ }), "no matrix"],
    ["Uni-LoRA's d", () => uniLora(model, { d: 1000, rank: 1 }), "d = 1000 groups"],
    ["dropout of all", () => fullFineTune(model, { dropout: 0 } as object), "no ΔW to drop"],
    ["no head", () => headOnly(model, { modulesToSave: [] }), "no module is named"],
    ["a head of nothing", () => headOnly(model, { modulesToSave: ["top"] }), '"top"'],
    ["no biases", () => bitFit(new Linear(2, 2, { rng: rng(0), bias: false })), "bias"],
    ["merging twice", () => gpart(model, { d: 1 }).merge().merge(), "merged already"],
    ["unmerging first", () => gpart(model, { d: 1 }).unmerge(), "not merged"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });
});
