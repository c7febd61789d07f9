/** @file Disposed tensors in modules, optimisers and averages: errors before any change. */
import { grad, valueAndGrad } from "@isograd/autograd";
import { memory, ones, rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  adam,
  Buffer,
  DataLoader,
  Dropout,
  ema,
  evaluate,
  fit,
  Linear,
  Module,
  Parameter,
  Sequential,
  sgd,
} from "../src/index.js";

const gone = (): Tensor => {
  const x = tensor([1, 2, 3, 4]);
  x.dispose();
  return x;
};

function refuses(fn: () => unknown): void {
  const before = memory().tensors;
  let error: unknown;
  try {
    fn();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, String(fn)).toBeInstanceOf(UsageError);
  expect((error as UsageError).message, String(fn)).toMatch(/disposed\n {2}help: /);
  expect(memory().tensors, String(fn)).toBe(before);
}

describe("a disposed tensor", () => {
  it("is refused by parameters, buffers and layers that let everything pass", () => {
    const dead = gone();
    const other = ones([4]);
    const p = new Parameter(tensor([1, 2, 3, 4]));
    const values = () => p.value.toArray();
    const dropout = new Dropout(0.5, { rng: rng(0) }).eval();
    refuses(() => new Parameter(dead));
    refuses(() => new Parameter(dead, { trainable: false }));
    refuses(() => new Buffer(dead));
    refuses(() => {
      p.value = dead;
    });
    refuses(() => dropout.forward(dead));
    refuses(() => new Sequential((x: Tensor) => x).forward(dead));
    expect(values()).toEqual([1, 2, 3, 4]);
    p.dispose();
    refuses(() => {
      p.value = other;
    });
  });

  it("is refused where a model was disposed", () => {
    const model = new Linear(2, 2, { rng: rng(0) });
    const average = ema(model, 0.9);
    const saved = model.stateDict();
    model.dispose();
    refuses(() => model.stateDict());
    const x = ones([1, 2]);
    refuses(() => grad((m: Linear) => m.forward(x).sum())(model));
    refuses(() => ema(model, 0.9));
    refuses(() => average.swap());
    refuses(() => model.loadStateDict(saved));
  });

  it("is refused as a gradient, before the first parameter moves", () => {
    class Pair extends Module {
      a = new Parameter(tensor([1, 2]));
      b = new Parameter(tensor([3, 4]));
    }
    const pair = new Pair();
    const optimizer = adam(pair, { lr: 0.1 });
    const [good, dead] = [tensor([1, 1]), gone()];
    refuses(() => optimizer.step({ a: good, b: dead }));
    expect(() => optimizer.step({ a: good, b: tensor([1]) })).toThrow(
      /b is \[2\].*\[1\]\n {2}help/,
    );
    expect([pair.a.value.toArray(), optimizer.steps]).toEqual([[1, 2], 0]);
    expect(optimizer.state().counts).toEqual({});
    optimizer.step({ a: good, b: tensor([1, 1]) });
    expect(optimizer.steps).toBe(1);
    const list = [tensor([1]), tensor([2])];
    const descent = sgd(list, { lr: 1 });
    const slopes = [tensor([1]), tensor([1])];
    list[1]?.dispose();
    refuses(() => descent.step(slopes));
    expect(list[0]?.toArray()).toEqual([1]);
  });
});

describe("aux of valueAndGrad", () => {
  it("may hold a module, whose parameters stay leaves", () => {
    const model = new Linear(1, 1, { bias: false, rng: rng(0) });
    model.weight.value = tensor([[2]]);
    const f = (x: Tensor): [Tensor, Linear] => [model.forward(x).sum(), model];
    const [[loss, same]] = valueAndGrad(f, { hasAux: true })(tensor([[3]]));
    expect(same).toBe(model);
    expect(loss.item()).toBe(6);
    model
      .forward(tensor([[5]]))
      .sum()
      .backward();
    expect(model.weight.grad?.toArray()).toEqual([[5]]); // d 5w = 5 dw
    const both = (m: Linear): [Tensor, { m: Linear }] => [m.forward(tensor([[7]])).sum(), { m }];
    const [, slopes] = valueAndGrad(both, { hasAux: true })(model);
    expect(Object.values(slopes).map((g) => g.toArray())).toEqual([[[7]]]);
    model.weight.zeroGrad();
    model
      .forward(tensor([[5]]))
      .sum()
      .backward();
    expect(model.weight.grad?.toArray()).toEqual([[5]]);
  });

  it("may hold a module that the function made", () => {
    const [[, made]] = valueAndGrad(
      (x: Tensor): [Tensor, Linear] => [x.sum(), new Linear(1, 1, { bias: false, rng: rng(0) })],
      { hasAux: true },
    )(tensor([1]));
    made
      .forward(tensor([[4]]))
      .sum()
      .backward();
    expect(made.weight.grad?.toArray()).toEqual([[4]]);
  });
});

describe("what a callback passes on", () => {
  it("is not freed by evaluate, nor by fit", async () => {
    const fixed = tensor(0.5);
    const model = new Linear(1, 1, { rng: rng(0) });
    const data = [0, 1, 2].map((i) => tensor([[i]]));
    const means = await evaluate(model, data, { fixed: () => fixed });
    expect([means.fixed, fixed.item()]).toEqual([0.5, 0.5]);
    const training = fit({
      model,
      data,
      loss: () => fixed,
      optimizer: sgd(model, { lr: 0.1 }),
      maxSteps: 5,
    });
    await expect(training).rejects.toThrow(/does not depend on the model/);
    expect(fixed.item()).toBe(0.5);
  });

  it("is not freed by a loader, whose own batches are", () => {
    const shared = tensor([1, 2]);
    const before = memory().tensors;
    const loader = new DataLoader([1, 2, 3], {
      batchSize: 1,
      collate: (xs: readonly number[]) => ({ x: tensor([...xs]), shared, same: [shared] }),
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen: Tensor[] = [];
      for (const batch of loader) seen.push(batch.x);
      expect(seen.map((x) => x.disposed)).toEqual([true, true, true]);
    }
    expect(shared.toArray()).toEqual([1, 2]);
    expect(memory().tensors).toBe(before);
  });
});
