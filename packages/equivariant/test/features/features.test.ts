/**
 * @file Polynomial features and the window: formulas, the fast path, derivatives at the cut-off.
 */
import { test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import {
  featureCount,
  KernelBasis,
  polynomialFeatures,
  polynomialWindow,
} from "@isograd/equivariant";
import { gelu, rng, stack, type Tensor, tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relativeError } from "../helpers.js";

installMatchers();

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe("polynomialFeatures", () => {
  it.each([
    [1, 3],
    [2, 14],
    [3, 39],
  ])("%i inputs give %i features", (k, count) => {
    expect(featureCount(k)).toBe(count);
    expect(polynomialFeatures(rng(0).normal([5, k])).shape).toEqual([5, count]);
  });

  test.prop([seed])("are the tensor powers", (s) => {
    const x = rng(s, { dtype: "float64" }).normal([3]);
    const v = x.dataSync();
    const expected = [
      ...v,
      ...Array.from(v).flatMap((a) => Array.from(v, (b) => a * b)),
      ...Array.from(v).flatMap((a) =>
        Array.from(v).flatMap((b) => Array.from(v, (c) => a * b * c)),
      ),
    ];
    const close = { rtol: 1e-12, atol: 1e-14 };
    expect(polynomialFeatures(x)).toBeCloseToTensor(expected, close);
  });

  test.prop([seed, fc.integer({ min: 1, max: 4 })], { numRuns: 20 })(
    "the basis computes from distinct monomials what the formula says",
    (s, k) => {
      const random = rng(s, { dtype: "float64" });
      const basis = new KernelBasis(k, 5, 6, { rng: random, dtype: "float64" });
      const columns = Array.from({ length: k }, () => random.normal([7]));
      const { hidden, output } = basis;
      const features = polynomialFeatures(stack(columns, { axis: 1 }));
      const expected = gelu(output.forward(gelu(hidden.forward(features))));
      expect(relativeError(basis.forward(columns), expected)).toBeLessThan(1e-12);
    },
  );
});

describe("polynomialWindow", () => {
  const at = (u: number): Tensor => tensor(u, { dtype: "float64" });
  const window = (x: Tensor): Tensor => polynomialWindow(x.mul(2.5), 2.5);

  test.prop([fc.double({ min: 0, max: 1, noNaN: true })])("is 1 − 28u⁶ + 48u⁷ − 21u⁸", (u) => {
    expect(window(at(u)).item()).toBeCloseTo(1 - 28 * u ** 6 + 48 * u ** 7 - 21 * u ** 8, 12);
  });

  it("is 1 at 0, and 0 from the cut-off on", () => {
    expect(window(at(0)).item()).toBe(1);
    for (const u of [1, 1.2, 100]) expect(Math.abs(window(at(u)).item())).toBeLessThan(1e-13);
  });

  it("has two derivatives that vanish at the cut-off", () => {
    const first = grad(window);
    for (const u of [1 - 1e-6, 1, 1 + 1e-6]) {
      expect(Math.abs(first(at(u)).item())).toBeLessThan(1e-9);
      expect(Math.abs(grad(first)(at(u)).item())).toBeLessThan(1e-3);
    }
    expect(first(at(0.5)).item()).toBeCloseTo(-168 / 32 + 336 / 64 - 168 / 128, 10);
  });

  it("refuses a cut-off that is not positive", () => {
    expect(() => polynomialWindow(at(1), 0)).toThrow("cutoff must be positive: got 0");
  });
});
