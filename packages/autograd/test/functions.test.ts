/**
 * @file Functions made of other ops, and special functions: derivatives of first and second order,
 * under vmap, at special numbers.
 */
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, jacobian, vmap } from "../src/index.js";
import { f64 } from "./helpers.js";

type Tensor = t.Tensor;

const wave = (shape: readonly number[], salt = 0, mean = 0): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return f64(Array.from({ length: size }, (_, k) => mean + Math.sin(1.7 * k + salt))).reshape(
    shape,
  );
};

const calls: Readonly<Record<string, readonly [f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]]>> =
  {
    nanToNum: [(x) => t.nanToNum(x), wave([5])],
    cumulativeLogSumExp: [(x) => t.cumulativeLogSumExp(x), wave([7])],
    "cumulativeLogSumExp along an axis": [
      (x) => t.cumulativeLogSumExp(x, { axis: 0, includeInitial: true }).slice([[1, 4]]),
      wave([3, 2]),
    ],
    ...Object.fromEntries(
      [2, 1, 3, 0.5, Infinity].map((p) => [
        `cdist of ${p}`,
        [(x: Tensor, y: Tensor) => t.cdist(x, y, { p }), wave([3, 2]), wave([2, 2], 1)],
      ]),
    ),
    "cdist of batches": [(x, y) => t.cdist(x, y), wave([2, 2, 2]), wave([3, 2], 1)],
    "the remainder of divmod": [(x, y) => t.divmod(x, y)[1], wave([4], 0, 3), wave([4], 1, 2)],
    sinc: [(x) => t.sinc(x), wave([5], 1)],
    fmod: [(x, y) => t.fmod(x, y), wave([4], 0, -3), wave([4], 1, 2)],
    "lgamma below 0": [(x) => t.lgamma(x), wave([6], 2, -2.6)],
    "digamma below 0": [(x) => t.digamma(x), f64([-0.4, -1.6, -2.3, -10.45])],
    "polygamma below 0": [(x) => t.polygamma(3, x), f64([-0.4, -1.6, -2.3])],
  };

describe.each(Object.entries(calls))("%s", (_, [f, ...xs]) => {
  it("has the derivatives of differences", () => {
    t.scope(() => {
      gradcheck(f, xs);
      gradgradcheck(f, xs, { absolute: 1e-5 });
    });
  });

  it("runs on many samples at once", () => {
    t.scope(() => {
      const many = xs.map((x) => t.stack([x, x.mul(0.9), x.mul(1.1)]));
      const slope = (...ys: Tensor[]) => grad((zs: Tensor[]) => f(...zs).sum())(ys)[0] as Tensor;
      for (const g of [f, slope]) {
        const got = vmap(g)(...many);
        const each = [0, 1, 2].map((k) => g(...many.map((y) => y.slice([k]))));
        expect(got.sub(t.stack(each)).abs().max().item()).toBeLessThan(1e-12);
      }
    });
  });
});

const slopes = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => f(x).sum());

describe("bad calls", () => {
  const [row, x] = [f64([1, 2]), f64([[1, 2]])];
  it.each([
    [() => t.cdist(row, x), "cdist: rows of [2] and [1, 2] cannot be compared"],
    [() => t.cdist(x, f64([[1]])), "cdist: rows of [1, 2] and [1, 1] cannot be compared"],
    [() => t.cdist(x, x, { p: -1 }), "cdist: p is -1"],
    [() => t.cdist(x, x, { p: NaN }), "cdist: p is NaN"],
    [() => t.divmod(row, f64([1, 2, 3])), "divmod: shapes do not broadcast: [2] and [3]"],
    [() => t.cumulativeLogSumExp(x), "cumulativeLogSumExp: [1, 2] is not 1-d"],
    [() => t.nanToNum(x, { nan: "0" as never }), "nanToNum: option nan must be a number"],
  ])("%s", (call, says) => {
    expect(call).toThrow(says);
    expect(call).toThrow(/\n {2}help: \S/);
  });
});

describe("at special numbers", () => {
  it("nothing leaks out of what nanToNum replaces", () => {
    const x = f64([NaN, Infinity, -Infinity, 2]);
    expect(slopes((y) => t.nanToNum(y).square())(x).toArray()).toEqual([0, 0, 0, 4]);
    expect(slopes(slopes((y) => t.nanToNum(y).square()))(x).toArray()).toEqual([0, 0, 0, 2]);
  });

  it("running sums of exponentials begin with −∞ and go on after ∞", () => {
    const x = f64([-Infinity, -Infinity, 1]);
    expect(slopes((y) => t.cumulativeLogSumExp(y))(x).toArray()).toEqual([1, 0, 1]);
    expect(slopes((y) => t.cumulativeLogSumExp(y))(f64([0, Infinity, 2])).toArray()).toEqual([
      1, 2, 0,
    ]);
  });

  it("coinciding rows have distance 0 and gradient 0", () => {
    const x = f64([[1, 2]]);
    for (const p of [2, 1, 3, Infinity]) {
      const [gx, gy] = grad(([a, b]: Tensor[]) => t.cdist(a as Tensor, b as Tensor, { p }).sum())([
        x,
        x.add(0),
      ]) as [Tensor, Tensor];
      expect([gx.abs().max().item(), gy.abs().max().item()]).toEqual([0, 0]);
    }
  });

  it("sinc has exact derivatives at 0, near 0 and at whole numbers", () => {
    const [d1, d2, d3, d4] = [1, 2, 3, 4].map((n) => {
      let f = (x: Tensor) => t.sinc(x);
      for (let k = 0; k < n; k++) f = slopes(f);
      return [...f(f64([0, 1e-9, 1, 2])).dataSync()];
    }) as [number[], number[], number[], number[]];
    const P = Math.PI ** 2;
    expect(d1).toEqual([-0, expect.closeTo((-P / 3) * 1e-9, 22), -1, 0.5]);
    expect(d2[0]).toBeCloseTo(-P / 3, 14);
    expect(d2[1]).toBeCloseTo(-P / 3, 14);
    expect(d2[2]).toBeCloseTo(2, 14);
    expect([d3[0], d4[0]]).toEqual([0, expect.closeTo((P * P) / 5, 12)]);
  });

  it("x log x has no NaN at 0", () => {
    const entropy = (p: Tensor) => t.xlogy(p, p).sum().neg();
    expect(grad(entropy)(f64([0, 1])).toArray()).toEqual([0, -1]);
    const [dx, dy] = [0, 1].map((i) =>
      jacobian((v: Tensor) => t.xlogy(v.slice([0]), v.slice([1])))(f64([0, 3]))
        .slice([i])
        .item(),
    );
    expect([dx, dy]).toEqual([Math.log(3), 0]);
  });

  it("polygammas are the derivatives of each other", () => {
    const x = f64([0.3, 1.4616321449683622, 7, -3.3]);
    for (const n of [0, 1, 2]) {
      const got = slopes((y) => t.polygamma(n, y))(x);
      expect(got.toArray()).toEqual(t.polygamma(n + 1, x).toArray());
    }
  });
});
