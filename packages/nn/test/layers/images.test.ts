/** @file Convolutions, pooling and norms of channels, against PyTorch and their formulas. */
import { valueAndGrad } from "@isograd/autograd";
import { ones, relu, rng, ShapeError, scope, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  AvgPool2d,
  adam,
  BatchNorm,
  Conv1d,
  Conv2d,
  Flatten,
  GroupNorm,
  type Layer,
  Linear,
  losses,
  MaxPool2d,
  RMSNorm,
  Sequential,
  Upsample,
} from "../../src/index.js";
import { alive, double } from "../helpers.js";
import { checkGradients, likePyTorch } from "./golden.js";

const random = (seed = 0) => rng(seed, double);
const make = { rng: random(), ...double };
const run = (m: Layer, x: Parameters<Layer["forward"]>[0]) => m.forward(x);

describe("Conv1d and Conv2d", () => {
  it("are PyTorch's", () => {
    likePyTorch("conv1d", new Conv1d(3, 4, 3, { stride: 2, padding: 1, ...make }), run);
    const options = { padding: [1, 0], dilation: [1, 2], groups: 2, ...make };
    likePyTorch("conv2d", new Conv2d(4, 6, [3, 2], options), run);
    const same = { padding: "same", bias: false, ...make } as const;
    likePyTorch("convNoBias", new Conv2d(2, 3, 3, same), run);
  });

  it("make networks for images, with pooling and Flatten", () => {
    const model = new Sequential(
      new Conv2d(1, 2, 3, { padding: 1, ...make }),
      relu,
      new MaxPool2d(2),
      new AvgPool2d(2, { stride: 1 }),
      new Flatten(),
      new Linear(8, 3, make),
    );
    likePyTorch("image", model, run, (key) => `layers.${key}`);
  });

  it("keep lists of their own: those given may change", () => {
    const [stride, kernel, size] = [
      [2, 1],
      [2, 2],
      [3, 5],
    ] as [number[], number[], number[]];
    const layers = [
      new Conv2d(1, 1, kernel, { stride, ...make }),
      new MaxPool2d(kernel, { stride }),
      new AvgPool2d(kernel, { stride }),
      new Upsample({ size }),
    ];
    const image = ones([1, 1, 4, 4], double);
    const before = layers.map((layer) => layer.forward(image).shape);
    for (const list of [stride, kernel, size]) list.fill(3).push(3);
    expect(layers.map((layer) => layer.forward(image).shape)).toEqual(before);
  });

  it("draw within ±1/√fan-in", () => {
    const conv = new Conv2d(8, 64, [4, 2], { groups: 2, rng: rng(1) });
    expect(conv.weight.shape).toEqual([64, 4, 4, 2]);
    const bound = 1 / Math.sqrt(32);
    for (const p of [conv.weight, conv.bias]) {
      expect(p?.value.abs().max().item()).toBeLessThanOrEqual(bound + 1e-7);
      expect(p?.value.abs().max().item()).toBeGreaterThan(0.9 * bound);
    }
  });

  it("say what is wrong, and free what they make", () => {
    const conv = new Conv2d(3, 2, 3, { rng: rng(0) });
    expect(() => conv.forward(ones([1, 4, 5, 5]))).toThrow(ShapeError);
    expect(() => new Conv1d(3, 2, 3, undefined as never)).toThrow("no random generator was given");
    expect(() => new Flatten(2, 1).forward(ones([2, 2, 2]))).toThrow("Flatten: axis 2 comes after");
    expect(new Flatten(0, 1).forward(ones([2, 3, 4])).shape).toEqual([6, 4]);
    const x = ones([1, 3, 5, 5]);
    const before = alive();
    conv.forward(x).dispose();
    scope(() => conv.forward(x).sum().item());
    expect(alive()).toEqual(before);
  });

  it("learn to tell lines apart", () => {
    const source = rng(3);
    const upright = source.bernoulli([64, 1, 1, 1], { dtype: "float32" });
    const noise = source.normal([64, 1, 6, 6]).mul(0.3);
    const row = tensor([0, 0, 1, 0, 0, 0]).reshape([1, 6]);
    const x = noise.add(upright.mul(row)).add(upright.neg().add(1).mul(row.mT));
    const model = new Sequential(
      new Conv2d(1, 4, 3, { rng: source }),
      new BatchNorm(4),
      relu,
      new MaxPool2d(4),
      new Flatten(),
      new Linear(4, 1, { rng: source }),
    );
    const optimizer = adam(model, { lr: 0.05 });
    const target = upright.reshape([64, 1]);
    const lossOf = (m: typeof model) => losses.binaryCrossEntropyWithLogits(m.forward(x), target);
    for (let i = 0; i < 60; i++) optimizer.step(valueAndGrad(lossOf)(model)[1]);
    expect(lossOf(model.eval()).item()).toBeLessThan(0.05);
  });
});

describe("BatchNorm", () => {
  it("is PyTorch's, running statistics included", () => {
    for (const name of ["batchNorm", "batchNormEval"] as const) {
      const norm = new BatchNorm(3, double).train(name === "batchNorm");
      likePyTorch(name, norm, run);
    }
    likePyTorch("batchNormMean", new BatchNorm(3, { momentum: null, ...double }), run);
    likePyTorch("batchNorm1d", new BatchNorm(3, { eps: 1e-3, momentum: 0.3, ...double }), run);
  });

  it("names its state as PyTorch does", () => {
    const names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
    expect(Object.keys(new BatchNorm(2).stateDict())).toEqual(names);
    expect(new BatchNorm(2, { affine: false }).parameters()).toEqual([]);
  });

  it("has the gradients of its formula, in training and evaluation", () => {
    const x = random(1).normal([3, 2, 2]);
    checkGradients(new BatchNorm(2, double), x, run);
    checkGradients(new BatchNorm(2, double).eval(), x, run);
  });

  it("refuses what has no variance, and other channels", () => {
    expect(() => new BatchNorm(2).forward(ones([1, 2]))).toThrow("has no variance");
    expect(() => new BatchNorm(2).forward(ones([4, 3]))).toThrow("expected [n, 2, …]");
    const norm = new BatchNorm(2);
    const x = ones([4, 2, 3]);
    norm.forward(x).dispose();
    const before = alive();
    norm.forward(x).dispose();
    expect(alive()).toEqual(before);
  });
});

describe("GroupNorm and RMSNorm", () => {
  it("are PyTorch's", () => {
    likePyTorch("groupNorm", new GroupNorm(2, 4, double), run);
    likePyTorch("groupNormVector", new GroupNorm(3, 6, double), run);
    likePyTorch("rmsNorm", new RMSNorm(5, double), run);
  });

  it("have the gradients of their formulas", () => {
    checkGradients(new GroupNorm(2, 4, double), random(2).normal([2, 4, 3]), run);
    checkGradients(new GroupNorm(1, 2, { affine: false }), random(3).normal([2, 2, 3]), run);
    checkGradients(new RMSNorm(4, double), random(4).normal([3, 4]), run);
    checkGradients(new RMSNorm(4, { affine: false }), random(4).normal([3, 4]), run);
  });

  it("say what does not fit", () => {
    expect(() => new GroupNorm(2, 3)).toThrow(UsageError);
    expect(() => new GroupNorm(1, 3).forward(ones([2, 4]))).toThrow(ShapeError);
    expect(() => new RMSNorm(3).forward(ones([2, 4]))).toThrow("rmsNorm: weight must be [4]");
  });
});
