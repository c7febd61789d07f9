/**
 * @file Optimisers against PyTorch step by step, in all their variants; groups, state, memory
 * and errors.
 */

import { grad, valueAndGrad } from "@isograd/autograd";
import { ones, rng, scope, sin, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { storageOf } from "@isograd/tensor/engine";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  adam,
  adamRule,
  adamw,
  Linear,
  MLP,
  Module,
  Optimizer,
  Parameter,
  pure,
  sgd,
  sgdRule,
  type Trainable,
} from "../../src/index.js";
import { alive, bits, f64, golden } from "../helpers.js";

installMatchers();

interface Weights {
  w: Tensor;
  b: Tensor;
}

/** The loss of golden/make_golden.py. */
function loss({ w, b }: Weights): Tensor {
  const quartic = b.sub(1).square().square().sum().mul(0.1);
  const quadratic = w
    .square()
    .mul(0.5)
    .add(sin(w.mul(3)))
    .sum();
  return quadratic.add(quartic).add(w.sum({ axis: 1 }).mul(b).sum());
}

const start = (): Weights => ({
  w: f64([
    [0.5, -1, 2],
    [0.1, 0, -0.3],
  ]),
  b: f64([1, -2]),
});

const makers: Record<string, (params: Trainable) => Optimizer> = {
  sgd: (p) => sgd(p, { lr: 0.1 }),
  sgdMomentum: (p) => sgd(p, { lr: 0.05, momentum: 0.9, weightDecay: 0.01 }),
  sgdNesterov: (p) => sgd(p, { lr: 0.05, momentum: 0.9, nesterov: true }),
  adam: (p) => adam(p, { lr: 0.1 }),
  adamDecay: (p) => adam(p, { lr: 0.1, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1 }),
  adamw: (p) => adamw(p, { lr: 0.1, weightDecay: 0.1 }),
  adamwGroups: (p) =>
    adamw(
      { ...p },
      {
        lr: 0.1,
        weightDecay: 0.1,
        groups: [{ match: (name) => name === "b", lr: 0.02, weightDecay: 0 }],
      },
    ),
};

class Pair extends Module {
  readonly w: Parameter;
  readonly b: Parameter;

  constructor({ w, b }: Weights) {
    super();
    this.w = new Parameter(w);
    this.b = new Parameter(b);
  }
}

const close = { rtol: 1e-12, atol: 1e-13 };

describe.each(Object.keys(golden.optimisers))("%s is PyTorch's", (name) => {
  const steps = golden.optimisers[name] ?? [];
  const make = makers[name] as (params: Trainable) => Optimizer;

  it("for tensors and gradients", () => {
    const params = start();
    const optimizer = make(params);
    for (const { w, b } of steps) {
      optimizer.step(grad(loss)(params));
      expect(params.w).toBeCloseToTensor(w, close);
      expect(params.b).toBeCloseToTensor(b, close);
    }
    expect(optimizer.steps).toBe(steps.length);
  });

  it("for parameters and loss.backward()", () => {
    const model = new Pair(start());
    const optimizer = make(model);
    for (const { w, b } of steps) {
      optimizer.zeroGrad();
      loss({ w: model.w.value, b: model.b.value }).backward();
      optimizer.step();
      expect(model.w.value).toBeCloseToTensor(w, close);
      expect(model.b.value).toBeCloseToTensor(b, close);
    }
  });

  it("after its state was saved and loaded", () => {
    const params = start();
    const first = make(params);
    for (let i = 0; i < 3; i++) first.step(grad(loss)(params));
    const second = make(params);
    second.loadState(first.state());
    first.dispose();
    for (let i = 3; i < 6; i++) second.step(grad(loss)(params));
    expect(params.w).toBeCloseToTensor(steps.at(-1)?.w ?? [], close);
    expect(second.steps).toBe(6);
  });
});

describe("pure optimisers", () => {
  it.each(["adam", "sgdNesterov"])(
    "%s makes the same steps and leaves its arguments alone",
    (name) => {
      const rule = name === "adam" ? adamRule() : sgdRule({ momentum: 0.9, nesterov: true });
      const { init, update } = pure(rule, { lr: name === "adam" ? 0.1 : 0.05 });
      let params = start();
      const first = params;
      let state = init(params);
      for (const { w } of golden.optimisers[name] ?? []) {
        [params, state] = update(params, grad(loss)(params), state);
        expect(params.w).toBeCloseToTensor(w, close);
      }
      expect(first.b).toEqualTensor([1, -2]);
    },
  );
});

describe("groups and predicates", () => {
  it("decay only what the predicate says", () => {
    const model = new Linear(2, 2, { rng: rng(0) });
    const before = bits(model.stateDict());
    const optimizer = adamw(model, { lr: 0.1, weightDecay: 0.5, decay: (_, w) => w.rank > 1 });
    optimizer.step(
      grad((m: Linear) =>
        m
          .forward(ones([1, 2]))
          .sum()
          .mul(0),
      )(model),
    );
    expect(bits(model.stateDict()).bias).toEqual(before.bias);
    const shrunk = before.weight?.map((w) => Math.fround(w * (1 - 0.1 * 0.5)));
    expect(model.weight.value.flatten()).toBeCloseToTensor(shrunk ?? []);
  });

  it("scale together with lr", () => {
    const params = { a: tensor([0]), b: tensor([0]) };
    const groups = [{ match: (name: string) => name === "b", lr: 0.01 }];
    const optimizer = sgd(params, { lr: 0.1, groups });
    optimizer.lr = 0.2;
    optimizer.step({ a: tensor([1]), b: tensor([1]) });
    expect(params.a).toBeCloseToTensor([-0.2]);
    expect(params.b).toBeCloseToTensor([-0.02]);
  });
});

describe("memory", () => {
  it("stays flat, in place, over steps in both faces", () => {
    const model = new MLP([4, 16, 2], { rng: rng(0) });
    const optimizer = adam(model, { lr: 0.01 });
    const x = ones([8, 4]);
    const slope = valueAndGrad((m: MLP) => m.forward(x).square().mean());
    const storages = () => model.parameters().map((p) => storageOf(p.own));
    const one = () => scope(() => optimizer.step(slope(model)[1]));
    const two = () =>
      scope(() => {
        optimizer.zeroGrad();
        model.forward(x).square().mean().backward();
        optimizer.step();
        optimizer.zeroGrad();
      });
    one();
    two();
    const [before, places] = [alive(), storages()];
    for (let i = 0; i < 50; i++) (i % 2 === 0 ? one : two)();
    expect(alive()).toEqual(before);
    expect(storages().every((s, i) => s === places[i])).toBe(true);
    optimizer.dispose();
    expect(alive().tensors).toBe(before.tensors - 8);
  });

  it("gradients given are used up; graphs made before a step keep the old values", () => {
    const w = new Parameter(tensor([3]));
    const optimizer = sgd(w, { lr: 1 });
    const square = w.value.square().sum();
    const g = tensor([1]);
    optimizer.step(g);
    expect(g.disposed).toBe(true);
    expect(w.value).toEqualTensor([2]);
    square.backward();
    expect(w.grad).toEqualTensor([6]);
  });
});

describe("a step or a load that fails", () => {
  it("leaves the state as it was, and no memory behind", () => {
    const w = new Parameter(tensor([1, 2]));
    let failing = false;
    const rule = adamRule();
    const update: typeof rule.update = (...args) => {
      if (failing) throw new Error("no room");
      return rule.update(...args);
    };
    const optimizer = new Optimizer({ ...rule, update }, { w }, { lr: 0.1 });
    optimizer.step({ w: tensor([1, 1]) });
    const [state, before] = [optimizer.state(), alive()];
    const saved = bits(state.tensors);
    failing = true;
    const slope = tensor([1, 1]);
    expect(() => optimizer.step({ w: slope })).toThrow("no room");
    slope.dispose();
    const { "v.w": _, ...tensors } = state.tensors;
    expect(() => optimizer.loadState({ ...state, tensors })).toThrow(/lacks the tensor v.w/);
    expect(alive()).toEqual(before);
    scope(() => {
      const now = optimizer.state();
      expect([now.steps, now.counts["w"], bits(now.tensors)]).toEqual([1, 1, saved]);
    });
  });
});

describe("errors", () => {
  it("name what is wrong", () => {
    const model = new Linear(2, 1, { rng: rng(0) });
    const optimizer = adam(model, { lr: 0.1 });
    expect(() => optimizer.step()).toThrow(
      "adam: no parameter has a gradient\n  help: call loss.backward()",
    );
    expect(() => optimizer.step({ weight: ones([1, 2]), extra: ones([1]) })).toThrow(
      "gradients of parameters that are not trained here: extra",
    );
    expect(() => optimizer.step({ weight: ones([2, 1]) })).toThrow(
      "weight is [1, 2], its gradient [2, 1]",
    );
    expect(() => adam(model, { lr: 0 })).toThrow(UsageError);
    expect(() => adam([], { lr: 1 })).toThrow("there is nothing to train");
    expect(() => sgd(model, { lr: 1, nesterov: true })).toThrow("nesterov needs momentum");
    expect(() => sgd(model, { lr: 1, momentum: 1 })).toThrow(UsageError);
    expect(() => adam(model, { lr: 1, betas: [0.9, 1] })).toThrow(UsageError);
    expect(() => sgd(model, { lr: 1 }).loadState(optimizer.state())).toThrow(
      "this is the state of adam",
    );
    optimizer.step({ weight: ones([1, 2]) });
    expect(() => adam(ones([1]), { lr: 1 }).loadState(optimizer.state())).toThrow(
      "not trained here: weight",
    );
  });
});
