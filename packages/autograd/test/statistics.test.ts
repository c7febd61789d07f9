/** @file Gradients of quantiles, covariances, areas and convolutions; batches of them. */
import {
  convolve,
  corrcoef,
  correlate,
  cov,
  histogram,
  median,
  nanMedian,
  nanQuantile,
  percentile,
  quantile,
  rng,
  type Tensor,
  tensor,
  trapezoid,
} from "@isograd/tensor";
import { expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, vmap } from "../src/index.js";

const F = { dtype: "float64" } as const;
const x = (shape: readonly number[], seed = 1) => rng(seed).normal(shape, F);

const functions: readonly (readonly [string, (...xs: Tensor[]) => Tensor, readonly Tensor[]])[] = [
  ["median", (x) => median(x as Tensor, { axis: 1 }), [x([3, 4])]],
  ["median of an odd number", (x) => median(x as Tensor), [x([5])]],
  ["quantile", (x) => quantile(x as Tensor, [0.2, 0.7], { axis: 0 }), [x([5, 2])]],
  [
    "quantile, by a tensor of shares",
    (x, q) => quantile(x as Tensor, q as Tensor),
    [x([6]), tensor([0.31, 0.77], F)],
  ],
  ["percentile, midpoint", (x) => percentile(x as Tensor, 40, { method: "midpoint" }), [x([4])]],
  ["nanQuantile", (x) => nanQuantile(x as Tensor, 0.4, { axis: 1 }), [x([2, 5])]],
  ["cov", (x) => cov(x as Tensor), [x([2, 5])]],
  [
    "cov with weights",
    (x, w) => cov(x as Tensor, { aweights: w as Tensor }),
    [x([2, 4]), tensor([1, 2, 0.5, 1.5], F)],
  ],
  ["corrcoef", (x) => corrcoef(x as Tensor).slice([0, 1]), [x([2, 5])]],
  [
    "trapezoid",
    (y, x) => trapezoid(y as Tensor, { x: x as Tensor }),
    [x([2, 4]), tensor([0, 1, 1.5, 4], F)],
  ],
  ["convolve", (a, v) => convolve(a as Tensor, v as Tensor), [x([5]), x([3], 2)]],
  [
    "convolve, same",
    (a, v) => convolve(a as Tensor, v as Tensor, { mode: "same" }),
    [x([3]), x([4], 2)],
  ],
  ["correlate", (a, v) => correlate(a as Tensor, v as Tensor), [x([5]), x([3], 2)]],
  [
    "correlate, full",
    (a, v) => correlate(a as Tensor, v as Tensor, { mode: "full" }),
    [x([2]), x([4], 2)],
  ],
];

it.each(functions)("%s: gradients of first and second order", (_, f, inputs) => {
  const g = (...xs: Tensor[]) =>
    f(...xs)
      .square()
      .sum();
  gradcheck(g, [...inputs]);
  gradgradcheck(g, [...inputs]);
});

it.each(functions)("%s: each sample of a batch by itself", (_, f, inputs) => {
  const [first, ...rest] = inputs as [Tensor, ...Tensor[]];
  const all = tensor([first.toArray(), first.mul(-2).add(0.5).toArray()] as number[][], F);
  const found = vmap((a: Tensor) => f(a, ...rest))(all);
  for (const k of [0, 1]) {
    const alone = f(all.at(k).get(), ...rest).dataSync();
    const own = found.at(k).get().dataSync();
    for (const [i, v] of alone.entries()) expect(own[i]).toBeCloseTo(v, 12);
  }
});

it("gives NaN no gradient where it is left out", () => {
  const holes = tensor([1, Number.NaN, 4, 2], F);
  expect(grad((x: Tensor) => nanMedian(x))(holes).toArray()).toEqual([0, 0, 0, 1]);
});

it("adds up the weights of a histogram, with a gradient for each", () => {
  const weights = tensor([1, 2, 3], F);
  const edges = tensor([0, 1, 2], F);
  const f = (w: Tensor) =>
    histogram(tensor([0.5, 1.5, 9], F), { bins: edges, weights: w })
      .counts.square()
      .sum();
  expect(grad(f)(weights).toArray()).toEqual([2, 4, 0]);
});
