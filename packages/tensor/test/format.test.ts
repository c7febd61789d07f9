/** @file The text of tensors, character by character, and beside what NumPy prints. */
import { describe, expect, it } from "vitest";
import { type DType, makeArray } from "../src/base/dtype.js";
import { DeviceError } from "../src/base/errors.js";
import { formatTensor, toNested } from "../src/base/print/format.js";
import type { PrintOptions } from "../src/base/print/numbers.js";
import type { Shape } from "../src/base/shape.js";

function text(
  values: readonly number[],
  shape: Shape = [values.length],
  dtype: DType = "float32",
  options: PrintOptions = {},
): string {
  const data = makeArray(dtype, values.length);
  data.set(values);
  const tensor = { shape, dtype, size: data.length, device: "cpu", disposed: false };
  return formatTensor({ ...tensor, dataSync: () => data }, options);
}

const range = (n: number, scale = 1): number[] => Array.from({ length: n }, (_, i) => i * scale);

describe("one line for vectors and numbers", () => {
  it.each([
    [text([0, 0.76159415]), "Tensor(float32, [2]) [0, 0.7616]"],
    [text([0.5], []), "Tensor(float32, []) 0.5"],
    [text([0.1, 1.5, 2, 100]), "Tensor(float32, [4]) [0.1, 1.5, 2, 100]"],
    [text([NaN, Infinity, -Infinity, -0]), "Tensor(float32, [4]) [NaN, inf, -inf, -0]"],
    [text([1, 0, 1], [3], "bool"), "Tensor(bool, [3]) [true, false, true]"],
    [text([1], [], "bool"), "Tensor(bool, []) true"],
    [text([-2147483648, 7], [2], "int32"), "Tensor(int32, [2]) [-2147483648, 7]"],
    [text([], [0]), "Tensor(float32, [0]) []"],
    [text([], [2, 0, 3]), "Tensor(float32, [2, 0, 3]) []"],
    [text([7], [1]), "Tensor(float32, [1]) [7]"],
    [text([-1e-5], []), "Tensor(float32, []) -1e-05"],
    [text([1e8, 1]), "Tensor(float32, [2]) [1e+08, 1e+00]"],
    [text([99999992, 0.0001]), "Tensor(float32, [2]) [99999992, 0.0001]"],
    [text([1e-10, 1.2345678]), "Tensor(float32, [2]) [1e-10, 1.2346e+00]"],
    [text([123456.789]), "Tensor(float32, [1]) [123456.79]"],
    [text([123456.789], [1], "float64"), "Tensor(float64, [1]) [123456.789]"],
    [text([1e300, 5e-324], [2], "float64"), "Tensor(float64, [2]) [1e+300, 4.9407e-324]"],
    [text([-0.00004999, 0]), "Tensor(float32, [2]) [-4.999e-05, 0e+00]"],
  ])("%s", (received, expected) => expect(received).toBe(expected));
});

describe("columns", () => {
  it("lines up the points", () => {
    expect(text([1, -20.25, NaN, Infinity, -0, 1e-3], [2, 3])).toBe(
      [
        "Tensor(float32, [2, 3])",
        "[[  1    , -20.25 ,     NaN],",
        " [    inf,  -0    ,   0.001]]",
      ].join("\n"),
    );
  });

  it("fills mantissas with zeros when there are exponents", () => {
    expect(text([1e-10, 1.234, 3e9, NaN], [2, 2])).toBe(
      "Tensor(float32, [2, 2])\n[[1.000e-10, 1.234e+00],\n [3.000e+09,       NaN]]",
    );
  });

  it("separates matrices by an empty line", () => {
    expect(text(range(8), [2, 2, 2], "int32")).toBe(
      "Tensor(int32, [2, 2, 2])\n[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]",
    );
  });

  it("prints words at the right edge", () => {
    expect(text([1, 0, 0, 1], [2, 2], "bool")).toBe(
      "Tensor(bool, [2, 2])\n[[ true, false],\n [false,  true]]",
    );
  });

  it("breaks long rows", () => {
    const printed = text(range(30, 1 / 7));
    expect(printed.split("\n").length).toBe(4);
    expect(Math.max(...printed.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text(range(4), [4], "float32", { lineWidth: 10 })).toBe(
      "Tensor(float32, [4])\n[0, 1, 2,\n 3]",
    );
  });
});

describe("summaries", () => {
  it("keeps three at each edge beyond 1000 elements", () => {
    expect(text(range(1001))).toBe("Tensor(float32, [1001]) [0, 1, 2, …, 998, 999, 1000]");
    expect(text(range(1000))).not.toContain("…");
    expect(text(range(2000), [40, 50], "int32").split("\n")).toEqual([
      "Tensor(int32, [40, 50])",
      "[[   0,    1,    2, …,   47,   48,   49],",
      " [  50,   51,   52, …,   97,   98,   99],",
      " [ 100,  101,  102, …,  147,  148,  149],",
      " …,",
      " [1850, 1851, 1852, …, 1897, 1898, 1899],",
      " [1900, 1901, 1902, …, 1947, 1948, 1949],",
      " [1950, 1951, 1952, …, 1997, 1998, 1999]]",
    ]);
  });

  it("leaves short axes whole", () => {
    expect(text(range(2000), [2, 1000], "int32")).toBe(
      "Tensor(int32, [2, 1000])\n[[   0,    1,    2, …,  997,  998,  999],\n" +
        " [1000, 1001, 1002, …, 1997, 1998, 1999]]",
    );
  });

  it("follows its options", () => {
    const options = { threshold: 4, edgeItems: 1, precision: 2 };
    expect(text(range(5, 0.126), [5], "float64", options)).toBe("Tensor(float64, [5]) [0, …, 0.5]");
  });
});

// Printed by NumPy 1.24: np.array2string(a, separator=", ", precision=4), a float32.
const NUMPY: readonly [readonly number[], Shape, string][] = [
  [[1, 2.5, 3, 4, 5, 6], [2, 3], "[[1. , 2.5, 3. ],\n [4. , 5. , 6. ]]"],
  [[0.1, -22.25, 3, 0.12345], [2, 2], "[[  0.1   , -22.25  ],\n [  3.    ,   0.1235]]"],
  [
    [NaN, 0.5, Infinity, -1.25, -Infinity, 2],
    [3, 2],
    "[[  nan,  0.5 ],\n [  inf, -1.25],\n [ -inf,  2.  ]]",
  ],
  [[1e-10, 1.234, 3e9, -2], [2, 2], "[[ 1.000e-10,  1.234e+00],\n [ 3.000e+09, -2.000e+00]]"],
  [range(8, 0.5), [2, 2, 2], "[[[0. , 0.5],\n  [1. , 1.5]],\n\n [[2. , 2.5],\n  [3. , 3.5]]]"],
];

describe("beside NumPy", () => {
  it.each(NUMPY)("%j %j", (values, shape, numpy) => {
    // Two differences by choice: whole numbers have no point, and NaN is spelt as in JavaScript.
    const expected = numpy.replace(/(?<=\d)\.(?=[ ,\]])/g, " ").replaceAll("nan", "NaN");
    expect(text(values, shape).split("\n").slice(1).join("\n")).toBe(expected);
  });
});

describe("tensors that cannot be read", () => {
  const base = { shape: [2], dtype: "float32" as const, size: 2, device: "gpu", disposed: false };
  const fail = (error: Error) => () => {
    throw error;
  };

  it("says so", () => {
    const dataSync = fail(new DeviceError("dataSync", "cannot wait"));
    expect(formatTensor({ ...base, dataSync })).toBe(
      "Tensor(float32, [2]) (on gpu: read it with await x.data())",
    );
    expect(formatTensor({ ...base, disposed: true, dataSync })).toBe(
      "Tensor(float32, [2]) (disposed)",
    );
  });

  it("does not hide other errors", () => {
    expect(() => formatTensor({ ...base, dataSync: fail(new Error("bug")) })).toThrow("bug");
  });
});

describe("toNested", () => {
  it.each([
    [toNested(Float32Array.of(1.5), [], "float32"), 1.5],
    [toNested(Uint8Array.of(1, 0), [2], "bool"), [true, false]],
    [
      toNested(Int32Array.of(1, 2, 3, 4), [2, 2], "int32"),
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [toNested(new Float32Array(0), [2, 0], "float32"), [[], []]],
    [toNested(new Float32Array(0), [0, 2], "float32"), []],
  ])("%j", (received, expected) => expect(received).toEqual(expected));
});
