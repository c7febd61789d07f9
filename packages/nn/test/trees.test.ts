/** @file Training, saving and batching trees of maps, classes, and names such as "__proto__". */
import { grad } from "@isograd/autograd";
import { arange, ones, rng, scope, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  adam,
  clipByGlobalNorm,
  collate,
  DataLoader,
  fit,
  Linear,
  Module,
  Parameter,
  pure,
  sgd,
  sgdRule,
} from "../src/index.js";

class Line {
  readonly slope: Tensor;
  readonly offset: Tensor;

  constructor(slope: Tensor, offset: Tensor) {
    this.slope = slope;
    this.offset = offset;
  }
  at(x: Tensor): Tensor {
    return x.mul(this.slope).add(this.offset);
  }
}

const loss = (line: Line): Tensor => line.at(tensor([1, 2])).sum(); // dL/dslope = 3, dL/doffset = 2
const numbers = (x: Tensor) => Array.from(x.dataSync());

describe("a tree that is trained", () => {
  it("may be an object of a class", () => {
    const line = new Line(tensor([1]), tensor([1]));
    const optimizer = sgd(line, { lr: 1 });
    optimizer.step(grad(loss)(line));
    expect([line.slope.item(), line.offset.item()]).toEqual([-2, -1]);
    const { init, update } = pure(sgdRule(), { lr: 1 });
    const [next] = update(line, grad(loss)(line), init(line));
    expect(next.at(tensor([1])).item()).toBe(-5 - 3);
    const { grads, norm } = clipByGlobalNorm(grad(loss)(line), 1e-3);
    expect(norm.item()).toBeCloseTo(Math.sqrt(13), 5);
    expect(grads).toBeInstanceOf(Line);
  });

  it("may be a map, of modules too, and holds names like __proto__", async () => {
    const [layer, w] = [new Linear(1, 1, { rng: rng(0) }), tensor([2])];
    const model = new Map<unknown, object>([
      ["layer", layer],
      [7, JSON.parse('{"__proto__": 0}', (_, v) => (v === 0 ? w : v))],
    ]);
    const optimizer = adam(model, { lr: 0.1 });
    const run = (m: typeof model): Tensor => {
      const own = Object.values(m.get(7) as object)[0] as Tensor;
      return (m.get("layer") as Linear)
        .forward(ones([1, 1]))
        .add(own)
        .sum();
    };
    const gradient = grad(run)(model);
    expect([...gradient.keys()]).toEqual(["layer", 7]);
    optimizer.step(gradient);
    expect(w.item()).toBeCloseTo(1.9, 5);
    scope(() => {
      const state = optimizer.state();
      expect(Object.keys(state.counts)).toEqual(["layer.weight", "layer.bias", "7.__proto__"]);
    });
    layer.eval();
    const data = [1];
    await fit({
      model,
      optimizer,
      data,
      epochs: 1,
      loss: run,
      progress: false,
      onCheckpoint: () => {},
    });
    expect(w.item()).toBeLessThan(1.9);
  });

  it("has each name once: a dot in a key is no step down", () => {
    const tree = { "a.b": tensor([1]), a: { b: tensor([2]) } };
    expect(() => sgd(tree, { lr: 1 })).toThrow(
      'sgd: two trained tensors of the tree have the name "a.b"',
    );
    const fine = sgd({ c: tensor([1]) }, { lr: 1 });
    expect(() => fine.step(tree)).toThrow('sgd: two tensors of the tree have the name "a.b"');
  });

  it("may contain itself, where its tensors are only looked up", () => {
    const w = tensor([1]);
    const knot: Record<string, unknown> = { w, layer: new Linear(1, 1, { rng: rng(0) }) };
    knot["self"] = knot;
    sgd(knot, { lr: 1 }).step({ w: tensor([3]) });
    expect(w.item()).toBe(-2);
    expect(() => new DataLoader(knot)).toThrow(UsageError);
    expect(() => new DataLoader(knot)).toThrow('DataLoader: the tree contains itself: "self"');
  });
});

describe("a module", () => {
  it("finds parameters in maps and sets", () => {
    class Heads extends Module {
      readonly heads = new Map([
        ["left", new Linear(2, 1, { rng: rng(0) })],
        ["right", new Linear(2, 1, { rng: rng(1), bias: false })],
      ]);
      readonly extra = new Set([new Parameter(zeros([2]))]);
    }
    const model = new Heads();
    const names = ["heads.left.weight", "heads.left.bias", "heads.right.weight", "extra.0"];
    expect([...model.namedParameters().keys()]).toEqual(names);
    expect(Object.keys(model.stateDict())).toEqual(names);
    model.eval();
    expect(model.heads.get("left")?.training).toBe(false);
    const kept = scope(() => new Heads());
    expect(kept.heads.get("right")?.weight.value.disposed).toBe(false);
  });
});

describe("batches", () => {
  it("of maps and of objects of a class keep their form", () => {
    const columns = new Map([["x", arange(4)]]);
    const rows = [...new DataLoader(columns, { batchSize: 2, keepBatches: true })];
    expect(rows.map((batch) => numbers(batch.get("x") as Tensor))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    const line = new Line(arange(4), arange(4));
    for (const batch of new DataLoader(line, { batchSize: 4 })) {
      expect(batch.at(tensor(2)).toArray()).toEqual([0, 3, 6, 9]);
    }
    const examples = [1, 2].map((v) => new Map([["a", { label: v }]]));
    expect(collate(examples).get("a")?.label.toArray()).toEqual([1, 2]);
    const odd = [new Map([["a", 1]]), new Map([["b", 1]])];
    expect(() => collate(odd)).toThrow(/differ in kind at "a"/);
  });
});
