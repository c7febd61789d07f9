/** @file NumPy's names inside of compiled functions, and their derivatives. */
import { grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";

type Tensor = t.Tensor;

const square = t.tensor(
  [
    [2, 0.5, 1],
    [0.25, 3, -1],
    [0, 0.5, 4],
  ],
  { dtype: "float64" },
);
const vector = t.tensor([1, -2, 0.5], { dtype: "float64" });

const calls: Readonly<Record<string, (a: Tensor, v: Tensor) => Tensor>> = {
  diag: (a, v) => t.diag(v, { k: 1 }).sum().add(t.diag(a).mul(v)),
  kron: (a, v) => t.kron(a, v),
  multiDot: (a, v) => t.multiDot([v, a, a, v]),
  expm: (a) => t.expm(a),
  "cond of 2": (a) => t.cond(a),
  "cond of 1": (a) => t.cond(a, { p: 1 }),
  rot90: (a, v) => t.rot90(a).mul(v),
  columnStack: (a, v) => t.columnStack([v, a, v]),
};

describe.each(Object.entries(calls))("%s, compiled,", (_, f) => {
  it("gives the same values and gradients as without", () => {
    const slope = grad((a: Tensor, v: Tensor) => f(a, v).square().sum());
    for (const g of [f, slope]) {
      const fast = compile(g);
      const wanted = g(square, vector).toArray();
      for (let i = 0; i < 3; i++) expect(fast(square, vector).toArray()).toEqual(wanted);
      expect(fast.stats()).toHaveLength(1);
      fast.dispose();
    }
  });
});

it("comparisons of whole tensors compile: they read nothing", () => {
  const fast = compile((a: Tensor, b: Tensor) => [
    t.isClose(a, b),
    t.allClose(a, b, { atol: 1 }),
    t.arrayEqual(a, b),
  ]);
  const read = (b: Tensor) => fast(square, b).map((x) => x.toArray());
  for (let i = 0; i < 3; i++) {
    const near = [
      [true, true, true],
      [true, true, true],
      [true, true, true],
    ];
    expect(read(square.add(1e-9))).toEqual([near, true, false]);
    expect(read(square)).toEqual([near, true, true]);
  }
  fast.dispose();
});
