/**
 * @file grad, valueAndGrad, vjp, jvp, jacobian, hessian: values known by hand, nesting, trees,
 * errors.
 */
import { scope, sum, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  grad,
  hessian,
  jacobian,
  jvp,
  parameterBoxes,
  stopGradient,
  valueAndGrad,
  vjp,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

const cubes = (x: Tensor) => x.mul(x).mul(x).sum();

describe("grad", () => {
  it("differentiates to any order", () => {
    const x = f64([1, 2, 3]);
    const first = grad(cubes);
    const second = grad((y: Tensor) => first(y).sum());
    const third = grad((y: Tensor) => second(y).sum());
    const fourth = grad((y: Tensor) => third(y).sum());
    expect(numbers(first(x))).toEqual([3, 12, 27]);
    expect(numbers(second(x))).toEqual([6, 12, 18]);
    expect(numbers(third(x))).toEqual([6, 6, 6]);
    expect(numbers(fourth(x))).toEqual([0, 0, 0]);
  });

  it("does not confuse an inner variable with an outer one", () => {
    // d/dx (x · d/dy (x + y) at y = 1) = d/dx (x · 1) = 1
    const inner = (x: Tensor) => grad((y: Tensor) => x.add(y).sum())(f64([1]));
    expect(numbers(grad((x: Tensor) => x.mul(inner(x)).sum())(f64([5])))).toEqual([1]);
    // d/dx (x · d/dy (x y) at y = 1) = d/dx x² = 2x
    const product = (x: Tensor) => grad((y: Tensor) => x.mul(y).sum())(f64([1]));
    expect(numbers(grad((x: Tensor) => x.mul(product(x)).sum())(f64([5])))).toEqual([10]);
  });

  it("takes trees and keeps their form", () => {
    const params = {
      layers: [
        { w: f64([2]), b: f64([1]) },
        { w: f64([3]), b: f64([0]) },
      ],
    };
    const f = ({ layers }: typeof params) =>
      layers.reduce((h, { w, b }) => h.mul(w).add(b), f64([1])).sum();
    const g = grad(f)(params);
    expect(g.layers.map(({ w, b }) => [w, b].map(numbers))).toEqual([
      [[3], [3]],
      [[3], [1]],
    ]);
  });

  it("takes modules by their parameters and puts the values back", () => {
    const box = { value: f64([2]) };
    const own = box.value;
    const model = {
      box,
      [parameterBoxes]: () => new Map([["w", box]]),
      forward: (x: Tensor) => x.mul(box.value),
    };
    const g = grad((m: typeof model, x: Tensor) => m.forward(x).sum())(model, f64([3, 4]));
    expect(numbers(g.w as Tensor)).toEqual([7]);
    expect(box.value).toBe(own);
    const failing = () => grad(() => tensor([1, 2]))(model);
    expect(failing).toThrow(/single number/);
    expect(box.value).toBe(own);
  });

  it("hands aux through and passes further arguments", () => {
    const f = (x: Tensor, k: number): [Tensor, { twice: Tensor }] => [
      x.mul(k).sum(),
      { twice: x.mul(2) },
    ];
    const [[value, aux], g] = valueAndGrad(f, { hasAux: true })(f64([1, 2]), 5);
    expect(value.item()).toBe(15);
    expect(numbers(aux.twice)).toEqual([2, 4]);
    expect(numbers(g)).toEqual([5, 5]);
  });

  it("gives zeros where the loss does not depend on a parameter", () => {
    const g = grad(({ a }: { a: Tensor; b: Tensor }) => a.sum())({ a: f64([1]), b: f64([[1, 2]]) });
    expect(g.b.shape).toEqual([1, 2]);
    expect(numbers(g.b)).toEqual([0, 0]);
    expect(numbers(grad((x: Tensor) => stopGradient(x).sum())(f64([1])))).toEqual([0]);
  });

  it("names what is wrong", () => {
    expect(() => grad((x: Tensor) => x)(f64([1, 2]))).toThrow(/shape \[2\].*single number/);
    expect(() => grad((x: Tensor) => x.sum())(tensor([1], { dtype: "int32" }))).toThrow(/int32/);
    expect(() => grad(() => 3 as unknown as Tensor)(f64([1]))).toThrow(/returned number/);
    expect(() => grad((x: Tensor) => x.greater(0).sum())(f64([1]))).toThrow(/int32/);
    const later = (async () => f64([1])) as unknown as (x: Tensor) => Tensor;
    expect(() => grad(later)(f64([1]))).toThrow(/promise/);
  });

  it("splits ties evenly", () => {
    const x = f64([1, 3, 3]);
    expect(numbers(grad((y: Tensor) => y.max())(x))).toEqual([0, 0.5, 0.5]);
    expect(numbers(grad((y: Tensor) => y.min())(f64([2, 2])))).toEqual([0.5, 0.5]);
    const a = f64([1, 2]);
    expect(numbers(grad((y: Tensor) => sum(y.maximum(f64([1, 0]))))(a))).toEqual([0.5, 1]);
    expect(numbers(grad((y: Tensor) => y.relu().sum())(f64([0, 1])))).toEqual([0, 1]);
    expect(numbers(grad((y: Tensor) => y.abs().sum())(f64([0, -2])))).toEqual([0, -1]);
    expect(numbers(grad((y: Tensor) => y.prod())(f64([0, 0, 2])))).toEqual([0, 0, 0]);
    expect(numbers(grad((y: Tensor) => y.prod())(f64([0, 3, 2])))).toEqual([6, 0, 0]);
  });
});

describe("vjp, jvp and matrices of derivatives", () => {
  it("pulls back many cotangents", () => {
    const back = vjp((x: Tensor) => x.square(), f64([1, 2]));
    expect(numbers(back.value)).toEqual([1, 4]);
    expect(numbers(back.pull(f64([1, 0])))).toEqual([2, 0]);
    expect(numbers(back.pull(f64([0, 1])))).toEqual([0, 4]);
    expect(() => back.pull(f64([1]))).toThrow(/cotangent of shape \[1\]/);
    back.dispose();
  });

  it("differentiates through a pullback", () => {
    const slope = (x: Tensor) => vjp(cubes, x).pull(f64(1)) as Tensor;
    expect(numbers(grad((x: Tensor) => slope(x).sum())(f64([1, 2])))).toEqual([6, 12]);
  });

  it("gives directional derivatives", () => {
    const [value, tangent] = jvp((x) => x.sin(), f64([0, 1]), f64([1, 2]));
    expect(numbers(value)[0]).toBe(0);
    expect(numbers(tangent)[0]).toBe(1);
    expect(numbers(tangent)[1]).toBeCloseTo(2 * Math.cos(1), 9);
  });

  it("gives Jacobians and Hessians", () => {
    expect(jacobian((x) => x.reshape([2, 1]).square())(f64([3, 4])).toArray()).toEqual([
      [[6, 0]],
      [[0, 8]],
    ]);
    const quadratic = (x: Tensor) =>
      x
        .slice([0])
        .mul(x.slice([1]))
        .mul(3);
    expect(hessian(quadratic)(f64([1, 2])).toArray()).toEqual([
      [0, 3],
      [3, 0],
    ]);
  });

  it("leaves scopes as they were", () => {
    const made = scope(() => grad(cubes)(f64([1])));
    expect(made.disposed).toBe(false);
  });
});
