/** @file Gradients where several values go to one place, and of functions of tabulated points. */
import { grad, gradcheck, gradgradcheck } from "@isograd/autograd";
import {
  cumulativeMax,
  indexPut,
  interp,
  interpolate,
  putAlongAxis,
  rng,
  segmentMax,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const int = (values: readonly number[]) => tensor([...values], { dtype: "int32" });
const f64 = (values: readonly number[]) => tensor([...values], { dtype: "float64" });

describe("at one place", () => {
  it("the last value written has the gradient, what was overwritten has none", () => {
    const [x, v] = [f64([1, 2, 3]), f64([4, 5, 6])];
    const weights = f64([10, 20, 30]);
    const loss = (a: Tensor, b: Tensor) =>
      putAlongAxis(a, int([1, 1, 0]), b)
        .mul(weights)
        .sum();
    expect(grad((a: Tensor) => loss(a, v))(x).toArray()).toEqual([0, 0, 30]);
    expect(grad((b: Tensor) => loss(x, b))(v).toArray()).toEqual([0, 20, 10]);
  });

  it("equal maxima share it", () => {
    const g = grad((v: Tensor) =>
      segmentMax(v, int([0, 0, 1, 0]), 2)
        .mul(f64([6, 5]))
        .sum(),
    );
    expect(g(f64([2, 2, 1, 0])).toArray()).toEqual([3, 3, 5, 0]);
    const own = grad((x: Tensor) => indexPut(x, int([0]), 2, { mode: "max" }).sum());
    expect(own(f64([2, 1])).toArray()).toEqual([0.5, 1]);
  });

  it("the last of equal running maxima has it", () => {
    const g = grad((x: Tensor) => cumulativeMax(x).sum());
    expect(g(f64([1, 3, 3, 2])).toArray()).toEqual([1, 1, 2, 0]);
  });

  it("modes have the gradients of their formulas, twice", () => {
    const [x, v] = [rng(1).normal([3, 4], { dtype: "float64" }), f64([0.3, -0.7, 0.9, 1.4, 0, 2])];
    const values = v.reshape([3, 2]);
    const at = int([1, 1, 0, 3, 2, 2]).reshape([3, 2]);
    for (const mode of ["set", "add", "max", "min"] as const) {
      const f = (a: Tensor, b: Tensor) => putAlongAxis(a.square(), at, b.square(), { mode });
      gradcheck(f, [x, values]);
      gradgradcheck(f, [x, values]);
    }
  });
});

describe("of tabulated points", () => {
  it("interp, with respect to all three", () => {
    const points = [f64([-2, 0.3, 0.9, 2.1, 5]), f64([0, 1, 3]), f64([2, -1, 4])] as const;
    gradcheck(interp, [...points]);
    gradgradcheck((x, xp, fp) => interp(x.square(), xp, fp), [...points]);
  });

  it("interpolate, in every mode, twice", () => {
    const x = rng(2).normal([1, 2, 3, 4], { dtype: "float64" });
    for (const mode of ["nearest", "nearestExact", "linear", "cubic", "area"] as const) {
      gradcheck((a) => interpolate(a, { size: [5, 3], mode }), [x]);
      gradgradcheck((a) => interpolate(a.square(), { size: [5, 3], mode }), [x]);
    }
  });
});
