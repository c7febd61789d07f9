/** @file Gradients of composed functions that golden values do not cover. */
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck } from "../src/index.js";

type Tensor = t.Tensor;

const x = t.tensor(
  Float64Array.from({ length: 9 }, (_, i) => Math.sin(2.3 * i + 1) + 0.05 * i),
  { shape: [3, 3], device: "reference" },
);
const y = t.tensor(
  Float64Array.from({ length: 9 }, (_, i) => Math.cos(1.7 * i) + 0.5),
  { shape: [3, 3], device: "reference" },
);

const functions: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  sort: (a) => t.sort(a, { axis: 0, descending: true }),
  topK: (a) => t.topK(a, 2)[0],
  "clip by tensors": (a, b) => t.clip(a, { min: t.sub(b, 1), max: b }),
  repeat: (a) => t.repeat(a, [2, 0, 1], { axis: 1 }),
  uniqueValues: (a) => t.uniqueValues(a),
  cumulativeProd: (a) => t.cumulativeProd(a, { axis: 1, includeInitial: true }),
  cross: (a, b) => t.cross(a, b),
  tensordot: (a, b) => t.tensordot(a, b, { axes: [[0], [1]] }),
  trace: (a) => t.trace(a, { offset: 1 }),
  vectorNorm: (a) => t.vectorNorm(a, { axis: 1, ord: 3 }),
  matrixNorm: (a) => t.matrixNorm(a, { ord: Number.POSITIVE_INFINITY }),
  diff: (a, b) => t.diff(a, { n: 2, prepend: b }),
  roll: (a, b) => t.mul(b, t.roll(a, [1, 2], { axis: [0, 1] })),
};

describe.each(Object.entries(functions))("%s", (name, f) => {
  it("has first and second derivatives", () => {
    t.scope(() => {
      gradcheck(f, [x, y], { name });
      gradgradcheck(f, [x, y], { name, absolute: 1e-5 });
    });
  });
});

describe("where formulas break", () => {
  it("gives 0 for norms of nothing, and for hypot at the origin", () => {
    const zero = t.zeros([2], { dtype: "float64" });
    expect(grad((a: Tensor) => t.vectorNorm(a))(zero).toArray()).toEqual([0, 0]);
    expect(grad((a: Tensor) => t.sum(t.hypot(a, 0)))(zero).toArray()).toEqual([0, 0]);
  });

  it("is exact where a running product meets zeros", () => {
    const a = t.tensor([2, 0, 3], { dtype: "float64" });
    const slope = grad((b: Tensor) => t.sum(t.cumulativeProd(b)))(a);
    expect(slope.toArray()).toEqual([1, 8, 0]);
  });
});
