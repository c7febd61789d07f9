/** @file Empty batches and sequences: empty results of the right shapes, gradients of 0. */
import { grad } from "@isograd/autograd";
import { ones, rng, type Tensor, tensor, zeros } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  AvgPool2d,
  BatchNorm,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  GroupNorm,
  LayerNorm,
  Linear,
  LSTM,
  losses,
  MaxPool2d,
  type Module,
  MultiHeadAttention,
  RMSNorm,
  TransformerBlock,
  Upsample,
} from "../../src/index.js";

installMatchers();

const make = { rng: rng(0) };
type Layer = Module & { forward(x: Tensor): Tensor };

/** Expects a result of this shape, and gradients that are all 0. */
function expectNothing(layer: Layer, x: Tensor, shape: readonly number[]): void {
  expect(layer.forward(x).shape).toEqual(shape);
  expect(grad((y: Tensor) => layer.forward(y).sum())(x).shape).toEqual(x.shape);
  if (layer.parameters().length === 0) return;
  const slopes = grad((m: Layer) => m.forward(x).sum())(layer);
  for (const g of Object.values(slopes)) expect(g).toEqualTensor(zeros(g.shape));
}

describe("a recurrent layer", () => {
  const options = { layers: 2, bidirectional: true, dropout: 0.1, ...make };
  it.each([
    [0, 5],
    [2, 0],
    [0, 0],
  ])("of %i sequences of length %i gives none, and the state that it began with", (n, time) => {
    const x = zeros([n, time, 3]);
    const h = rng(1).normal([4, n, 2]);
    const gru = new GRU(3, 2, options);
    expect(gru.forward(x).output.shape).toEqual([n, time, 4]);
    expect(gru.forward(x, h).h).toEqualTensor(h);
    const lstm = new LSTM(3, 2, options);
    const { output, ...state } = lstm.forward(x, { h, c: h.mul(2) });
    expect(output.shape).toEqual([n, time, 4]);
    expect(state.h).toEqualTensor(h);
    expect(state.c).toEqualTensor(h.mul(2));
    expect(lstm.forward(x).c).toEqualTensor(zeros([4, n, 2]));
    const of = (m: GRU) => m.forward(x, h).output.sum().add(m.forward(x, h).h.sum());
    const slopes = grad(of)(gru);
    for (const g of Object.values(slopes)) expect(g).toEqualTensor(zeros(g.shape));
    const start = grad((s: Tensor) => gru.forward(x, s).h.sum())(h);
    expect(start).toEqualTensor(ones([4, n, 2]));
  });
});

describe("a layer", () => {
  it("of sequences gives nothing of nothing", () => {
    const layers = [
      new Linear(4, 4, make),
      new LayerNorm(4),
      new RMSNorm(4),
      new Dropout(0.5, make),
      new MultiHeadAttention(4, 2, { causal: true, rotary: true, ...make }),
      new TransformerBlock(4, 2, { dropout: 0.1, ...make }),
    ];
    for (const shape of [
      [0, 3, 4],
      [2, 0, 4],
      [0, 0, 4],
    ]) {
      for (const layer of layers) expectNothing(layer, zeros(shape), shape);
      const ids = zeros(shape.slice(0, 2), { dtype: "int32" });
      expect(new Embedding(5, 4, make).forward(ids).shape).toEqual(shape);
    }
  });

  it("of images gives nothing of nothing", () => {
    const x = zeros([0, 2, 5, 5]);
    expectNothing(new Conv2d(2, 3, 3, { padding: 1, ...make }), x, [0, 3, 5, 5]);
    expectNothing(new GroupNorm(1, 2), x, [0, 2, 5, 5]);
    expectNothing(new BatchNorm(2).eval(), x, [0, 2, 5, 5]);
    expectNothing(new MaxPool2d(2), x, [0, 2, 2, 2]);
    expectNothing(new AvgPool2d(2), x, [0, 2, 2, 2]);
    expectNothing(new Upsample({ scaleFactor: 2 }), x, [0, 2, 10, 10]);
    expectNothing(new Flatten(), x, [0, 50]);
  });

  it("of running statistics learns nothing from nothing", () => {
    const norm = new BatchNorm(2);
    norm.forward(
      tensor([
        [1, 2],
        [3, 6],
      ]),
    );
    const before = norm.stateDict();
    expectNothing(norm, zeros([0, 2, 3]), [0, 2, 3]);
    for (const [name, x] of Object.entries(norm.stateDict())) {
      expect(x).toEqualTensor(before[name] as Tensor);
    }
  });
});

describe("losses of nothing", () => {
  it("are NaN as means, as PyTorch's, 0 as sums, and have empty gradients", () => {
    const x = zeros([0, 3]);
    const { mse, l1, huber, crossEntropy, binaryCrossEntropyWithLogits, klDivergence } = losses;
    for (const f of [mse, l1, huber, crossEntropy, binaryCrossEntropyWithLogits, klDivergence]) {
      expect(f(x, x).item()).toBeNaN();
      expect(f(x, x, { reduction: "sum" }).item()).toBe(0);
      expect(grad((y: Tensor) => f(y, x))(x).shape).toEqual([0, 3]);
    }
  });
});
