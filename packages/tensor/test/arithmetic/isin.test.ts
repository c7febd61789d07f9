/** @file isin as NumPy has it, and searching for numbers. */
import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const { NaN: nan } = Number;

describe("isin", () => {
  forEachDevice(["cpu", "reference"], (device) => {
    const on = (values: number[] | number[][] | number, dtype: t.DType = "float32") =>
      t.tensor(values, { dtype, device });

    // np.isin(x, values), NumPy 1.24
    it.each<[string, () => t.Tensor, () => t.Tensor | number, unknown]>([
      ["numbers", () => on([1, 2, 3, 2]), () => on([2, 5]), [false, true, false, true]],
      [
        "a matrix among a matrix",
        () =>
          on([
            [1, 2],
            [3, 4],
          ]),
        () => on([[4], [1]]),
        [
          [true, false],
          [false, true],
        ],
      ],
      ["a number", () => on([1, 2]), () => 2, [false, true]],
      ["a 0-d tensor", () => on(2), () => on([1, 2]), true],
      ["nothing among nothing", () => on([]), () => on([]), []],
      ["nothing to be among", () => on([1, 2]), () => on([]), [false, false]],
      ["NaN, which equals nothing", () => on([nan, 1]), () => on([nan, 1]), [false, true]],
      ["zeros of both signs", () => on([0, -0]), () => on([-0]), [true, true]],
      [
        "infinities",
        () => on([-Infinity, Infinity, 0]),
        () => on([Infinity, nan]),
        [false, true, false],
      ],
      [
        "integers among floats, exactly",
        () => on([16777217, 3], "int32"),
        () => on([16777216, 3]),
        [false, true],
      ],
      ["bools", () => on([1, 0], "bool"), () => on([1], "bool"), [true, false]],
      [
        "many",
        () => on([7, -1, 12, 5]),
        () => on([9, 5, 5, 7, 1, 0, -3, 12]),
        [true, false, true, true],
      ],
    ])("%s", (_, x, values, expected) => {
      const found = t.isin(x(), values());
      expect(found.dtype).toBe("bool");
      expect(found.toArray()).toEqual(expected);
      const not = (v: unknown): unknown => (Array.isArray(v) ? v.map(not) : !v);
      expect(t.isin(x(), values(), { invert: true }).toArray()).toEqual(not(expected));
    });
  });

  it("takes a number among a tensor", () => {
    expect(t.isin(3, t.tensor([1, 3])).toArray()).toBe(true);
    expect(t.isin(2.5, t.tensor([1, 3], { dtype: "int32" })).toArray()).toBe(false);
  });

  it("refuses what it does not know", () => {
    expect(() => t.isin("a" as never, t.ones(1))).toThrow("isin: needs a tensor");
    expect(() => t.isin(t.ones(1), [1] as never)).toThrow("isin: needs a tensor");
    expect(() => t.isin(t.ones(1), 1, { inverse: true } as never)).toThrow(
      'isin: has no option "inverse"',
    );
    expect(() => t.isin(t.ones(1), 1, { invert: 1 } as never)).toThrow("isin: ");
  });
});

// np.searchsorted([1, 2, 2, 3], 2), side="right"
it("searchsorted finds the place of a number", () => {
  const sorted = t.tensor([1, 2, 2, 3]);
  expect(t.searchsorted(sorted, 2).item()).toBe(1);
  expect(t.searchsorted(sorted, 2, { side: "right" }).item()).toBe(3);
  expect(t.searchsorted(t.tensor([1, 2], { dtype: "int32" }), 1.5).item()).toBe(1);
  expect(() => t.searchsorted(sorted, "2" as never)).toThrow("searchsorted: needs a tensor");
});
