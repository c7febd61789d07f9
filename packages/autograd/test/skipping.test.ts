/** @file Reductions that leave NaN out: derivatives of both orders, vmap, dtypes, bad calls. */
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, vmap } from "../src/index.js";
import { f64 } from "./helpers.js";

type Tensor = t.Tensor;

/** A hole in each row but the last, made inside so that differences do not meet NaN. */
const holes = t.tensor([true, false, false, false, false, true, false, false, false], {
  shape: [3, 3],
  device: "reference",
});
const x = f64(Array.from({ length: 9 }, (_, k) => Math.sin(1.7 * k + 1))).reshape([3, 3]);
const holed = (y: Tensor) => t.where(holes, Number.NaN, y);

const functions = {
  nanSum: (y: Tensor) => t.nanSum(y, { axis: 1 }),
  nanMean: (y: Tensor) => t.nanMean(y, { axis: 1 }),
  nanMax: (y: Tensor) => t.nanMax(y, { axis: 0 }),
  nanMin: (y: Tensor) => t.nanMin(y, { axis: 1, keepdims: true }),
  nanVariance: (y: Tensor) => t.nanVariance(y, { axis: 1, correction: 1 }),
  nanStd: (y: Tensor) => t.nanStd(y, { axis: 1 }),
};

describe.each(Object.entries(functions))("%s", (name, f) => {
  it("has first and second derivatives", () => {
    t.scope(() => {
      gradcheck((y: Tensor) => f(holed(y)), [x], { name });
      gradgradcheck((y: Tensor) => f(holed(y)), [x], { name, absolute: 1e-5 });
    });
  });

  it("runs on many samples at once", () => {
    const many = t.stack([holed(x), x, t.mul(x, 0.5)]);
    const slope = grad((y: Tensor) => f(y).sum());
    for (const g of [f, slope]) {
      const each = [0, 1, 2].map((k) => g(many.slice([k])));
      expect(vmap(g)(many).toArray()).toEqual(t.stack(each).toArray());
    }
  });

  it("lets no NaN into gradients, of both orders, where all numbers are NaN or one is not", () => {
    const y = f64(
      [
        [NaN, NaN],
        [NaN, 2],
        [1, 3],
      ].flat(),
    ).reshape([3, 2]);
    const over = (z: Tensor) => f(z.reshape([3, 2]));
    const slope = (z: Tensor) => grad((w: Tensor) => over(w).square().sum())(z);
    const bend = (z: Tensor) => grad((w: Tensor) => slope(w).sum())(z);
    for (const g of [slope, bend]) {
      const rows = t.isNaN(g(y)).toArray() as boolean[][];
      expect(rows[0]).toEqual([false, false]);
      expect(rows[1]?.[0]).toBe(false);
    }
  });

  it("refuses what is no tensor", () => {
    expect(() => f([1] as never)).toThrow(`${name}: needs a tensor`);
  });
});

it.each(
  Object.entries({
    nanSum: t.nanSum,
    nanMean: t.nanMean,
    nanMax: t.nanMax,
    nanMin: t.nanMin,
    nanVariance: t.nanVariance,
    nanStd: t.nanStd,
  }),
)("%s refuses axes that are not there, and names of other options", (name, f) => {
  expect(() => f(x, { axis: 2 })).toThrow(`${name}: axis 2 is out of range for [3, 3]`);
  expect(() => f(x, { ddof: 1 } as never)).toThrow(`${name}: has no option "ddof"`);
});

it("keeps integers as they are, and makes means and variances of them fractional", () => {
  for (const dtype of ["int32", "bool"] as const) {
    const y = t.tensor([1, 0, 1], { dtype });
    expect(t.nanSum(y).dtype).toBe("int32");
    expect(t.nanMax(y).dtype).toBe(dtype);
    expect(t.nanMean(y).toString()).toBe(y.mean().toString());
    expect(t.nanVariance(y).toString()).toBe(y.variance().toString());
    expect(t.nanStd(y).toString()).toBe(t.std(y).toString());
  }
});

it("sums nothing to 0, has no mean of nothing, and no extreme", () => {
  const none = t.zeros([0, 2]);
  expect(t.nanSum(none, { axis: 0 }).toArray()).toEqual([0, 0]);
  for (const f of [t.nanMean, t.nanVariance, t.nanStd]) {
    expect(f(none, { axis: 0 }).toArray()).toEqual([NaN, NaN]);
    expect(f(none, { axis: 1 }).shape).toEqual([0]);
  }
  for (const f of [t.nanMax, t.nanMin]) {
    expect(() => f(none, { axis: 0 })).toThrow("nothing to reduce in a tensor of shape [0, 2]");
    expect(f(none, { axis: 1 }).shape).toEqual([0]);
  }
});

it("gives standard deviations of numbers whose squares overflow", () => {
  expect(t.nanStd(t.tensor([1e30, NaN, 3e30])).item()).toBeCloseTo(1e30, -25);
});
