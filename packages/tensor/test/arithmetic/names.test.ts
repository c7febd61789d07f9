/** @file What the array API and NumPy call things: shapes as numbers, rows by iteration, JSON, options of linear algebra. */
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const F = { dtype: "float64" } as const;

describe("shapes as numbers", () => {
  it("stand for vectors", () => {
    for (const x of [t.zeros(3), t.ones(3), t.full(3, 2)]) expect(x.shape).toEqual([3]);
    expect(t.zeros(0).shape).toEqual([0]);
    expect(() => t.zeros(-1)).toThrow("zeros: shape [-1] has the length -1");
    expect(() => t.ones(1.5)).toThrow("ones: shape [1.5] has the length 1.5");
  });

  it("and eye takes options in the second place", () => {
    expect(t.eye(2, { k: 1 }).toArray()).toEqual([
      [0, 1],
      [0, 0],
    ]);
    expect(t.eye(2, 3, { k: -1 }).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(t.eye(2, undefined, { dtype: "int32" }).dtype).toBe("int32");
    expect(() => t.eye(2, { n: 1 } as never)).toThrow('eye: has no option "n"');
    expect(() => t.eye(2, { k: 1 }, { k: 1 })).toThrow("eye: shape [2, ");
  });
});

describe("a tensor", () => {
  const x = t.tensor([
    [1, 2],
    [3, 4],
  ]);

  it("has ndim, which is its rank", () => {
    expect([x.ndim, t.tensor(1).ndim]).toEqual([2, 0]);
    expect(() => Object.assign(x, { ndim: 1 })).toThrow("ndim");
  });

  it("gives its rows one by one", () => {
    expect([...x].map((row) => row.toArray())).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(Array.from(t.tensor([5, 6]), (y) => y.item())).toEqual([5, 6]);
    const [first, second] = x;
    expect([first?.toArray(), second?.toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([...t.zeros([0, 3])]).toEqual([]);
    expect(() => [...t.tensor(1)]).toThrow("unstack: axis 0 is out of range for []");
  });

  it("is its values in JSON", () => {
    expect(JSON.stringify({ x, flags: t.tensor([true]) })).toBe(
      '{"x":[[1,2],[3,4]],"flags":[true]}',
    );
    expect(JSON.stringify(t.tensor([Number.NaN, Number.POSITIVE_INFINITY]))).toBe("[null,null]");
  });
});

describe("options of linear algebra", () => {
  // np.linalg.cholesky([[4, 2], [2, 5]]) = [[2, 0], [1, 2]]
  it("cholesky gives the upper factor, too", () => {
    const a = t.tensor(
      [
        [4, 2],
        [2, 5],
      ],
      F,
    );
    expect(t.cholesky(a, { upper: true }).toArray()).toEqual([
      [2, 1],
      [0, 2],
    ]);
    expect(t.cholesky(a, { upper: false }).toArray()).toEqual([
      [2, 0],
      [1, 2],
    ]);
    expect(() => t.cholesky(a, { lower: true } as never)).toThrow(
      'cholesky: has no option "lower"',
    );
  });

  it("trace adds up in a dtype", () => {
    const a = t.tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "int32" },
    );
    const sum = t.trace(a, { dtype: "float64" });
    expect([sum.dtype, sum.item()]).toEqual(["float64", 5]);
    expect(t.trace(a, { offset: 1, dtype: "float32" }).item()).toBe(2);
  });

  // np.linalg.pinv(np.diag([2, 1]), rcond=0.6) = diag(0.5, 0)
  it("pinv and matrixRank take a share for each matrix", () => {
    const a = t.tensor(
      [
        [
          [2, 0],
          [0, 1],
        ],
        [
          [2, 0],
          [0, 1],
        ],
      ],
      F,
    );
    const rtol = t.tensor([0.1, 0.6]);
    expect(t.matrixRank(a, { rtol }).toArray()).toEqual([2, 1]);
    expect(t.pinv(a, { rtol }).toArray()).toEqual([
      [
        [0.5, 0],
        [0, 1],
      ],
      [
        [0.5, 0],
        [0, 0],
      ],
    ]);
    expect(t.pinv(a, { rtol: t.tensor(0.6) }).toArray()).toEqual(
      t.pinv(a, { rtol: 0.6 }).toArray(),
    );
    expect(() => t.pinv(a, { rtol: t.ones([3]) })).toThrow("[3]");
    expect(() => t.pinv(a, { rtol: "small" as never })).toThrow("pinv: needs a tensor");
    expect(() => t.matrixRank(a, { rtol: t.ones([3]) })).toThrow("shapes do not broadcast");
  });

  it("nextafter takes numbers", () => {
    expect(t.nextafter(1, 2).item() - 1).toBe(2 ** -23);
    expect(t.nextafter(t.tensor([1], F), 0).item() - 1).toBe(-(2 ** -53));
    expect(t.nextafter(0, t.tensor([-1], F)).item()).toBe(-Number.MIN_VALUE);
  });
});

// NumPy: np.full(10**7, 0.1, np.float32).sum() is 1e-7 off
describe("sums of float32", () => {
  const n = 2 ** 20;
  const x = t.full([n], 0.1);
  const exact = n * Math.fround(0.1);
  const off = (y: t.Tensor, to = exact) => Math.abs(y.item() - to) / to;

  it.each([
    ["sum", () => off(t.sum(x))],
    ["mean", () => off(t.mean(x), Math.fround(0.1))],
    [
      "sum of columns",
      () =>
        off(
          t
            .sum(t.reshape(x, [-1, 4]), { axis: 0 })
            .at(1)
            .get(),
          exact / 4,
        ),
    ],
    [
      "sum of many columns",
      () =>
        off(
          t
            .sum(t.reshape(x, [-1, 64]), { axis: 0 })
            .at(1)
            .get(),
          exact / 64,
        ),
    ],
    [
      "sum of rows",
      () =>
        off(
          t
            .sum(t.reshape(x, [8, -1]), { axis: 1 })
            .at(1)
            .get(),
          exact / 8,
        ),
    ],
    ["cumulativeSum", () => off(t.cumulativeSum(x).at(-1).get())],
    ["segmentSum", () => off(t.segmentSum(x, t.zeros([n], { dtype: "int32" }), 1))],
    [
      "segmentSum of rows",
      () =>
        off(
          t
            .segmentSum(t.reshape(x, [-1, 4]), t.zeros([n / 4], { dtype: "int32" }), 1)
            .at(0, 0)
            .get(),
          exact / 4,
        ),
    ],
    ["indexAdd", () => off(t.indexAdd(t.zeros(1), t.zeros([n], { dtype: "int32" }), x))],
    ["addAlongAxis", () => off(t.addAlongAxis(x, t.zeros([n], { dtype: "int32" }), 1))],
    ["vectorNorm", () => off(t.vectorNorm(x), Math.sqrt(n) * Math.fround(0.1))],
  ])("%s is right to 3e-7", (_, error) => {
    expect(error()).toBeLessThan(3e-7);
  });
});
