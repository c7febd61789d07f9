/** @file Attention, rotary positions and transformer blocks, against PyTorch and their laws. */
import {
  arange,
  ones,
  rng,
  ShapeError,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  UsageError,
} from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { MultiHeadAttention, rotary, Sequential, TransformerBlock } from "../../src/index.js";
import { alive, double, f64, flat } from "../helpers.js";
import { checkGradients, layers, likePyTorch } from "./golden.js";

const random = (seed = 0) => rng(seed, double);
const make = { rng: random(), ...double };
const bools = (values: Parameters<typeof tensor>[0]) => tensor(values, { dtype: "bool" });
const keyMask = bools([
  [true, true, true, true, true],
  [true, true, true, false, false],
]);
const run = (m: MultiHeadAttention | TransformerBlock, x: Tensor) => m.forward(x);

describe("MultiHeadAttention", () => {
  it("is PyTorch's, with causal and padding masks and without biases", () => {
    likePyTorch("attention", new MultiHeadAttention(6, 2, make), run);
    const causal = { causal: true, ...make };
    likePyTorch("attentionCausal", new MultiHeadAttention(6, 3, { bias: false, ...causal }), run);
    likePyTorch("attentionPadded", new MultiHeadAttention(6, 2, causal), (m, x) =>
      m.forward(x, x, x, { keyMask }),
    );
    const other = flat(layers.more.other as never);
    likePyTorch("attentionCross", new MultiHeadAttention(6, 2, make), (m, x) =>
      m.forward(x, other, other.mul(2)),
    );
  });

  it("sees no future and no padding", () => {
    const model = new MultiHeadAttention(4, 2, { causal: true, rotary: true, ...make });
    const [x, y] = [random(1).normal([5, 4]), random(2).normal([5, 4])];
    const mixed = x.slice([[0, 3]]).reshape([3, 4]);
    const whole = model.forward(x).slice([[0, 3]]);
    expect(model.forward(mixed)).toBeCloseToTensor(whole);
    const open = new MultiHeadAttention(4, 2, make);
    const here = bools([[true, true, true, false, false]]);
    const batch = (t: Tensor) => t.reshape([1, 5, 4]);
    const a = open.forward(batch(x), batch(x), batch(x), { keyMask: here });
    const z = x
      .mul(here.cast("float64").reshape([5, 1]))
      .add(y.mul(here.logicalNot().cast("float64").reshape([5, 1])));
    const b = open.forward(batch(x), batch(z), batch(z), { keyMask: here });
    expect(b).toBeCloseToTensor(a);
  });

  it("gives zeros and numbers as gradients where nothing may be seen", () => {
    const q = random(3).normal([2, 3]);
    const mask = bools([
      [true, false],
      [false, false],
    ]);
    const y = scaledDotProductAttention(q, q, q, { mask });
    expect(y.slice([1])).toEqualTensor([0, 0, 0]);
    expect(y.slice([0])).toBeCloseToTensor(q.slice([0]));
    const added = f64([
      [0, -1e30],
      [0, 0],
    ]);
    const z = scaledDotProductAttention(q, q, q, { mask: added });
    expect(z.slice([0])).toBeCloseToTensor(q.slice([0]));
  });

  it("joins a mask with that of the keys, bool or float", () => {
    const model = new MultiHeadAttention(4, 2, make);
    const x = random(5).normal([2, 5, 4]);
    const see = arange(5).reshape([5, 1]).greaterEqual(arange(5));
    const causal = new MultiHeadAttention(4, 2, { causal: true, ...make });
    causal.loadStateDict(model.stateDict());
    const expected = causal.forward(x, x, x, { keyMask });
    expect(model.forward(x, x, x, { mask: see, keyMask })).toBeCloseToTensor(expected);
    const added = see.logicalNot().cast("float64").mul(-1e30);
    expect(model.forward(x, x, x, { mask: added, keyMask })).toBeCloseToTensor(expected);
  });

  it("has the gradients of its formula, rotary included", () => {
    const options = { causal: true, rotary: 100, ...make };
    checkGradients(new MultiHeadAttention(4, 2, options), random(6).normal([2, 3, 4]), run);
  });

  it("drops weights in training only", () => {
    const model = new MultiHeadAttention(4, 1, { dropout: 0.5, rng: rng(0) });
    const x = rng(1).normal([1, 6, 4]);
    const apart = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
    expect(apart(model.forward(x), model.forward(x))).toBeGreaterThan(0);
    model.eval();
    expect(apart(model.forward(x), model.forward(x))).toBe(0);
  });

  it("starts as PyTorch does, and says what is wrong", () => {
    const model = new MultiHeadAttention(6, 2, { rng: rng(0) });
    const bound = Math.sqrt(6 / 24);
    expect(model.in_proj_weight.value.abs().max().item()).toBeLessThanOrEqual(bound);
    expect(model.in_proj_bias?.value).toEqualTensor(new Array(18).fill(0));
    expect(model.out_proj.bias?.value).toEqualTensor(new Array(6).fill(0));
    expect(() => new MultiHeadAttention(6, 4, { rng: rng(0) })).toThrow(UsageError);
    expect(() => model.forward(ones([2, 3, 5]))).toThrow(ShapeError);
    expect(() => scaledDotProductAttention(ones([2, 3]), ones([2, 4]), ones([2, 4]))).toThrow(
      "q [2, 3], k [2, 4] and v [2, 4] do not fit",
    );
    const numbers = tensor([1, 1], { dtype: "int32" });
    const x = ones([2, 3]);
    expect(() => scaledDotProductAttention(x, x, x, { mask: numbers })).toThrow("mask is int32");
  });
});

describe("rotary", () => {
  it("is a product of complex numbers", () => {
    likePyTorch("rotary", new Sequential(), (_, x) => rotary(x));
  });

  it("makes products depend on the distance alone", () => {
    const [q, k] = [random(7).normal([1, 8]), random(8).normal([1, 8])];
    const at = (i: number, j: number) =>
      rotary(q, { offset: i })
        .mul(rotary(k, { offset: j }))
        .sum()
        .item();
    expect(at(7, 4)).toBeCloseTo(at(3, 0), 12);
    expect(at(7, 4)).not.toBeCloseTo(at(4, 4), 3);
    expect(() => rotary(ones([2, 3]))).toThrow("even number of features");
  });
});

describe("TransformerBlock", () => {
  const options = { hidden: 10, ...make };
  it("is PyTorch's, norms first or last", () => {
    likePyTorch("block", new TransformerBlock(6, 2, options), run);
    const post = { normFirst: false, activation: "relu", causal: true, ...options } as const;
    likePyTorch("blockPost", new TransformerBlock(6, 2, post), (m, x) => m.forward(x, { keyMask }));
  });

  it("has the gradients of its formula, and frees what it makes", () => {
    const block = new TransformerBlock(4, 2, {
      norm: "rms",
      rotary: true,
      bias: false,
      ...options,
    });
    const x = random(9).normal([2, 3, 4]);
    checkGradients(block, x, run);
    const dropping = new TransformerBlock(4, 2, { dropout: 0.2, ...options });
    expect(dropping.namedGenerators().size).toBe(2);
    const before = alive();
    dropping.forward(x).dispose();
    expect(alive()).toEqual(before);
  });
});
