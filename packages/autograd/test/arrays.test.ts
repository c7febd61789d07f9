/**
 * @file NumPy's names: derivatives of first and second order against differences, under vmap, and
 * those of matrix functions at special matrices.
 */
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, vmap } from "../src/index.js";
import { f64 } from "./helpers.js";

type Tensor = t.Tensor;

const wave = (shape: readonly number[], salt = 0, size = 1): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, k) => size * Math.sin(1.7 * k + salt));
  return f64(values).reshape(shape);
};

/** Far from singular. */
const regular = (n: number): Tensor =>
  wave([n, n], 1).add(t.eye(n, { dtype: "float64", device: "reference" }).mul(4));

const calls: Readonly<Record<string, readonly [f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]]>> =
  {
    "diag of a vector": [(x) => t.diag(x), wave([3])],
    "diag of a vector, below": [(x) => t.diag(x, { k: -2 }), wave([3])],
    "diag of a matrix": [(x) => t.diag(x, { k: 1 }), wave([3, 4])],
    "dot of vectors": [(x, y) => t.dot(x, y), wave([3]), wave([3], 1)],
    "dot of matrices": [(x, y) => t.dot(x, y), wave([2, 3]), wave([2, 3, 2], 1)],
    "dot of a number": [(x, y) => t.dot(x, y), wave([]), wave([2, 2], 1)],
    inner: [(x, y) => t.inner(x, y), wave([2, 3]), wave([2, 3], 1)],
    kron: [(x, y) => t.kron(x, y), wave([2, 2]), wave([3], 1)],
    multiDot: [(x, y, z) => t.multiDot([x, y, z]), wave([2, 3]), wave([3, 4], 1), wave([4], 2)],
    vstack: [(x, y) => t.vstack([x, y]), wave([3]), wave([2, 3], 1)],
    hstack: [(x, y) => t.hstack([x, y]), wave([2, 1]), wave([2, 2], 1)],
    dstack: [(x, y) => t.dstack([x, y]), wave([2, 2]), wave([2, 2], 1)],
    columnStack: [(x, y) => t.columnStack([x, y]), wave([2]), wave([2, 2], 1)],
    rot90: [(x) => t.rot90(x, { k: 3, axes: [1, 2] }), wave([2, 2, 3])],
    expm: [(x) => t.expm(x), wave([3, 3])],
    "expm of a batch": [(x) => t.expm(x), wave([2, 2, 2], 0, 2)],
    "expm of a number": [(x) => t.expm(x), wave([1, 1])],
    ...Object.fromEntries(
      ([2, -2, 1, -1, "fro", "nuc", Infinity, -Infinity] as const).map((p) => [
        `cond of ${p}`,
        [(x: Tensor) => t.cond(x, { p }), regular(3)],
      ]),
    ),
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

describe("expm", () => {
  const sumOf = (x: Tensor) => t.expm(x).sum();

  it("has derivatives at 0, at nilpotent matrices and at the identity", () => {
    t.scope(() => {
      const zero = f64([0, 0, 0, 0]).reshape([2, 2]);
      const one = f64([1, 0, 0, 1]).reshape([2, 2]);
      for (const x of [zero, f64([0, 1, 0, 0]).reshape([2, 2]), one]) {
        gradcheck(t.expm, [x]);
        gradgradcheck(t.expm, [x], { absolute: 1e-5 });
      }
      // d exp(A) at A = 0 is dA
      expect(grad(sumOf)(zero).toArray()).toEqual([
        [1, 1],
        [1, 1],
      ]);
    });
  });

  it("has a derivative that is linear in the cotangent over all sizes", () => {
    t.scope(() => {
      const x = wave([3, 3]);
      const of = (size: number) => grad((a: Tensor) => t.expm(a).mul(size).sum())(x).div(size);
      const usual = of(1);
      for (const size of [1e-200, 1e-9, 1e9, 1e200]) {
        expect(of(size).sub(usual).abs().max().item()).toBeLessThan(1e-14);
      }
      expect(
        grad((a: Tensor) => t.expm(a).mul(0).sum())(x)
          .abs()
          .max()
          .item(),
      ).toBe(0);
    });
  });

  // The trace of exp(A) has the gradient exp(A)ᵀ.
  it("has the gradient of the trace", () => {
    t.scope(() => {
      const x = wave([4, 4], 0, 3);
      const slope = grad((a: Tensor) => t.trace(t.expm(a)))(x);
      const whole = t.expm(x);
      const off = slope.sub(whole.mT).abs().max().item() / whole.abs().max().item();
      expect(off).toBeLessThan(1e-14);
    });
  });
});
