/**
 * @file Convolutions and pooling under the transforms: first and second derivatives, batches of
 * examples and of weights.
 */
import {
  avgPool2d,
  conv1d,
  conv2d,
  convTranspose2d,
  maxPool2d,
  rng,
  stack,
  type Tensor,
} from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, hvp, jvp, vmap } from "../src/index.js";

installMatchers();

const random = (seed: number) => rng(seed, { dtype: "float64" });
const options = { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 };
const f = (x: Tensor, w: Tensor, b: Tensor) => conv2d(x, w, b, options);
const x = random(0).normal([2, 4, 5, 5]);
const w = random(1).normal([2, 2, 3, 2]);
const b = random(2).normal([2]);

describe("derivatives", () => {
  it("of first and second order are those of differences", () => {
    gradcheck(f, [x, w, b]);
    gradgradcheck(f, [x, w, b], { absolute: 1e-5 });
    const line = (u: Tensor, v: Tensor) => conv1d(u, v, undefined, { padding: "same" }).tanh();
    gradgradcheck(line, [random(3).normal([1, 2, 5]), random(4).normal([3, 2, 4])], {
      absolute: 1e-5,
    });
    const up = (u: Tensor, v: Tensor) =>
      convTranspose2d(u, v, undefined, { stride: 2, outputPadding: 1, groups: 2 });
    gradgradcheck(up, [random(5).normal([1, 2, 2, 3]), random(6).normal([2, 1, 2, 3])], {
      absolute: 1e-5,
    });
    gradgradcheck((u: Tensor) => maxPool2d(u.square(), 2, { padding: 1 }), [x], { absolute: 1e-5 });
    const mean = (u: Tensor) => avgPool2d(u, 3, { stride: 2, padding: 1, countIncludePad: false });
    gradgradcheck((u: Tensor) => mean(u.square()), [x], { absolute: 1e-5 });
  });

  it("forwards: a convolution is linear in each operand", () => {
    const v = random(7).normal(x.shape);
    const [, tangent] = jvp((u: Tensor) => f(u, w, b), x, v);
    expect(tangent).toBeCloseToTensor(conv2d(v, w, undefined, options));
    const loss = (u: Tensor) => f(u, w, b).square().sum();
    const product = hvp(loss, x, v);
    expect(product).toBeCloseToTensor(grad(loss)(x.add(v)).sub(grad(loss)(x)));
  });
});

describe("batches", () => {
  it("of images and of weights are the single ones", () => {
    const images = random(8).normal([3, 4, 5, 5]);
    const weights = random(9).normal([3, 2, 2, 3, 2]);
    const each = (g: (i: number) => Tensor) => stack([0, 1, 2].map(g));
    const one = (u: Tensor) => f(u, w, b);
    expect(vmap(one)(images)).toBeCloseToTensor(each((i) => one(images.slice([i]))));
    const both = vmap((u: Tensor, v: Tensor) => f(u, v, b))(images, weights);
    expect(both).toBeCloseToTensor(each((i) => f(images.slice([i]), weights.slice([i]), b)));
    const loss = (v: Tensor, u: Tensor) => maxPool2d(f(u, v, b).tanh(), 2).sum();
    const perSample = vmap((u: Tensor) => grad((v: Tensor) => loss(v, u))(w))(images);
    expect(perSample).toBeCloseToTensor(
      each((i) => grad((v: Tensor) => loss(v, images.slice([i])))(w)),
    );
  });
});
