/** @file Losses against PyTorch, at the edges of their ranges, and their gradients. */
import { gradcheck, gradgradcheck } from "@isograd/autograd";
import {
  linspace,
  logSoftmax,
  ones,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  UsageError,
} from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { losses } from "../src/index.js";
import { alive, f64, flat, golden, int } from "./helpers.js";

installMatchers();
const { inputs, cases } = golden.losses;
const [x, y, p, z, s] = [inputs.x, inputs.y, inputs.p, inputs.z, inputs.s].map(
  flat,
) as Tensor[] as [Tensor, Tensor, Tensor, Tensor, Tensor];
const t = int(inputs.t);

const classWeights = linspace(0.25, 1.75, x.shape.at(-1) as number, { dtype: "float64" });
const ignoreIndex = t.dataSync()[0] as number;

type Options = losses.LossOptions;

const computed: Record<string, (o: Options) => Tensor> = {
  mse: (o) => losses.mse(x, y, o),
  l1: (o) => losses.l1(x, y, o),
  huber: (o) => losses.huber(x, y, { delta: 0.7, ...o }),
  crossEntropy: (o) => losses.crossEntropy(x, t, o),
  crossEntropySmooth: (o) => losses.crossEntropy(x, t, { labelSmoothing: 0.1, ...o }),
  crossEntropyClassWeights: (o) =>
    losses.crossEntropy(x, t, { classWeights, labelSmoothing: 0.1, ...o }),
  crossEntropyIgnore: (o) => losses.crossEntropy(x, t, { classWeights, ignoreIndex, ...o }),
  crossEntropyIgnoreSmooth: (o) =>
    losses.crossEntropy(x, t, { ignoreIndex, labelSmoothing: 0.1, ...o }),
  crossEntropySoftWeights: (o) =>
    losses.crossEntropy(x, p, { classWeights, labelSmoothing: 0.1, ...o }),
  crossEntropySoft: (o) => losses.crossEntropy(x, p, o),
  bce: (o) => losses.binaryCrossEntropyWithLogits(x, p, o),
  bceWeighted: (o) => losses.binaryCrossEntropyWithLogits(x, p, { positiveWeight: 3, ...o }),
  bceExtreme: (o) => losses.binaryCrossEntropyWithLogits(z, s, o),
  kl: (o) => losses.klDivergence(logSoftmax(x), p, o),
};

describe("losses", () => {
  it.each(Object.keys(cases))("%s is PyTorch's", (name) => {
    const [loss = "", reduction] = name.split("/");
    const value = computed[loss]?.({ reduction: reduction as losses.Reduction }) as Tensor;
    expect(value).toBeCloseToTensor(cases[name] as { shape: number[]; data: number[] }, {
      rtol: 1e-12,
      atol: 1e-12,
    });
  });

  it("ignore classes outside of the logits, and are NaN where nothing counts", () => {
    const padded = tensor([-100, 1], { dtype: "int32" });
    const logits = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "float64" },
    );
    const one = losses.crossEntropy(logits.slice([[1, 2]]), padded.slice([[1, 2]]));
    const both = losses.crossEntropy(logits, padded, { ignoreIndex: -100 });
    expect(both.item()).toBe(one.item());
    const none = losses.crossEntropy(logits.slice([[0, 1]]), padded.slice([[0, 1]]), {
      ignoreIndex: -100,
    });
    expect(none.item()).toBe(Number.NaN);
  });

  it("say what is wrong with weights and classes to ignore", () => {
    const call = (o: losses.CrossEntropyOptions) => () => losses.crossEntropy(x, t, o);
    expect(call({ classWeights: ones([2]) })).toThrow(
      /crossEntropy: classWeights \[2\] do not fit/,
    );
    expect(call({ ignoreIndex: 0.5 })).toThrow(
      /crossEntropy: ignoreIndex is a class index: got 0.5/,
    );
  });

  it("have the gradients of their formulas, twice", () => {
    for (const reduction of ["mean", "sum", "none"] as const) {
      const o = { reduction };
      gradcheck((a, b) => losses.mse(a, b, o), [x, y]);
      gradcheck((a, b) => losses.l1(a, b, o), [x, y]);
      gradcheck((a, b) => losses.huber(a, b, o), [x, y]);
      gradcheck((a) => losses.crossEntropy(a, t, { labelSmoothing: 0.2, ...o }), [x]);
      gradcheck((a, b) => losses.crossEntropy(a, b, o), [x, p]);
      gradcheck(
        (a, w) => losses.crossEntropy(a, t, { classWeights: w, ignoreIndex, ...o }),
        [x, classWeights],
      );
      gradcheck(
        (a, b) => losses.binaryCrossEntropyWithLogits(a, b, { positiveWeight: 2, ...o }),
        [x, p],
      );
      gradcheck((a) => losses.klDivergence(logSoftmax(a), p, o), [x]);
    }
    gradgradcheck((a) => losses.crossEntropy(a, t), [x]);
    gradgradcheck((a) => losses.binaryCrossEntropyWithLogits(a, p), [x]);
    gradgradcheck((a, b) => losses.mse(a, b), [x, y]);
  });

  it("take class indices of any shape", () => {
    const logits = f64([[[0, 1]], [[2, 0]]]);
    const each = losses.crossEntropy(logits, int([[1], [1]]), { reduction: "none" });
    expect(each).toBeCloseToTensor([[Math.log1p(Math.exp(-1))], [Math.log1p(Math.exp(2))]]);
  });

  it("do not broadcast", () => {
    expect(() => losses.mse(ones([3, 1]), ones([3]))).toThrow(
      "mse: prediction [3, 1] and target [3] differ\n  help: losses do not broadcast: reshape one of them",
    );
  });

  it("name what is wrong with classes and options", () => {
    const logits = ones([2, 3]);
    expect(() => losses.crossEntropy(logits, int([0, 1, 2]))).toThrow(
      "need class indices [2], got [3]",
    );
    expect(() => losses.crossEntropy(logits, int([0, 3]))).toThrow(ShapeError);
    expect(() => losses.crossEntropy(logits, tensor([0, 1]))).toThrow("class indices are int32");
    expect(() => losses.crossEntropy(logits, tensor([true, false]))).toThrow("targets are bool");
    expect(() => losses.crossEntropy(logits, int([0, 1]), { labelSmoothing: 2 })).toThrow(
      UsageError,
    );
    expect(() => losses.huber(logits, logits, { delta: 0 })).toThrow(UsageError);
    expect(() => losses.mse(logits, logits, { reduction: "avg" as never })).toThrow(
      "mean, sum or none",
    );
  });

  it("free what they make", () => {
    const before = alive();
    for (const loss of Object.values(computed)) scope(() => loss({}).item());
    losses.mse(x, y).dispose();
    losses.crossEntropy(x, t, { labelSmoothing: 0.1 }).dispose();
    expect(alive()).toEqual(before);
  });
});
