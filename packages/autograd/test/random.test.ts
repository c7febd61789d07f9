/** @file Random numbers under transforms: gradients through draws, draws of each sample, reruns. */
import { init, rng, sum, type Tensor, tensor } from "@isograd/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { checkpoint, grad, gradcheck, gradgradcheck, vmap } from "../src/index.js";

beforeAll(() => init());
const f64 = (x: Parameters<typeof tensor>[0]): Tensor => tensor(x, { dtype: "float64" });
const sigma = () =>
  f64([
    [2, 0.3],
    [0.3, 1],
  ]);

describe("multivariateNormal", () => {
  const f = (mean: Tensor, covariance: Tensor): Tensor =>
    rng(1)
      .multivariateNormal(mean, covariance, { shape: [3] })
      .sin();

  it("has gradients of its mean and covariance", () => {
    gradcheck(f, [f64([1, 2]), sigma()]);
    gradgradcheck(f, [f64([1, 2]), sigma()]);
  });

  it("has gradients for batches", () => {
    const g = (mean: Tensor, covariance: Tensor): Tensor =>
      rng(2)
        .multivariateNormal(mean, covariance.add(f64([[[0]], [[1]]]).mul(covariance)))
        .sin();
    gradcheck(g, [f64([1, 2]), sigma()]);
  });

  it("draws for each sample of a batch", () => {
    const means = f64([
      [0, 0],
      [9, 9],
      [0, 0],
    ]);
    const each = vmap((mean: Tensor) => rng(1).multivariateNormal(mean, sigma()))(means);
    const whole = rng(1).multivariateNormal(means, sigma());
    expect(each.sub(whole).abs().max().item()).toBeLessThan(1e-14);
  });
});

describe("categorical", () => {
  it("draws for each sample of a batch what it draws for the batch as an axis", () => {
    const logits = rng(1).normal([50, 3]);
    const each = vmap((x: Tensor) => rng(2).categorical(x))(logits);
    expect(each.toArray()).toEqual(rng(2).categorical(logits).toArray());
    const more = vmap((x: Tensor) => rng(2).categorical(x, { shape: [2] }))(logits);
    expect(more.shape).toEqual([50, 2]);
  });

  it("is a constant for gradients", () => {
    const g = grad((x: Tensor) => sum(x.mul(rng(0).categorical(x, { shape: [2] }))))(f64([0, 99]));
    expect(g.toArray()).toEqual([1, 1]);
  });
});

it("draws the same again where a checkpoint runs again", () => {
  const random = rng(5);
  const f = (x: Tensor): Tensor =>
    sum(
      x
        .mul(random.gamma(3, { alpha: 0.7, dtype: "float64" }))
        .sin()
        .mul(random.poisson(3, { rate: 4 }))
        .add(random.categorical(x, { shape: 3 })),
    );
  const x = f64([0.1, 0.2, 0.3]);
  const before = random.state();
  const plain = grad(f)(x);
  const after = random.state();
  random.restore(before);
  expect(grad((y: Tensor) => checkpoint(f)(y))(x).toArray()).toEqual(plain.toArray());
  expect(random.state()).toEqual(after);
});
