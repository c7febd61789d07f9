/** @file Histograms beside NumPy's, dtypes and bad calls of statistics. */
import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const F = { dtype: "float64" } as const;
const ints = (...values: number[]) => t.tensor(values, { dtype: "int32" });

describe("histogram", () => {
  forEachDevice(["cpu", "reference"], (device) => {
    const x = () => t.tensor([0, 1, 1, 2.5, 4, 4, -3], { ...F, device });
    const shown = ({ counts, edges }: t.Histogram) => [counts.toArray(), edges.toArray()];

    // np.histogram(x, …), NumPy 1.24
    it("counts as NumPy does", () => {
      expect(shown(t.histogram(x(), { bins: 4 }))).toEqual([
        [1, 1, 2, 3],
        [-3, -1.25, 0.5, 2.25, 4],
      ]);
      expect(shown(t.histogram(x(), { bins: 2, range: [0, 4] }))).toEqual([
        [3, 3],
        [0, 2, 4],
      ]);
      const edges = t.tensor([0, 1, 2, 4], { ...F, device });
      expect(shown(t.histogram(x(), { bins: edges }))[0]).toEqual([1, 2, 3]);
      expect(t.histogram(x(), { bins: edges, density: true }).counts.toArray()).toEqual([
        1 / 6,
        2 / 6,
        3 / 6 / 2,
      ]);
      const weights = t.tensor([1, 2, 3, 4, 5, 6, 7], { ...F, device });
      expect(t.histogram(x(), { bins: edges, weights }).counts.toArray()).toEqual([1, 5, 15]);
      expect(t.histogram(x()).counts.shape).toEqual([10]);
    });

    it("of one value, of nothing, and of NaN", () => {
      expect(shown(t.histogram(t.tensor([2, 2], { ...F, device }), { bins: 2 }))).toEqual([
        [0, 2],
        [1.5, 2, 2.5],
      ]);
      const none = t.histogram(t.zeros(0, { ...F, device }), { bins: 2 });
      expect(shown(none)).toEqual([
        [0, 0],
        [0, 0.5, 1],
      ]);
      const holes = t.tensor([Number.NaN, 1, 9], { ...F, device });
      expect(t.histogram(holes, { bins: 1, range: [0, 2] }).counts.toArray()).toEqual([1]);
    });
  });

  it("has the dtypes of its operands", () => {
    const { counts, edges } = t.histogram(ints(1, 2, 3));
    expect([counts.dtype, edges.dtype]).toEqual(["int32", "float32"]);
    expect(t.histogram(t.ones(2), { weights: t.ones(2) }).counts.dtype).toBe("float32");
  });
});

describe("statistics", () => {
  it("make floats of integers", () => {
    expect(t.median(ints(1, 2)).item()).toBe(1.5);
    expect(t.cov(ints(1, 2, 3)).item()).toBe(1);
    expect(t.trapezoid(ints(1, 2, 4)).item()).toBe(4.5);
    expect(t.convolve(ints(1, 2), ints(3, 4)).dtype).toBe("int32");
  });

  it("of infinities and NaN", () => {
    const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
    expect(t.median(t.tensor([1, inf, inf])).item()).toBe(inf);
    expect(t.quantile(t.tensor([inf, inf]), 0.5).item()).toBe(inf);
    expect(t.median(t.tensor([1, nan])).item()).toBeNaN();
    expect(t.nanMedian(t.tensor([nan, nan])).item()).toBeNaN();
    expect(t.quantile(t.tensor([1, nan]), [0, 1]).toArray()).toEqual([nan, nan]);
  });

  it.each([
    ["quantile: 2 is no share from 0 to 1", () => t.quantile(t.ones(2), 2)],
    ["quantile: -0.1 is no share", () => t.quantile(t.ones(2), [0.5, -0.1])],
    ["percentile: 101 is no share from 0 to 100", () => t.percentile(t.ones(2), 101)],
    ['quantile: "half" is no share', () => t.quantile(t.ones(2), "half" as never)],
    [
      'quantile: there is no method "cubic"',
      () => t.quantile(t.ones(2), 0.5, { method: "cubic" as never }),
    ],
    ["median: nothing to order in a tensor of shape [0]", () => t.median(t.zeros(0))],
    ['median: has no option "method"', () => t.median(t.ones(2), { method: "lower" } as never)],
    ["nanQuantile: axis 1", () => t.nanQuantile(t.ones(2), 0.5, { axis: 1 })],
    ["bincount: number 1 is -1", () => t.bincount(ints(0, -1))],
    ["bincount: indices are float32", () => t.bincount(t.ones(2))],
    [
      "bincount: the tensor [1, 2] is not 1-d",
      () => t.bincount(t.zeros([1, 2], { dtype: "int32" })),
    ],
    ["bincount: weights [3] for [2]", () => t.bincount(ints(0, 1), { weights: t.ones(3) })],
    ["bincount: minLength is -1", () => t.bincount(ints(0), { minLength: -1 })],
    [
      "index 5 (number 0 of the indices) is outside of [0, 2)",
      () => t.bincount(ints(5), { length: 2 }),
    ],
    ["histogram: bins is 0", () => t.histogram(t.ones(2), { bins: 0 })],
    ["histogram: the range is", () => t.histogram(t.ones(2), { range: [2, 1] })],
    ["histogram: weights [3] for [2]", () => t.histogram(t.ones(2), { weights: t.ones(3) })],
    ["digitize: bins [1, 2] is not 1-d", () => t.digitize(t.ones(2), t.ones([1, 2]))],
    ["argwhere: a 0-d tensor", () => t.argwhere(t.tensor(1))],
    [
      "index 3 (number 0 of the indices) is outside of [0, 2)",
      () => t.unravelIndex(ints(7), [2, 2]),
    ],
    ["is outside of [0, 2)", () => t.unravelIndex(ints(-1), [2, 2])],
    [
      "ravelMultiIndex: 1 tensors for the 2 axes of [2, 2]",
      () => t.ravelMultiIndex([ints(0)], [2, 2]),
    ],
    ["is outside of [0, 2)", () => t.ravelMultiIndex([ints(0), ints(2)], [2, 2])],
    ["cov: [1, 2, 3] is no matrix", () => t.cov(t.ones([1, 2, 3]))],
    ["cov: 2 observations of x, 3 of y", () => t.cov(t.ones(2), { y: t.ones(3) })],
    ["cov: weights [3] for 2 observations", () => t.cov(t.ones(2), { fweights: t.ones(3) })],
    ["trapezoid: places [2] for [3]", () => t.trapezoid(t.ones(3), { x: t.ones(2) })],
    ["trapezoid: places x and dx 2", () => t.trapezoid(t.ones(3), { x: t.ones(3), dx: 2 })],
    ["convolve: [2, 2] and [2]", () => t.convolve(t.ones([2, 2]), t.ones(2))],
    ["convolve: [0] and [2]", () => t.convolve(t.zeros(0), t.ones(2))],
    [
      'correlate: there is no mode "all"',
      () => t.correlate(t.ones(2), t.ones(2), { mode: "all" as never }),
    ],
  ])("refuse: %s", (says, call) => {
    expect(call).toThrow(says);
  });
});
