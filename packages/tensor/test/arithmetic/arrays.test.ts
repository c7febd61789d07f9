/** @file NumPy's names where golden values do not reach: special numbers, dtypes, bad calls. */
import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const f64 = (values: t.TensorValues) => t.tensor(values, { dtype: "float64" });
const f64Square = (...values: number[]) => f64(values).reshape([2, 2]);
const flat = (x: t.Tensor) => Array.from(x.dataSync());

describe("cond", () => {
  const wide = f64([
    [1, 2],
    [3, 4],
  ]);
  const singular = f64([
    [1, 2],
    [2, 4],
  ]);

  // np.linalg.cond(wide, p), NumPy 1.24
  it.each<[number | "fro" | "nuc", number]>([
    [2, 14.933034373659265],
    [-2, 0.06696562634074718],
    [1, 20.999999999999993],
    [-1, 5.999999999999998],
    ["fro", 14.999999999999998],
    ["nuc", 16.999999999999989],
    [infinity, 20.999999999999993],
    [-infinity, 5.999999999999998],
  ])("of %s", (p, expected) => {
    expect(Math.abs(t.cond(wide, { p }).item() / expected - 1)).toBeLessThan(1e-14);
  });

  // np.linalg.cond(singular, p) is inf for these; np.linalg.cond(np.zeros((2, 2))) is inf too
  it("is infinite for singular matrices, and only for those of a batch", () => {
    for (const p of [1, -1, "fro", "nuc", infinity, -infinity] as const) {
      expect(t.cond(singular, { p }).item()).toBe(infinity);
      expect(t.cond(t.stack([singular, wide]), { p }).toArray()).toEqual([
        infinity,
        t.cond(wide, { p }).item(),
      ]);
    }
    expect(t.cond(t.zeros([2, 2])).item()).toBe(infinity);
    expect(t.cond(singular).item()).toBeGreaterThan(1e15);
  });

  it("is NaN where the matrix is", () => {
    for (const p of [2, 1, "fro", infinity] as const) {
      expect(t.cond(f64Square(nan, 1, 0, 1), { p }).item()).toBeNaN();
    }
  });

  it("takes integers and any shape", () => {
    const x = t.tensor([4, 0, 0, 0, 2, 0], { dtype: "int32", shape: [2, 3] });
    expect(t.cond(x).toString()).toBe("Tensor(float32, []) 2");
    expect(t.cond(t.ones([0, 2, 2])).shape).toEqual([0]);
  });
});

describe("expm", () => {
  forEachDevice(["cpu", "reference"], (device) => {
    const on = (values: number[], dtype: t.DType = "float64") =>
      t.tensor(values, { dtype, device, shape: [2, 2] });

    it("is exact at 0, at nilpotent matrices and of diagonals", () => {
      expect(flat(t.expm(on([0, 0, 0, 0])))).toEqual([1, 0, 0, 1]);
      expect(flat(t.expm(on([0, 7, 0, 0])))).toEqual([1, 7, 0, 1]);
      expect(flat(t.expm(on([-1e300, 0, 0, 800])))).toEqual([0, 0, 0, infinity]);
    });

    it("is right for matrices of large norm", () => {
      // exp of t (−1 1; 1 −1) is ½ (1 + e⁻²ᵗ, 1 − e⁻²ᵗ; …)
      for (const size of [3, 100, 1e4, 1e8]) {
        const found = flat(t.expm(on([-size, size, size, -size])));
        const [a, b] = [0.5 * (1 + Math.exp(-2 * size)), -0.5 * Math.expm1(-2 * size)];
        [a, b, b, a].forEach((x, i) => {
          const off = Math.abs((found[i] as number) / x - 1);
          expect(off).toBeLessThan(1e-15 * Math.max(10, size));
        });
      }
    });

    it("is NaN for what is not finite, in that matrix alone", () => {
      const x = t.stack([on([nan, 0, 0, 0]), on([0, 1, 0, 0])]);
      expect(flat(t.expm(x))).toEqual([nan, nan, nan, nan, 1, 1, 0, 1]);
      expect(flat(t.expm(on([infinity, 1, 0, 0])))).toEqual([nan, nan, nan, nan]);
    });

    it("makes float32 of integers", () => {
      expect(t.expm(on([0, 1, 0, 0], "int32")).dtype).toBe("float32");
    });
  });
});

describe("spaced numbers and windows", () => {
  it("have exact ends and the dtype asked for", () => {
    const x = t.geomspace(0.1, 0.7, 5, { dtype: "float64" }).toArray() as number[];
    expect([x[0], x[4]]).toEqual([0.1, 0.7]);
    expect(t.logspace(0, 3, 4, { dtype: "int32" }).toString()).toBe(
      "Tensor(int32, [4]) [1, 10, 100, 1000]",
    );
    const far = t.geomspace(5e-324, 1e308, 3, { dtype: "float64" }).toArray() as number[];
    expect(Math.abs((far[1] as number) / Math.sqrt(5e-324 * 1e308) - 1)).toBeLessThan(1e-12);
    expect(t.logspace(-1e308, 1e308, 3, { dtype: "float64" }).toArray()).toEqual([0, 1, infinity]);
    expect(t.hann(3, { device: "reference" }).device).toBe("reference");
    expect(t.blackman(0).shape).toEqual([0]);
  });

  // scipy.signal.windows are symmetric; NumPy's hanning is 0 at both ends
  it("are symmetric to the bit", () => {
    for (const f of [t.hann, t.hamming, t.blackman]) {
      const w = f(12, { dtype: "float64" });
      expect(t.flip(w).toArray()).toEqual(w.toArray());
    }
  });
});

it("multiDot multiplies in the cheapest order", () => {
  // In the order of the list it would make a matrix of 4·10⁸ numbers.
  const [a, b, c] = [t.ones([20000, 1]), t.ones([1, 20000]), t.ones([20000, 1])];
  expect(t.multiDot([a, b, c]).shape).toEqual([20000, 1]);
});

it("multiDot and kron promote dtypes", () => {
  const i = t.tensor([[1, 2]], { dtype: "int32" });
  expect(t.multiDot([i, f64([1, 1])]).toString()).toBe("Tensor(float64, [1]) [3]");
  expect(t.kron(t.tensor([2]), t.squeeze(i)).toString()).toBe("Tensor(float32, [2]) [2, 4]");
});

describe("bad calls", () => {
  const [square, row, vector] = [t.ones([2, 2]), t.ones([1, 3]), t.ones([3])];
  const wrong = (x: unknown): never => x as never;
  const shape = "is neither a vector nor a matrix";
  it.each<[name: string, call: () => unknown, says: string]>([
    ["diag", () => t.diag(t.ones([2, 2, 2])), `diag: [2, 2, 2] ${shape}`],
    ["diag", () => t.diag(t.ones([])), `diag: [] ${shape}`],
    ["diag", () => t.diag(vector, { k: 0.5 }), "diag: k is 0.5"],
    ["diag", () => t.diag(vector, { offset: 1 } as never), 'diag: has no option "offset"'],
    [
      "dot",
      () => t.dot(square, vector),
      "dot: the last axis of [2, 2] does not fit axis -1 of [3]",
    ],
    ["dot", () => t.dot(vector, square), "does not fit axis -2 of [2, 2]"],
    ["inner", () => t.inner(row, square), "inner: the last axis of [1, 3] does not fit"],
    ["kron", () => t.kron(vector, wrong(2)), "kron: needs a tensor, got a number"],
    ["multiDot", () => t.multiDot([square]), "multiDot: needs two matrices, got 1"],
    ["multiDot", () => t.multiDot([square, row]), "operands 0 and 1 do not fit: [2, 2] · [1, 3]"],
    ["multiDot", () => t.multiDot([square, t.ones([2]), square]), "operand 1 is no matrix"],
    ["multiDot", () => t.multiDot(wrong(square)), "multiDot: needs a list of tensors"],
    ["vstack", () => t.vstack([square, row]), "vstack: [2, 2], [1, 3] do not fit"],
    ["vstack", () => t.vstack([]), "vstack: no tensors to join"],
    ["hstack", () => t.hstack([square, row]), "hstack: [2, 2], [1, 3] do not fit"],
    ["hstack", () => t.hstack([vector, row]), "joined along axis 0 are [3] and [1, 3]"],
    ["dstack", () => t.dstack([square, row]), "dstack: [2, 2], [1, 3] do not fit"],
    ["columnStack", () => t.columnStack([vector, square]), "are [3, 1] and [2, 2]"],
    ["columnStack", () => t.columnStack(wrong(vector)), "columnStack: needs a list of tensors"],
    ["rot90", () => t.rot90(vector), "rot90: axis 1 is out of range for [3]"],
    ["rot90", () => t.rot90(square, { k: 0.5 }), "rot90: k is 0.5"],
    ["rot90", () => t.rot90(square, { axes: [0, 0] }), "is given twice"],
    ["rot90", () => t.rot90(square, { axes: wrong([0]) }), "names no plane of [2, 2]"],
    ["logspace", () => t.logspace(0, infinity, 3), "logspace: nothing lies between 0 and Infinity"],
    ["logspace", () => t.logspace(0, 99, 3, { dtype: "int32" }), "logspace: int32 does not hold"],
    ["logspace", () => t.logspace(0, 1, 2.5), "logspace: "],
    ["logspace", () => t.logspace(0, 1, 2, { base: wrong("2") }), "option base must be a number"],
    ["geomspace", () => t.geomspace(0, 1, 3), "geomspace: no quotient leads from 0 to 1"],
    ["geomspace", () => t.geomspace(-1, 1, 3), "no quotient leads from -1 to 1"],
    ["geomspace", () => t.geomspace(1, nan, 3), "nothing lies between 1 and NaN"],
    ["hann", () => t.hann(-1), "hann: shape [-1] has the length -1"],
    ["hamming", () => t.hamming(4, { dtype: "int32" }), "hamming: a window of int32"],
    ["blackman", () => t.blackman(4, { sym: false } as never), 'blackman: has no option "sym"'],
    [
      "isClose",
      () => t.isClose(square, row),
      "isClose: shapes do not broadcast: [2, 2] and [1, 3]",
    ],
    ["isClose", () => t.isClose(square, 1, { rtol: wrong("1") }), "option rtol must be a number"],
    ["allClose", () => t.allClose(square, wrong([1])), "allClose: needs a tensor, got an array"],
    ["arrayEqual", () => t.arrayEqual(square, wrong(1)), "arrayEqual: needs a tensor"],
    ["expm", () => t.expm(row), "expm: the matrix is not square: [1, 3]"],
    ["expm", () => t.expm(vector), "expm: needs a matrix, got [3]"],
    ["cond", () => t.cond(row, { p: 1 }), "cond: the matrix is not square: [1, 3]"],
    ["cond", () => t.cond(square, { p: 3 }), "cond: there is no norm 3"],
    ["cond", () => t.cond(t.ones([0, 0])), "cond: the matrix is empty: [0, 0]"],
  ])("of %s", (name, call, says) => {
    expect(call).toThrow(t.IsogradError);
    expect(call).toThrow(says);
    expect(call).toThrow(new RegExp(`^${name}: .*\n {2}help: \\S`, "s"));
  });
});
