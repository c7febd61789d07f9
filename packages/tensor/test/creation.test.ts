/** @file Tensors from formulas: ends, counts and signs of ranges, and what they refuse. Values of NumPy 1.24 unless said. */

import { fc, test } from "@fast-check/vitest";
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const f64 = { dtype: "float64" } as const;
const values = (x: t.Tensor) => Array.from(x.dataSync());
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("linspace", () => {
  test.prop([finite, finite, fc.integer({ min: 0, max: 9 })])(
    "begins and ends at its ends and stays between them",
    (a, b, n) => {
      const x = values(t.linspace(a, b, n, f64));
      expect(x.length).toBe(n);
      if (n > 0) expect(x[0]).toBe(a);
      if (n > 1) expect(x[n - 1]).toBe(b);
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const slack = (Math.abs(a) + Math.abs(b)) * 2 ** -52;
      for (const v of x) expect(v >= low - slack && v <= high + slack).toBe(true);
    },
  );

  it("of one number is the start", () => {
    expect(values(t.linspace(3, 7, 1))).toEqual([3]);
    expect(values(t.linspace(3, 7, 1, { endpoint: false }))).toEqual([3]);
    expect(values(t.linspace(-0, 7, 1))).toEqual([-0]);
    expect(values(t.linspace(3, 7, 0))).toEqual([]);
  });

  it("goes down, leaves out its end, and rounds down for int32", () => {
    expect(values(t.linspace(1, -1, 5))).toEqual([1, 0.5, 0, -0.5, -1]);
    expect(values(t.linspace(1, -1, 4, { endpoint: false }))).toEqual([1, 0.5, 0, -0.5]);
    expect(values(t.linspace(-3, 0, 7, { dtype: "int32" }))).toEqual([-3, -3, -2, -2, -1, -1, 0]);
    expect(values(t.linspace(0, 10, 4, { dtype: "int32" }))).toEqual([0, 3, 6, 10]);
  });

  // i/4 of the way from −a to a is a·(i/2 − 1), also where 2a is no number
  it("crosses a range wider than the largest number", () => {
    const a = 1.5e308;
    expect(values(t.linspace(-a, a, 5, f64))).toEqual([-a, -a / 2, 0, a / 2, a]);
    expect(values(t.linspace(a, -a, 3, f64))).toEqual([a, 0, -a]);
  });

  it.each([NaN, Infinity, -Infinity])("refuses %s", (end) => {
    expect(() => t.linspace(0, end, 3)).toThrow(t.UsageError);
    expect(() => t.linspace(end, 0, 3)).toThrow(t.UsageError);
  });
});

describe("arange", () => {
  it("counts steps as NumPy does, rounding errors and all", () => {
    expect(t.arange(1, 1.3, 0.1, f64).shape).toEqual([4]);
    expect(t.arange(0, 1, 0.1, f64).shape).toEqual([10]);
    expect(values(t.arange(3, 0, -1))).toEqual([3, 2, 1]);
    expect(values(t.arange(0, 3, -1))).toEqual([]);
    expect(values(t.arange(2, 2, 5))).toEqual([]);
    expect(values(t.arange(-0, 2, 1, f64))).toEqual([-0, 1]);
    expect(values(t.arange(0, 1e-300, 1e300, f64))).toEqual([0]);
  });

  it("of whole numbers ends where int32 does", () => {
    expect(values(t.arange(2 ** 31 - 2, 2 ** 31))).toEqual([2147483646, 2147483647]);
    expect(() => t.arange(2 ** 31 - 2, 2 ** 31 + 1)).toThrow(
      "arange: int32 does not hold 2147483648",
    );
    expect(() => t.arange(3e9)).toThrow("arange: int32 does not hold 2999999999");
    expect(values(t.arange(2 ** 31, 2 ** 31 + 2, f64))).toEqual([2147483648, 2147483649]);
  });

  it.each([
    [NaN, 1, 1],
    [0, Infinity, 1],
    [-Infinity, 0, 1],
    [0, 1, Infinity],
    [0, 1, NaN],
    [0, 1, 0],
    [-1e308, 1e308, 1],
  ])("refuses to step from %s to %s by %s", (from, to, step) => {
    expect(() => t.arange(from, to, step)).toThrow(t.UsageError);
  });
});

describe("full and eye", () => {
  it("keep the sign of zero", () => {
    expect(values(t.full([2], -0))).toEqual([-0, -0]);
    expect(values(t.full([1], -0))).toEqual([-0]);
    expect(values(t.pad(t.ones([1]), [[1, 0]], { value: -0 }))).toEqual([-0, 1]);
  });

  it("shift the diagonal by whole numbers", () => {
    expect(t.eye(2, 3, { k: 1 }).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(t.eye(2, 3, { k: -1 }).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(values(t.eye(2, 3, { k: 9 }))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => t.eye(2, 2, { k: 0.5 })).toThrow("eye: k is 0.5");
  });

  it("refuse more than memory holds before they ask for it", () => {
    for (const make of [
      () => t.eye(2 ** 16, 2 ** 16),
      () => t.arange(0, 3e9, 1, { dtype: "float32" }),
      () => t.linspace(0, 1, 3e9),
      () => t.repeat(t.ones([1]), 3e9),
    ]) {
      expect(make).toThrow("more than 3.5 GiB");
      expect(make).toThrow(t.ShapeError);
    }
  });
});
