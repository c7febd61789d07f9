/** @file Draws of all distributions in compiled functions: anew in each run, those of the function. */
import { compile } from "@isograd/compile";
import { init, type Rng, rng, type Tensor, tensor } from "@isograd/tensor";
import { beforeAll, expect, it } from "vitest";

beforeAll(() => init());

const covariance = () =>
  tensor([
    [2, 0.5, 0],
    [0.5, 1, 0],
    [0, 0, 3],
  ]);

it.each<[string, (r: Rng, x: Tensor) => Tensor]>([
  ["exponential", (r) => r.exponential(3, { scale: 2 })],
  ["gamma", (r) => r.gamma(3, { alpha: 0.5 })],
  ["beta", (r) => r.beta([3], { a: 0.5, b: 2 })],
  ["gumbel", (r) => r.gumbel(3)],
  ["laplace", (r) => r.laplace(3)],
  ["cauchy", (r) => r.cauchy(3)],
  ["logNormal", (r) => r.logNormal(3)],
  ["truncatedNormal", (r) => r.truncatedNormal(3, { low: 1 })],
  ["weibull", (r) => r.weibull(3, { alpha: 2 })],
  ["studentT", (r) => r.studentT(3, { df: 3 })],
  ["chiSquare", (r) => r.chiSquare(3, { df: 3 })],
  ["poisson", (r) => r.poisson(3, { rate: 12 })],
  ["two draws that are certain", (r) => r.poisson(3, { rate: 0 }).add(r.normal(3))],
  ["binomial", (r) => r.binomial(3, { n: 9, p: 0.3 })],
  ["geometric", (r) => r.geometric(3, { p: 0.3 })],
  ["dirichlet", (r) => r.dirichlet([1, 2, 3])],
  ["orthogonal", (r) => r.orthogonal(3)],
  ["categorical", (r, x) => r.categorical(x, { shape: 3 })],
  ["multivariateNormal", (r, x) => r.multivariateNormal(x, covariance(), { shape: 2 })],
])("%s", (_, draw) => {
  const [a, b] = [rng(4), rng(4)];
  const plain = (x: Tensor) => draw(a, x).add(x);
  const fast = compile((x: Tensor) => draw(b, x).add(x));
  const x = tensor([0.5, -1, 2]);
  const runs = [0, 1, 2].map(() => {
    const expected = plain(x).dataSync();
    expect(fast(x).dataSync()).toEqual(expected);
    return expected.join();
  });
  expect(new Set(runs).size).toBeGreaterThan(1);
  expect(fast.stats()).toHaveLength(1);
  expect(a.state()).toEqual(b.state());
  fast.dispose();
});
