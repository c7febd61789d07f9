/** @file Losses against PyTorch, at the edges of their ranges, and their gradients. */
import { grad, gradcheck, gradgradcheck, hessian } from "@isograd/autograd";
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
const [x, y, p, z, s] = [inputs.x, inputs.y, inputs.p, inputs.z, inputs.s].map(flat) as [
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
];
const t = int(inputs.t);

const classWeights = linspace(0.25, 1.75, x.shape.at(-1) as number, { dtype: "float64" });
const ignoreIndex = t.dataSync()[0] as number;

type Options = losses.LossOptions;

const INF = Number.POSITIVE_INFINITY;
/** log(1 + e), and the softmax of (1, 2) at 2. */
const [LOG1E, Q] = [Math.log1p(Math.E), 1 / (1 + Math.exp(-1))];

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

  it("refuse negative classes, which PyTorch does, too", () => {
    const negative = tensor([0, -1, 2], { dtype: "int32" });
    const says = /index -1 \(number 1 of the indices\) is outside of \[0, 3\)/;
    expect(() => losses.crossEntropy(ones([3, 3]), negative)).toThrow(says);
    const o = { classWeights: ones([3]) };
    expect(() => losses.crossEntropy(ones([3, 3]), negative, o)).toThrow(says);
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

  it.each([
    // −log softmax(1, 2)[0] = log(1 + e); rows that do not count give 0, and gradients of 0
    [
      "rows of an ignored index",
      (a: Tensor) => losses.crossEntropy(a, int([0, 9, 9]), { ignoreIndex: 9 }),
      [
        [1, 2],
        [-INF, -INF],
        [Number.NaN, 1],
      ],
      LOG1E,
      [-Q, Q, 0, 0, 0, 0],
    ],
    [
      "rows of an ignored index, smoothed",
      (a: Tensor) => losses.crossEntropy(a, int([0, 9]), { ignoreIndex: 9, labelSmoothing: 0.5 }),
      [
        [1, 2],
        [INF, Number.NaN],
      ],
      LOG1E - 0.25,
      [0.25 - Q, Q - 0.25, 0, 0],
    ],
    [
      "rows of classes of weight 0",
      (a: Tensor) => losses.crossEntropy(a, int([1, 0]), { classWeights: f64([1, 0]) }),
      [
        [-INF, -INF],
        [1, 2],
      ],
      LOG1E,
      [0, 0, -Q, Q],
    ],
    [
      "probabilities of 0 at logits of −∞",
      (a: Tensor) =>
        losses.crossEntropy(
          a,
          f64([
            [0, 1, 0],
            [0, 0, 0],
          ]),
          { reduction: "sum" },
        ),
      [
        [-INF, 1, 2],
        [-INF, -INF, -INF],
      ],
      LOG1E,
      [0, -Q, Q, 0, 0, 0],
    ],
    [
      "classes of probability 0 in a divergence",
      (a: Tensor) =>
        losses.klDivergence(
          a,
          f64([
            [0, 1],
            [0, 1],
          ]),
          { reduction: "sum" },
        ),
      [
        [-INF, 2],
        [Number.NaN, 3],
      ],
      -5,
      [0, -1, 0, -1],
    ],
    [
      "certain logits of a binary target",
      (a: Tensor) => losses.binaryCrossEntropyWithLogits(a, f64([1, 0, 1]), { reduction: "sum" }),
      [INF, -INF, 0],
      Math.LN2,
      [0, 0, -0.5],
    ],
    [
      "certain logits of a weighted binary target",
      (a: Tensor) => {
        const o = { reduction: "sum", positiveWeight: 2 } as const;
        return losses.binaryCrossEntropyWithLogits(a, f64([1, 0, 1]), o);
      },
      [INF, -INF, 0],
      2 * Math.LN2,
      [0, 0, -1],
    ],
  ] as const)("leave out %s, whatever the logits are", (_, loss, logits, value, slopes) => {
    const at = tensor(logits as never, { dtype: "float64" });
    expect(loss(at).item()).toBeCloseTo(value, 12);
    const found = [...grad(loss)(at).dataSync()];
    expect(found).toEqual(slopes.map((s) => expect.closeTo(s, 12)));
    expect([...hessian(loss)(at).dataSync()].every(Number.isFinite)).toBe(true);
  });

  it("have gradients by their targets where these are 0", () => {
    // ∂/∂t = −log softmax; t log t − t log q has no derivative by t at t = q = 0
    const soft = (q: Tensor) =>
      losses.crossEntropy(
        f64([
          [-INF, 2],
          [1, 2],
        ]),
        q,
      );
    const byTarget = grad(soft)(
      f64([
        [0, 1],
        [0, 0],
      ]),
    ).mul(2);
    expect(byTarget).toBeCloseToTensor([
      [0, 0],
      [LOG1E, LOG1E - 1],
    ]);
    const divergence = (q: Tensor) => losses.klDivergence(f64([-INF, 0]), q);
    expect(grad(divergence)(f64([0, 1])).toArray()).toEqual([0, 1]);
    // by class weights of 0: (w₀ l₀ + w₁ l₁)/(w₀ + w₁) at (0, 1) has the slopes l₀ − l₁ and 0
    const weigh = (w: Tensor) =>
      losses.crossEntropy(
        f64([
          [1, 2],
          [3, 1],
        ]),
        int([0, 1]),
        { classWeights: w },
      );
    const gap = LOG1E - Math.log1p(Math.exp(2));
    expect(grad(weigh)(f64([0, 1]))).toBeCloseToTensor([gap, 0]);
  });

  it("of Huber have the second derivative 1 up to δ, at 0 too, and 0 beyond", () => {
    const f = (a: Tensor) => losses.huber(a, f64([0, 0, 0, 0, 0]), { delta: 2, reduction: "sum" });
    const at = f64([0, 1, -2, 2.5, -INF]);
    expect(grad(f)(at).toArray()).toEqual([0, 1, -2, 2, -2]);
    const bend = grad((a: Tensor) => grad(f)(a).sum())(at);
    expect(bend.toArray()).toEqual([1, 1, 1, 0, 0]);
  });

  it("take class indices of any shape", () => {
    const logits = f64([[[0, 1]], [[2, 0]]]);
    const each = losses.crossEntropy(logits, int([[1], [1]]), { reduction: "none" });
    expect(each).toBeCloseToTensor([[Math.log1p(Math.exp(-1))], [Math.log1p(Math.exp(2))]]);
  });

  // (2¹⁶)² and 2³¹ − 1 + 2³¹ are out of range of int32
  it("of integers are no sums that wrapped", () => {
    expect(losses.mse(int([0]), int([65536])).item()).toBe(2 ** 32);
    expect(losses.l1(int([2 ** 31 - 1]), int([-(2 ** 31)])).item()).toBe(2 ** 32);
    expect(losses.huber(int([2 ** 31 - 1]), int([-(2 ** 31)])).item()).toBe(2 ** 32);
  });

  it("do not broadcast", () => {
    expect(() => losses.mse(ones([3, 1]), ones([3]))).toThrow(
      "mse: prediction [3, 1] and target [3] differ\n" +
        "  help: losses do not broadcast: reshape one of them",
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
describe("losses of confident predictions", () => {
  // −log p = log(1 + e⁻²⁰) and 1 − p = 1/(1 + e²⁰): in float32, 1 plus either is 1
  const [loss, rest] = [Math.log1p(Math.exp(-20)), 1 / (1 + Math.exp(20))];
  const close = { rtol: 1e-6, atol: 0 };

  it.each(["cpu", "reference"])(
    "cross-entropy keeps what is left of the loss and its slopes: %s",
    (device) => {
      const x = tensor([[20, 0]], { device });
      for (const targets of [
        tensor([0], { dtype: "int32", device }),
        tensor([[1, 0]], { device }),
      ]) {
        const f = (logits: Tensor) => losses.crossEntropy(logits, targets);
        expect(f(x)).toBeCloseToTensor(loss, close);
        expect(grad(f)(x)).toBeCloseToTensor([[-rest, rest]], close);
        const bend = grad((logits: Tensor) => grad(f)(logits).slice([0, 0]).mul(1))(x);
        expect(bend).toBeCloseToTensor([[rest, -rest]], close);
      }
    },
  );

  it.each(["cpu", "reference"])("binary cross-entropy keeps both tails: %s", (device) => {
    const x = tensor([20, -20], { device });
    const right = tensor([1, 0], { device });
    const f = (logits: Tensor) =>
      losses.binaryCrossEntropyWithLogits(logits, right, { reduction: "none" });
    expect(f(x)).toBeCloseToTensor([loss, loss], close);
    expect(grad((logits: Tensor) => f(logits).sum())(x)).toBeCloseToTensor([-rest, rest], close);
  });
});
