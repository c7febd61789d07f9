/**
 * @file Polynomial and radial features, windows: formulas, the fast path, derivatives at the
 * cut-off.
 */
import { test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import {
  cosineWindow,
  featureCount,
  KernelBasis,
  polynomialFeatures,
  polynomialWindow,
  radialBasis,
} from "@isograd/equivariant";
import { eye, gelu, linspace, rng, stack, type Tensor, tensor } from "@isograd/tensor";
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

describe("cosineWindow", () => {
  const window = (x: Tensor): Tensor => cosineWindow(x, 2);
  const at = (u: number): Tensor => tensor(u, { dtype: "float64" });

  it("is 1 at 0 with slope 0, and vanishes at the cut-off with its derivatives", () => {
    expect(window(at(0)).item()).toBe(1);
    expect(window(at(1)).item()).toBeCloseTo(0.25, 14);
    const [first, second] = [grad(window), grad(grad(window))];
    for (const x of [2 - 1e-6, 2, 3]) {
      expect(Math.abs(window(at(x)).item())).toBeLessThan(1e-12);
      expect(Math.abs(first(at(x)).item())).toBeLessThan(1e-12);
      expect(Math.abs(second(at(x)).item())).toBeLessThan(1e-9);
    }
  });
});

describe("radialBasis", () => {
  const distances = tensor([0, 0.3, 1.1, 2], { dtype: "float64" });

  it("gaussian: a bump at each centre", () => {
    const found = radialBasis(distances, 2, { kind: "gaussian", size: 5 }).toArray() as number[][];
    [0, 0.3, 1.1, 2].forEach((r, i) => {
      [0, 0.5, 1, 1.5, 2].forEach((centre, k) => {
        expect(found[i]![k]).toBeCloseTo(Math.exp(-((r - centre) ** 2) / (2 * 0.25)), 12);
      });
    });
  });

  it("bessel: √(2/c) sin(kπ r/c)/r, orthonormal with weight r²", () => {
    const n = 2000;
    const r = linspace(0, 3, n + 1, { dtype: "float64" });
    const waves = radialBasis(r, 3, { kind: "bessel", size: 3 }).mul(r.expandDims(-1));
    const products = waves.mT.matmul(waves).mul(3 / n);
    const gap = products
      .sub(eye(3, 3, { dtype: "float64" }))
      .abs()
      .max()
      .item();
    expect(gap).toBeLessThan(1e-9);
    const atZero = radialBasis(distances, 2, { kind: "bessel", size: 3 }).slice([0]);
    expect(atZero.toArray()).toEqual([1, 2, 3].map((k) => expect.closeTo((k * Math.PI) / 2, 8)));
  });

  it.each([
    // mpmath with 30 digits: Σₖ f, f', f'' of the first three waves up to 2; at 0 f'' = −Σ
    // (kπ/2)³/3
    [0, 9.42477796076938, 0, -46.5094150204497],
    [1e-6, 9.42477796074613, -4.65094150203617e-5, -46.5094150201858],
    [0.45, 5.53283678506536, -14.0203488887189, -4.98687058177163],
    [1.3, -0.0572653347898541, 1.65532965167977, 4.57648234399564],
  ])("bessel waves at %f and two of their derivatives", (r, value, slope, bend) => {
    for (const [dtype, digits] of [
      ["float64", 1e-12],
      ["float32", 3e-6],
    ] as const) {
      const at = tensor(r, { dtype });
      const f = (x: Tensor) => radialBasis(x, 2, { kind: "bessel", size: 3 }).sum();
      const found = [f(at), grad(f)(at), grad((x: Tensor) => grad(f)(x))(at)];
      const off = [value, slope, bend].map(
        (w, i) => Math.abs((found[i] as Tensor).item() - w) / 47,
      );
      expect(Math.max(...off)).toBeLessThan(digits);
    }
  });

  it("has finite gradients at 0, and refuses what makes no sense", () => {
    for (const kind of ["gaussian", "bessel"] as const) {
      const f = (x: Tensor) => radialBasis(x, 2, { kind, size: 4 }).sum();
      expect(grad(f)(distances).isFinite().all().item()).toBe(1);
    }
    const bad =
      (kind: string, size: number, cutoff = 1) =>
      () =>
        radialBasis(distances, cutoff, { kind: kind as "bessel", size });
    expect(bad("gaussian", 1)).toThrow("cannot make 1 functions");
    expect(bad("bessel", 2, 0)).toThrow("cutoff must be positive");
    expect(bad("spline", 2)).toThrow("take gaussian or bessel");
  });
});
